"""Cutting texts into words to search by, alike for what is stored and what is asked."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage import search
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


def plainly(texts: list[str]) -> list[str]:
    """What ``lexemes`` says, word by word, each as if it were the first."""
    found: dict[str, None] = {}
    for text in texts:
        for word in search._WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
            for piece in (word, *search._PARTS.split(word)):
                found.update(dict.fromkeys(search._cut(piece)))
            if len(found) >= search._MOST:
                return list(found)[: search._MOST]
    return list(found)


LIKELY = st.text(st.sampled_from("aAbZ09-/_ .,'ßÉéİﬁＡ宽带が한\u0345"), max_size=300)


@given(st.lists(LIKELY | st.text(max_size=200) | st.text(st.characters(max_codepoint=127), max_size=300)))
@example(["a" * 98 + "-b/c " + "a" * 98 + "-b", "a" * 98 + "-b"])
@example([" ".join(f"{n}-{n} {n}" for n in range(3000))])
def test_taking_shortcuts_finds_the_same_words_in_the_same_order(texts: list[str]) -> None:
    assert lexemes(texts) == plainly(texts)
