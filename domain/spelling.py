"""Words that were misspelt: what was meant, in the words of a message."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches


def one_of(words: Iterable[str]) -> str:
    """The words as a list for a message: ``a, b or c``."""
    known = list(words)
    if len(known) < 2:
        return known[0] if known else "nothing"
    return f"{', '.join(known[:-1])} or {known[-1]}"


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that a misspelt one is most like; empty when it is like none."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.7)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a misspelt word: the nearest known one, else all of them."""
    words = list(known)
    near = nearest(word, words)
    return f"did you mean {near!r}?" if near else f"use {one_of(words)}"


def nearest_first(word: str, known: Iterable[str]) -> list[str]:
    """The known words, the most like a misspelt one first."""
    return sorted(known, key=lambda one: (-SequenceMatcher(None, one, word).ratio(), one))
