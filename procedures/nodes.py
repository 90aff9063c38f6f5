"""Reading YAML by its nodes, so that every value knows the line it was written on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml

from domain.worktime import Limit, LimitError
from procedures.problems import Findings, Place, did_you_mean, one_of

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 40
"""How deep tables and lists may lie in each other; a procedure needs about ten."""
Known = TypeVar("Known", bound=str)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_BOOL = "tag:yaml.org,2002:bool"
_TRUE = ("true", "yes", "on")
_NEVER_WORDS = ("true", "yes", "on", "false", "no", "off", "null")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the file. The readers note what is wrong and then return something harmless."""

    node: yaml.Node
    file: str
    findings: Findings

    @property
    def place(self) -> Place:
        """Where the value stands."""
        return Place(self.file, self.node.start_mark.line + 1)

    def wrong(self, code: str, message: str) -> None:
        """Note a problem with this value."""
        self.findings.add(self.place, code, message)

    @property
    def is_table(self) -> bool:
        """Whether the value is a table of keys."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """Whether the value is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    def table(self, known: Iterable[str] = ()) -> Table:
        """The value as a table; keys other than ``known`` are problems unless ``known`` is empty."""
        rows: dict[str, tuple[Entry, Entry]] = {}
        keys = tuple(known)
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong("type", f"this must be a table of 'name: value' lines, not {_shown(self.node)}")
            return Table(self, rows)
        for key_node, value_node in self.node.value:
            key = Entry(key_node, self.file, self.findings)
            name = key.text()
            if name in rows:
                key.wrong(
                    "duplicate", f"{name!r} is written twice; the first is in line {rows[name][0].place.line}"
                )
            elif keys and name not in keys:
                key.wrong("unknown_key", f"unknown key {name!r}: {_hint(name, keys, self.node, value_node)}")
            else:
                rows[name] = (key, Entry(value_node, self.file, self.findings))
        return Table(self, rows)

    def named(self) -> Iterator[tuple[str, Entry, Entry]]:
        """The rows of a table whose keys are names the author chose: name, key and value of each."""
        for name, (key, value) in self.table().rows.items():
            if key.is_word():
                yield name, key, value

    def items(self) -> list[Entry]:
        """The elements of a list; a single value counts as a list of one."""
        if isinstance(self.node, yaml.SequenceNode):
            return [Entry(node, self.file, self.findings) for node in self.node.value]
        return [self]

    def text(self) -> str:
        """The value as text, exactly as typed; empty text is a problem."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.wrong("type", f"this must be a single value, not {_shown(self.node)}")
            return ""
        if not self.node.value.strip():
            self.wrong("empty", "there is nothing here; write a value or remove the line")
        return str(self.node.value).strip()

    def texts(self) -> tuple[str, ...]:
        """One or more texts; the same one twice is a problem."""
        found: list[str] = []
        for item in self.items():
            text = item.text()
            if text and text in found:
                item.wrong("duplicate", f"{text!r} stands here twice")
            elif text:
                found.append(text)
        if not self.items():
            self.wrong("empty", "the list is empty")
        return tuple(found)

    def condition_value(self) -> str:
        """The value as conditions compare it: yes, on and true are all ``true``."""
        text = self.text()
        if self.node.tag == _BOOL:
            return "true" if text.lower() in _TRUE else "false"
        return text

    def is_word(self) -> bool:
        """Whether the value can be a name: lower-case letters, digits and underscores."""
        text = self.text()
        good = bool(_WORD.fullmatch(text)) and text not in _NEVER_WORDS
        if text and not good:
            self.wrong(
                "name",
                f"{text!r} cannot be a name: use up to 40 lower-case letters, digits and _, "
                "beginning with a letter, and none of yes, no, on, off, true, false, null",
            )
        return good

    def choice(self, known: Iterable[Known]) -> Known:
        """One of the known words; anything else is a problem, and the first of them is taken."""
        words, text = tuple(known), self.text()
        for word in words:
            if word == text:
                return word
        if text:
            self.wrong("word", f"{text!r} is not possible here: {did_you_mean(text, words)}")
        return words[0]

    def yes_no(self) -> bool:
        """``true`` or ``false``."""
        text = self.text().lower()
        if self.node.tag != _BOOL:
            self.wrong("type", f"write true or false, not {text!r}")
        return text in _TRUE

    def whole(self, low: int, high: int) -> int:
        """A whole number between the two bounds, both included."""
        text = self.text()
        if not re.fullmatch(r"-?[0-9]{1,9}", text):
            self.wrong("type", f"this must be a whole number, not {text!r}")
            return low
        if not low <= int(text) <= high:
            self.wrong("range", f"{text} is out of range: from {low} to {high}")
            return low
        return int(text)

    def number(self) -> str:
        """A decimal number, as text."""
        text = self.text()
        try:
            good = Decimal(text).is_finite()
        except InvalidOperation:
            good = False
        if not good:
            self.wrong("type", f"this must be a number, not {text!r}")
            return "0"
        return text

    def limit(self) -> Limit:
        """A length of time such as ``24h``, ``8wh``, ``3wd``; more than nothing."""
        text = self.text()
        try:
            limit = Limit.parse(text)
        except LimitError:
            self.wrong(
                "limit",
                f"{text!r} is not a time limit: write a number and a unit, such as 30m, 24h (hours), "
                "8wh (working hours), 3wd (working days), 15d (days) or 2w (weeks)",
            )
            return Limit(1, "h")
        if limit.amount == 0 or _too_long(limit):
            self.wrong("limit", f"{text!r} is out of range: more than nothing and at most ten years")
            return Limit(1, "h")
        return limit

    def plain(self) -> Any:
        """The value as ordinary lists, tables and texts."""
        if isinstance(self.node, yaml.MappingNode):
            return {name: value.plain() for name, (_, value) in self.table().rows.items()}
        if isinstance(self.node, yaml.SequenceNode):
            return [item.plain() for item in self.items()]
        return self.text()


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table, by key."""

    entry: Entry
    rows: dict[str, tuple[Entry, Entry]]

    def get(self, key: str) -> Entry | None:
        """The value of ``key``, None when it is not there."""
        row = self.rows.get(key)
        return row[1] if row else None

    def need(self, key: str, what: str) -> Entry | None:
        """As ``get``, but a missing key is a problem; ``what`` says what it is for."""
        if key not in self.rows:
            self.entry.wrong("missing", f"{key!r} is missing: {what}")
        return self.get(key)

    def text(self, key: str, default: str = "") -> str:
        """The text of ``key`` or the default."""
        found = self.get(key)
        return found.text() if found else default


class _Loader(yaml.SafeLoader):
    """YAML without references and tags: a procedure is read top to bottom by people."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node; raises ComposerError for a reference, a tag, or what lies too deep."""
        event = self.peek_event()  # type: ignore[no-untyped-call] # PyYAML has no types here
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, "references (*name) are not supported; write it out")
        if tag := getattr(event, "tag", None):
            self._refuse(event, f"tags ({tag}) are not supported; leave it out, or put the text in quotes")
        if self.depth >= MAX_DEPTH:
            self._refuse(event, f"this is nested more than {MAX_DEPTH} deep; is a bracket not closed?")
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def _refuse(self, event: Any, problem: str) -> NoReturn:
        raise yaml.composer.ComposerError(None, None, problem, event.start_mark)


def read_file(path: Path, findings: Findings) -> str | None:
    """The text of a file; None when it is not UTF-8, which is then noted. Raises OSError."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = "this is not UTF-8 text; save the file with the encoding UTF-8"
        findings.add(Place(str(path), line), "yaml", message)
        return None


def read_yaml(text: str, file: str, findings: Findings) -> Entry | None:
    """The top of a YAML text; None when it is not YAML at all, which is then noted."""
    if len(text) > MAX_CHARACTERS:
        findings.add(Place(file, 1), "yaml", f"the file is longer than {MAX_CHARACTERS} characters")
        return None
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        place = _mark(file, error.problem_mark or error.context_mark)
        findings.add(place, "yaml", f"this cannot be read: {error.problem or error.context}")
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        findings.add(Place(file, line), "yaml", f"this is not text: {error.reason}")
        return None
    if node is None:
        findings.add(Place(file, 1), "yaml", "the file is empty")
        return None
    return Entry(node, file, findings)


def _mark(file: str, mark: Any) -> Place:
    return Place(file, mark.line + 1 if mark else 1)


def _hint(name: str, known: tuple[str, ...], table: yaml.MappingNode, value: yaml.Node) -> str:
    if table.flow_style and not value.value:
        return 'a text with a comma needs quotes inside {…}: {en: "first, second"}'
    return did_you_mean(name, known)


def _too_long(limit: Limit) -> bool:
    return limit.days > 3660 or limit.micros > 3660 * 86_400 * 1_000_000


def _shown(node: yaml.Node) -> str:
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    if isinstance(node, yaml.MappingNode):
        return f"a table of {one_of(str(key.value) for key, _ in node.value[:3])}"
    return repr(node.value) if node.value else "nothing"
