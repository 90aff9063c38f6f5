"""What `putright up` shows: whole addresses and tokens, however narrow the terminal is."""

import io

import pytest
from rich.console import Console

from local.demo import DemoPerson
from local.stack import show_table

PEOPLE = [DemoPerson(role, name, 43 * role[0]) for role, name in (("agent", "Ann"), ("unit_head", "Ursula"))]
PLACES = {"API": "http://127.0.0.1:8080", "Data and logs": "/home/somebody/with/a/folder/" + 60 * "x"}


def shown(width: int, places: dict[str, str]) -> str:
    output = io.StringIO()
    show_table(Console(file=output, width=width, soft_wrap=True), places, PEOPLE)
    return output.getvalue()


@pytest.mark.parametrize("width", [20, 40, 80, 100, 200])
@pytest.mark.parametrize("places", [PLACES, {"API": PLACES["API"]}])
def test_nothing_is_cut_or_broken(width: int, places: dict[str, str]) -> None:
    text = shown(width, places)
    assert "…" not in text
    lines = text.splitlines()
    for whole in (*places.values(), *(person.token for person in PEOPLE)):
        assert any(whole in line for line in lines), f"{whole} is not whole in\n{text}"


def test_a_table_where_it_fits_and_names_where_they_fit_too() -> None:
    short = {"API": PLACES["API"]}
    assert "│ agent: Ann " in shown(80, short)
    assert "│ agent " in shown(62, short)
    assert "│" not in shown(40, short)
