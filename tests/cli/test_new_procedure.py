"""`putright procedure new`: by options, and by answering what it asks."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from domain.worktime import Limit
from procedures.loader import load_procedure
from tests.cli.conftest import Putright


class Keyboard(io.StringIO):
    """Somebody who sits at a terminal and types some lines."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def test_what_is_said_is_not_asked_and_an_existing_file_is_left(putright: Putright) -> None:
    ran = await putright(
        *("procedure", "new", "corner-shop", "--title", "en=Corner shop", "--title", "zh=街角小店"),
        *("--kinds", "Goods / 商品, Service / 服务", "--approval", "50", "--calls", "0", "--yes"),
    )
    assert "wrote corner-shop.yaml" in ran.out
    found = load_procedure(Path("corner-shop.yaml"))
    assert found.vocabulary["kind"] == ("goods", "service")
    assert found.languages == ("en", "zh")
    before = load_procedure(Path("corner-shop.yaml"))
    assert "is there already" in (await putright("procedure", "new", "corner-shop", code=2)).err
    assert load_procedure(Path("corner-shop.yaml")) == before


@pytest.mark.parametrize(
    ("option", "said", "words"),
    [
        ("--timezone", "Mars/Base", "unknown time zone"),
        ("--hours", "nine to five", "an interval is written"),
        ("--hours", "mon-fri", "write days and hours"),
        ("--holidays", "zz", "no holidays known"),
        ("--answer", "soon", "is not a time limit"),
        ("--approval", "lots", "must be a number"),
        ("--calls", "many", "a number from 0 to 20"),
        ("--title", "fr=Plaintes", "no ready texts in fr"),
        ("--prefix", "too long a prefix", "cannot begin a reference"),
        ("--kinds", " , ", "name at least one kind"),
    ],
)
async def test_what_cannot_be_used_is_said_and_nothing_is_written(
    putright: Putright, option: str, said: str, words: str
) -> None:
    ran = await putright("procedure", "new", "shop", option, said, code=2)
    assert words in ran.err
    assert option in ran.err
    with pytest.raises(FileNotFoundError):
        load_procedure(Path("shop.yaml"))


async def test_a_name_that_cannot_be_one_is_refused_at_once(putright: Putright) -> None:
    assert "hyphens" in (await putright("procedure", "new", "Corner_Shop", code=2)).err


async def test_questions_are_asked_until_they_are_answered_rightly(
    putright: Putright, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = ["en=Corner shop", "Byrne & Daly", "SHOP", "Dublin", "Europe/Dublin", "", "ie", "Goods, Service"]
    monkeypatch.setattr("sys.stdin", Keyboard("\n".join([*typed, "1wd", "", "50", "1"]) + "\n"))
    ran = await putright("procedure", "new", "corner-shop")
    assert "unknown time zone 'Dublin'" in ran.out
    found = load_procedure(Path("corner-shop.yaml"))
    assert (found.organisation, found.calendar.timezone) == ("Byrne & Daly", "Europe/Dublin")
    assert found.clock("answer").limits[0][1] == Limit.parse("1wd")
    assert found.step("callback").callback is not None
