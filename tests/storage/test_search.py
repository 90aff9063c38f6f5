"""Cutting texts into words to search by, alike for what is stored and what is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search import lexemes, tsquery


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SI-2026-17", ["si-2026-17", "si", "2026", "17"]),
        ("Straße CAFÉ", ["strasse", "café"]),
        ("宽带故障", ["宽带", "带故", "故障"]),
        ("iPhone手机", ["iphone", "手机"]),
        ("我", ["我"]),
        ("ＡＢＣ", ["abc"]),
        ("_-'/", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert lexemes([text]) == words


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        ("bill wro", "'bill' & 'wro'"),
        ("bi* wro*", "'bi' & 'wro':*"),
        ("宽带故障", "'宽带' & '带故' & '故障'"),
        ("宽", "'宽':*"),
        ("SI-2026 si-20*", "'si-2026' & 'si-20':*"),
        (" & ", ""),
        ("bill bill", "'bill'"),
    ],
)
def test_queries(asked: str, query: str) -> None:
    assert tsquery(asked) == query


@given(st.text(max_size=200))
def test_nothing_typed_breaks_out_of_its_quotes(asked: str) -> None:
    for term in tsquery(asked).split(" & "):
        assert "'" not in term.removesuffix(":*").strip("'")


def test_a_long_text_gives_a_bounded_number_of_words() -> None:
    assert len(lexemes([" ".join(map(str, range(10_000)))])) <= 2_000
