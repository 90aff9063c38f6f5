"""Words to search by: the same cutting for what is stored and for what is asked.

Latin words and numbers are kept whole; Chinese, which has no blanks, is cut into pairs of characters.
"""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+(?:[-/][^\W_]+)*")
_HAN = re.compile(r"[\u2e80-\u2fdf\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]+")
_ASKED = re.compile(rf"({_WORD.pattern})(\*?)")
_BEGINNING = 3  # shorter beginnings fit too many words
_PARTS = re.compile(r"[-/]")
_LONGEST = 100  # characters of a word that count; PostgreSQL keeps lexemes up to 2 KB
_MOST = 2000  # words of one complaint that count


def lexemes(texts: Iterable[str]) -> list[str]:
    """The distinct words of some texts, for storing. ``SI-2026-17`` gives itself and its parts."""
    found: dict[str, None] = {}
    for text in texts:
        for word in dict.fromkeys(_WORD.findall(_folded(text))):
            if word.isalnum() and word.isascii():  # most words: nothing to cut, no parts
                found[word[:_LONGEST]] = None
            else:
                for piece in (word, *_PARTS.split(word)):
                    found.update(dict.fromkeys(_cut(piece)))
            if len(found) >= _MOST:
                return list(found)[:_MOST]
    return list(found)


def tsquery(asked: str) -> str:
    """What a person typed, as a query in which every word must occur; empty when there is nothing to seek.

    A word that ends in ``*`` stands for all that begin like it, if at least three characters are given;
    so does a single Chinese character, because texts are kept in pairs.
    """
    terms: list[str] = []
    for word, star in _ASKED.findall(_folded(asked)):
        han = bool(_HAN.search(word))
        pieces = [piece for piece in _cut(word) if len(piece) > 1 or piece == word] if han else [word]
        begins = (star and len(word) >= _BEGINNING and not han) or (han and len(word) == 1)
        terms += [_quoted(piece[:_LONGEST]) + (":*" if begins else "") for piece in pieces]
    return " & ".join(dict.fromkeys(terms))


def word_pattern(asked: str) -> str:
    """A regular expression for folded texts with any of the words of ``tsquery(asked)``; empty for none."""
    found = []
    for word, star in _ASKED.findall(_folded(asked)):
        for piece in dict.fromkeys((word, *_PARTS.split(word), *_cut(word))):
            if piece and _HAN.search(piece):
                found.append(piece)
            elif piece:
                end = "" if star else "(?![[:alnum:]])"
                found.append(f"(?<![[:alnum:]]){re.escape(piece)}{end}")
    return "|".join(dict.fromkeys(found))


def _cut(word: str) -> list[str]:
    """A word as it is, or the pairs of characters of the Chinese in it beside the rest."""
    pieces: list[str] = []
    rest = 0
    for run in _HAN.finditer(word):
        pieces.append(word[rest : run.start()])
        han = run.group()
        pieces += [han[i : i + 2] for i in range(len(han) - 1)] or [han]
        rest = run.end()
    pieces.append(word[rest:])
    return [piece[:_LONGEST] for piece in pieces if piece]


def _quoted(piece: str) -> str:
    return "'" + piece.replace("'", "''").replace("\\", "\\\\") + "'"


def _folded(text: str) -> str:
    # What is ASCII is in normal form, and its letters have no other folded form than the small ones.
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
