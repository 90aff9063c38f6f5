"""A complaint always has a line for lists: the one given, else how the story begins, else the procedure's."""

import pytest

from domain.title import LONGEST, title_of

STORY = "Since March my bill shows 29 CNY for a game that I have never used and that nobody can explain."


@pytest.mark.parametrize(
    ("given", "summary", "title"),
    [
        ("Charged twice", STORY, "Charged twice"),
        ("  Charged twice\n", "", "Charged twice"),
        (" \t ", "Charged  twice\n in March", "Charged twice"),
        ("", "\n \nCharged twice", "Charged twice"),
        ("", STORY, "Since March my bill shows 29 CNY for a game that I have never used and that…"),
        ("", "费" * 100, "费" * (LONGEST - 1) + "…"),
        ("", "x" * LONGEST, "x" * LONGEST),
        ("", "a " + "x" * 100, "a " + "x" * (LONGEST - 3) + "…"),
        ("", " \n\t", "Complaint"),
        ("", "", "Complaint"),
    ],
)
def test_a_line_for_lists(given: str, summary: str, title: str) -> None:
    made = title_of(given, summary, "Complaint")
    assert made == title
    assert len(made) <= max(LONGEST, len(given))
