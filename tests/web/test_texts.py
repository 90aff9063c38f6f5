"""The texts of the pages: complete in both languages, and none that nothing shows."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from string import Formatter

import pytest

from domain.complaint import Status
from settings import ROOT
from web import texts
from web.forms import FORMS


@pytest.mark.parametrize("key", sorted(texts._TEXTS))
def test_both_languages_say_the_same_things(key: str) -> None:
    english, chinese = texts._TEXTS[key]
    names = [{name for _, name, _, _ in Formatter().parse(said) if name} for said in (english, chinese)]
    assert names[0] == names[1]
    assert re.search("[A-Za-z]{2}", english)
    assert re.search("[一-鿿]", chinese)
    assert not re.search("[一-鿿]", english)


def test_there_is_a_text_for_every_status_and_every_field() -> None:
    wanted = [f"{part}.{status.value}" for status in Status for part in ("status", "next")]
    wanted += [f"done.{verb}" for verb in FORMS]
    wanted += [f"{verb}.{one.name}" for verb, fields in FORMS.items() for one in fields]
    assert set(wanted) <= set(texts._TEXTS)


def test_every_plain_key_is_used() -> None:
    web = ROOT / "web"
    sources = "".join(p.read_text("utf-8") for p in [*web.glob("*.html"), *web.rglob("*.html")])
    plain = [key for key in texts._TEXTS if "." not in key and key not in FORMS]
    assert [key for key in plain if f't("{key}"' not in sources and f'"{key}"' not in sources] == []


def test_instants_are_written_as_the_language_does() -> None:
    at = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    assert texts.instant("en", at) == "2 March 2026, 09:05"
    assert texts.instant("zh", at) == "2026年3月2日 09:05"


@pytest.mark.parametrize(
    ("wishes", "language"), [(("", "zh-Hans"), "zh"), (("fr", "EN-gb"), "en"), ((), "en"), (("fr",), "en")]
)
def test_the_first_language_there_is(wishes: tuple[str, ...], language: str) -> None:
    assert texts.spoken(*wishes) == language
