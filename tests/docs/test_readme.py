"""What README, CONTRIBUTING and docs/ name is there: links, targets, commands, settings, paths, bodies."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import unquote, urlsplit

import pytest
import typer
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api.app import ROUTERS
from cli_commands.application import app
from cli_commands.values import body_of
from settings import ROOT, Settings
from workflows.registry import SEARCH_ATTRIBUTES

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {str(page.relative_to(ROOT)): page.read_text("utf-8") for page in PAGES}

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
INDENTED = re.compile(r"^(?: {4,6})(\S.*)$", re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")
WEB = re.compile(r"http://127\.0\.0\.1:8080(/[^\s'\"]*)")
NOT_OURS = {"PUTRIGHT_URL", "PUTRIGHT_TOKEN", "PUTRIGHT_DB_PASSWORD", "PUTRIGHT_VERSION"}
"""Variables of the command line and of docker-compose.yml, which are no settings."""


def command_lines(text: str) -> Iterator[str]:
    """Every line a reader is to type: after `$ ` in a console block, indented, or between backticks."""
    for _, _, block in FENCE.findall(text):
        typed = ""
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            if typed:
                typed += f" {line.strip()}"
            elif line.lstrip().startswith("$ "):
                typed = line.lstrip()[2:]
            if typed and is_whole(typed):
                yield typed
                typed = ""
    outside = FENCE.sub("", text)
    yield from INDENTED.findall(re.sub(r"\\\n\s*", " ", outside))
    yield from INLINE.findall(outside)


def is_whole(line: str) -> bool:
    """Whether no quotation is left open, as where JSON goes on in the next line."""
    try:
        shlex.split(line, comments=True)
    except ValueError:
        return False
    return True


def parts_of(line: str) -> Iterator[list[str]]:
    """The simple commands of a line, without what is assigned before them; none when it is no shell."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return
    part: list[str] = []
    for word in [*words, ";"]:
        if word in ("|", "&&", ";", "&", ">", "<"):
            while part and re.fullmatch(r"[A-Z_]+=.*|\$?\(?", part[0]):
                part.pop(0)
            if part:
                yield part
            part = []
        else:
            part.append(word)


def commands(name: str) -> list[tuple[str, list[str]]]:
    """Every call of one program in the pages, with the page it stands on."""
    return [
        (page, part[1:])
        for page, text in TEXTS.items()
        for line in command_lines(text)
        for part in parts_of(line)
        if part[0].rpartition("/")[2] == name
    ]


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Any) -> None:
    broken = []
    for link in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if urlsplit(link).scheme:
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            broken.append(link)
    assert broken == []


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for _, words in commands("make") for word in words if re.fullmatch(r"[a-z-]+", word)}
    assert {"up", "test"} <= named
    assert named <= targets


def test_every_putright_command_line_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is parsed by the command itself, options and arguments; nothing is run."""
    monkeypatch.chdir(tmp_path)
    root = typer.main.get_command(app)
    calls = [call for call in commands("putright") if call[1] and call[1][0] not in ("…", "--help")]
    assert len(calls) > 20
    for page, words in calls:
        rest, command = list(words), root
        while rest and hasattr(command, "commands"):
            assert rest[0] in command.commands, f"{page}: putright {' '.join(words)}"
            command = command.commands[rest.pop(0)]
        given = [word for word in rest if word != "…"]
        if not given or given == ["--help"]:
            continue  # only named, as in a sentence
        for name in (word for word in given if re.fullmatch(r"FILE|[\w-]+\.(csv|yaml)", word)):
            (tmp_path / name).touch()
        context = command.make_context("putright", given)
        if words[0] == "act" and context.params["words"]:
            assert body_of(context.params["verb"], context.params["words"])


def test_every_setting_named_exists() -> None:
    fields = Settings.model_fields
    names = {field.validation_alias or f"PUTRIGHT_{name.upper()}" for name, field in fields.items()}
    for page, text in TEXTS.items():
        named = set(re.findall(r"\b(?:PUTRIGHT|SMTP)_[A-Z_]+[A-Z]\b|\bDATABASE_URL\b", text))
        assert named - NOT_OURS <= names, page


def routes() -> list[APIRoute]:
    """Every route of the API."""
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def route_of(method: str, address: str) -> APIRoute | None:
    """The route that answers; a shell variable may stand for any part of the path."""
    path = re.sub(r"\$\{?\w+\}?", "x", address.partition("?")[0])
    matching = [r for r in routes() if method in r.methods and r.path_regex.match(path)]
    return matching[0] if matching else None


def calls() -> list[tuple[str, str, str]]:
    """Every call of curl in the pages: method, path and body."""
    found = []
    for _, words in commands("curl"):
        options = dict(pairwise(words))
        body = options.get("-d", "")
        method = options.get("-X", "POST" if body else "GET")
        address = next(word for word in words if "://" in word or word.startswith("$"))
        path = re.sub(r"^\$API\b", "/api/v1", address)
        path = re.sub(r"^http://127\.0\.0\.1:8080", "", path)
        if path.startswith("/"):
            found.append((method, path, body))
    return found


def test_every_call_of_the_api_finds_its_route_and_fits_it() -> None:
    assert len(calls()) > 5
    for method, path, body in calls():
        if path in ("/openapi.json", "/docs"):
            continue
        route = route_of(method, path)
        assert route is not None, f"{method} {path}"
        if body:
            wanted = get_type_hints(route.endpoint, include_extras=True)["body"]
            TypeAdapter(wanted).validate_python(json.loads(body), strict=False)


def test_every_search_attribute_named_exists() -> None:
    for page, text in TEXTS.items():
        named = set(re.findall(r"\bComplaint(?:Status|[A-Z]\w+)\b(?=\s*(?:=|>|<|IS|IN\b|`))", text))
        assert named - {"ComplaintWorkflow"} <= set(SEARCH_ATTRIBUTES), page


def test_the_picture_is_small() -> None:
    for picture in (ROOT / "docs" / "images").glob("*.png"):
        assert picture.stat().st_size <= 300 * 1024, picture.name
