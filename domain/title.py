"""The line a list shows of a complaint."""

from __future__ import annotations

LONGEST = 80
"""Characters of a title that is made from a story; Chinese says twice as much in them."""


def title_of(given: str, summary: str, otherwise: str) -> str:
    """The title somebody gave, else how the story begins, else ``otherwise``; never blank unless that is.

    Of the story its first line that says something, cut between words with an ellipsis where it is longer.
    """
    if given.strip():
        return given.strip()
    first = next((line for line in map(" ".join, map(str.split, summary.splitlines())) if line), "")
    if len(first) <= LONGEST:
        return first or otherwise
    begun = first[:LONGEST]
    words, blank, _ = begun.rpartition(" ")
    return f"{words if blank and len(words) > LONGEST // 2 else begun[:-1]}…"
