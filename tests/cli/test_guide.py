"""The guide's chapter that begins from nothing: everything it shows is typed, and comes out so."""

from __future__ import annotations

import asyncio
import re
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from procedures.diagram import DOCS
from procedures.loader import load_procedure
from tests.cli.conftest import Putright

GUIDE = (DOCS / "writing-a-procedure.md").read_text("utf-8")
CHAPTER = GUIDE.partition("## From nothing to a closed complaint")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", CHAPTER, re.DOTALL)
COMMENTED_PART = r"(?m)^(?:# [^\n]*\n)?{name}:.*\n(?:(?: .*)?\n)*"


def replaced(file: str, part: str) -> str:
    """The file with the part of the same name, and its comment, in place of its own."""
    (name,) = re.findall(r"^([a-z]+):", part, re.MULTILINE)
    changed, count = re.subn(COMMENTED_PART.format(name=name), lambda _: f"{part}\n", file)
    assert count == 1, name
    return changed


def shown(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a console block, each with what it printed."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(first, rest) for first, *rest in (part.splitlines() for part in parts)]


def fits(told: list[str], printed: list[str]) -> bool:
    """Whether what the page shows is what was printed; ``…`` stands for anything."""
    pattern = "\n".join(told).replace("SHOP-2026-", f"SHOP-{datetime.now(UTC).year}-")
    return re.fullmatch(re.escape(pattern).replace("…", "(?s:.*)"), "\n".join(printed).strip()) is not None


async def typed(putright: Putright, command: str) -> list[str]:
    """What a command of the page prints, on either stream."""
    words = shlex.split(command.replace("SHOP-2026-", f"SHOP-{datetime.now(UTC).year}-"))
    if words[0] != "putright":
        await asyncio.to_thread(subprocess.run, words, check=True)
        return []
    ran = await putright(*words[1:], code=None)
    return (ran.out + ran.err).splitlines()


async def test_a_procedure_from_nothing_as_the_guide_tells_it(
    installed: Putright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "corner-shop.yaml"
    otherwise: list[str] = []
    for language, block in BLOCKS:
        if language == "yaml":
            if block.startswith("organisation:"):
                (tmp_path / "people.yaml").write_text(block)
            else:
                file.write_text(replaced(file.read_text(), block))
            continue
        for command, told in shown(block):
            printed = await typed(installed, command)
            if not fits(told, printed):
                otherwise.append("\n".join([f"$ {command}", *printed]))
    assert otherwise == [], "\n".join(["the page shows something else than", *otherwise])
    assert load_procedure(file).step("approve").when != load_procedure(file).step("propose").when
    assert len(BLOCKS) == 8
