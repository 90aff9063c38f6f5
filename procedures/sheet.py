"""What reading a procedure gathers on the way: titles, where things stand, references to check at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.conditions import ALWAYS, Condition, Op, Test
from domain.fields import FieldType, FormField
from procedures.nodes import Entry
from procedures.problems import Findings, Place


@dataclass(slots=True)
class Sheet:
    """One procedure in the making.

    ``places``:   where a named thing stands, by ``step:decide``, ``clock:reply`` and so on
    ``tests``:    every comparison of a condition, with the place it stands at
    ``triggers``: every trigger, ``units``: every unit named, each with its place
    ``chosen``:   every field that names who gets something, with its place and the type it must have
    ``offices``:  the organisation's own, which count as roles
    ``notices``:  where each notice stands, in their order
    ``siblings``: in the case of a consequence, the titles of all consequences by name; None in a procedure
    ``fields``, ``facts``: what a case knows from the complaint that raised it
    """

    findings: Findings
    languages: tuple[str, ...] = ("en",)
    offices: tuple[str, ...] = ()
    titles: dict[str, dict[str, str]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    tests: list[tuple[Place, Test]] = field(default_factory=list)
    triggers: list[tuple[Place, str]] = field(default_factory=list)
    units: list[tuple[Place, str]] = field(default_factory=list)
    notices: list[Place] = field(default_factory=list)
    chosen: list[tuple[Place, str, FieldType | None]] = field(default_factory=list)
    siblings: Mapping[str, Mapping[str, str]] | None = None
    fields: dict[str, FormField] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def for_case(
        self,
        siblings: Mapping[str, Mapping[str, str]],
        fields: Iterable[FormField],
        facts: Mapping[str, Any],
    ) -> Sheet:
        """The sheet of a consequence's small procedure: what is titled and known here is so there too."""
        texts = {key: place for key, place in self.places.items() if key.startswith("text:")}
        return Sheet(
            self.findings,
            titles=dict(self.titles),
            places=texts,
            siblings=siblings,
            fields={one.name: one for one in fields},
            facts=dict(facts),
        )

    def put(self, what: str, name: str, entry: Entry) -> None:
        """Remember where ``name`` stands."""
        self.places[f"{what}:{name}"] = entry.place

    def place(self, what: str, name: str) -> Place:
        """Where ``name`` stands."""
        return self.places[f"{what}:{name}"]


def read_title(sheet: Sheet, entry: Entry) -> dict[str, str]:
    """A title in every language of the procedure; a language that is missing is a problem."""
    if not entry.is_table:
        entry.wrong("missing_language", _needs(sheet.languages))
        return dict.fromkeys(sheet.languages, "")
    table = entry.table(sheet.languages)
    missing = [language for language in sheet.languages if language not in table.rows]
    if missing:
        entry.wrong("missing_language", f"the title is missing in {', '.join(missing)}")
    return {language: table.text(language) for language in sheet.languages}


def read_titles(sheet: Sheet, entry: Entry | None, prefix: str) -> tuple[str, ...]:
    """A table of words with their titles, which are kept as ``prefix.word``; returns the words."""
    if entry is None:
        return ()
    words = []
    for word, _, value in entry.named():
        words.append(word)
        sheet.titles[f"{prefix}.{word}"] = read_title(sheet, value)
    if not words and entry.is_table:
        entry.wrong("empty", "there are no words here")
    return tuple(words)


def read_condition(sheet: Sheet, entry: Entry | None) -> Condition:
    """A condition: a table of facts that must all hold, or a list of tables of which one must."""
    if entry is None:
        return ALWAYS
    if entry.is_list:
        return Condition(any_of=tuple(read_condition(sheet, item) for item in entry.items()))
    tests: list[Test] = []
    for fact, (_, value) in entry.table().rows.items():
        found = _comparisons(fact, value)
        tests += found
        sheet.tests += [(value.place, test) for test in found]
    return Condition(tuple(tests))


def _comparisons(fact: str, entry: Entry) -> list[Test]:
    if not entry.is_table:
        return [Test(fact, Op.IN, tuple(item.condition_value() for item in entry.items()))]
    table = entry.table(("not", "from", "below"))
    tests = []
    unwanted, low, high = table.get("not"), table.get("from"), table.get("below")
    if unwanted:
        tests.append(Test(fact, Op.NOT_IN, tuple(item.condition_value() for item in unwanted.items())))
    if low:
        tests.append(Test(fact, Op.FROM, (low.number(),)))
    if high:
        tests.append(Test(fact, Op.BELOW, (high.number(),)))
    return tests


def read_trigger(sheet: Sheet, entry: Entry) -> str:
    """One trigger; whether there is such a thing is checked when all names are known."""
    word = entry.text()
    sheet.triggers.append((entry.place, word))
    return word


def _needs(languages: tuple[str, ...]) -> str:
    example = ", ".join(f"{language}: …" for language in languages)
    return f"a title is needed in every language: {{{example}}}"
