"""Reading an organisation: its units and people from YAML, or every problem with its file and line.

``procedures/organisations/<procedure>.yaml`` is the organisation a shipped procedure is for, as a
demonstration and for the tests of its rules. A real installation keeps its own by API or by ``putright``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from domain.messages import PUBLISHED, ChannelName
from domain.roles import STAFF_ROLES, UNIT_HEAD
from procedures.nodes import Entry, read_file, read_yaml
from procedures.problems import Findings, Place, Problem, ProcedureProblems, did_you_mean

ORGANISATIONS = Path(__file__).parent / "organisations"
DEMONSTRATION = "demonstration"
"""The file with the people who may act everywhere, for trying things out."""

ONLY_TOLD = ("contact", "duty")
"""Posts whose holder is told things but may do nothing by them: a unit's named contact (TEL-3), and whoever
gets what an empty post would have got."""

_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
_UNIT_KEYS = ("kind", "name", "parent", "addresses", "published")
_PERSON_KEYS = ("name", "language", "email", "phone", "addresses", "roles", "posts")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; ``name`` by language, ``addresses`` by channel. No parent: it is at the top.

    ``published`` is how customers reach it: phone, email, web, address.
    """

    id: str
    kind: str
    name: Mapping[str, str]
    parent: str
    addresses: Mapping[str, str]
    published: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Post:
    """A role or an office somebody has in a unit (no unit: everywhere), as A or as B who steps in."""

    role: str
    unit: str = ""
    rank: str = "A"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works there. ``roles`` are what they may act as beside the roles of their posts."""

    id: str
    name: str
    language: str
    email: str
    phone: str
    addresses: Mapping[str, str]
    roles: tuple[str, ...]
    posts: tuple[Post, ...]

    @property
    def acts_as(self) -> tuple[str, ...]:
        """The roles and offices a token of theirs carries."""
        held = (post.role for post in self.posts if post.role not in ONLY_TOLD)
        return tuple(dict.fromkeys((*self.roles, *held)))

    @property
    def units(self) -> tuple[str, ...]:
        """The units they work in."""
        return tuple(dict.fromkeys(post.unit for post in self.posts if post.unit))


@dataclass(frozen=True, slots=True)
class Organisation:
    """Units, those above before those below them, and people."""

    name: str
    units: tuple[Unit, ...]
    people: tuple[Person, ...]


def organisations() -> list[str]:
    """The names of the organisations that are shipped; one is the demonstration's people."""
    return sorted(path.stem for path in ORGANISATIONS.glob("*.yaml"))


@lru_cache
def load_shipped() -> Mapping[str, Organisation]:
    """All shipped organisations by name; raises ProcedureProblems with all that is wrong in any of them.

    They live in one directory: an id is used once, and people may work in units of another file.
    """
    findings = Findings()
    read = {name: _read(ORGANISATIONS / f"{name}.yaml", findings) for name in organisations()}
    homes: dict[tuple[str, str], str] = {}
    for name, found in read.items():
        for what, known in (("unit", found.units), ("person", found.people)):
            for one_id in known:
                if (first := homes.setdefault((what, one_id), name)) != name:
                    known[one_id][1].wrong(
                        "duplicate", f"there is a {what} {one_id!r} in {first}.yaml already"
                    )
    everywhere = {unit for found in read.values() for unit in found.units}
    for found in read.values():
        _check_units(found, everywhere)
    return _handed_out(findings, {name: found.organisation(name) for name, found in read.items()})


def load_organisation(source: Path | str) -> Organisation:
    """The organisation in a file, or in a text that has more than one line; all its units are in it.

    Raises ProcedureProblems with all that is wrong, and OSError when the file cannot be read.
    """
    findings = Findings()
    found = _read(source, findings)
    _check_units(found, set(found.units))
    return _handed_out(findings, {"": found.organisation(found.name)})[""]


def _handed_out(findings: Findings, found: Mapping[str, Organisation]) -> Mapping[str, Organisation]:
    if findings.problems:
        raise ProcedureProblems(sorted(findings.problems))
    return found


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file says, each unit and person with the line it begins on."""

    name: str
    units: Mapping[str, tuple[Unit, Entry]]
    people: Mapping[str, tuple[Person, Entry]]
    named: tuple[tuple[str, Entry], ...]
    """The units that something names, with the place."""

    def organisation(self, name: str) -> Organisation:
        ordered: dict[str, Unit] = {}

        def put(unit: Unit, below: tuple[str, ...] = ()) -> None:
            if unit.parent in self.units and unit.parent not in below:
                put(self.units[unit.parent][0], (*below, unit.id))
            ordered.setdefault(unit.id, unit)

        for unit, _ in self.units.values():
            put(unit)
        return Organisation(name, tuple(ordered.values()), tuple(one for one, _ in self.people.values()))


def _read(source: Path | str, findings: Findings) -> _Read:
    text: str | None
    if isinstance(source, str) and "\n" in source:
        text, file = source, "organisation.yaml"
    else:
        text, file = read_file(Path(source), findings), str(source)
    top = read_yaml(text, file, findings) if text is not None else None
    if top is None:
        return _Read("", {}, {}, ())
    table = top.table(("organisation", "units", "people"))
    name = table.text("organisation")
    if not name:
        findings.add(Place(file, 1), "missing", "'organisation' is missing: the procedure it is for")
    named: list[tuple[str, Entry]] = []
    units = {one.id: (one, key) for one, key in _units(table.get("units"), named)}
    people = {one.id: (one, key) for one, key in _people(table.get("people"), named)}
    return _Read(name, units, people, tuple(named))


def _ids(entry: Entry | None) -> list[tuple[str, Entry, Entry]]:
    """The rows of a table of units or people whose keys can be ids."""
    found = []
    for name, (key, value) in entry.table().rows.items() if entry else ():
        if _ID.fullmatch(name):
            found.append((name, key, value))
        else:
            key.wrong(
                "name", f"{name!r} cannot be an id: use up to 40 lower-case letters, digits and hyphens"
            )
    return found


def _units(entry: Entry | None, named: list[tuple[str, Entry]]) -> list[tuple[Unit, Entry]]:
    found = []
    for unit_id, key, value in _ids(entry):
        table = value.table(_UNIT_KEYS)
        kind = table.need("kind", "what kind of unit it is, for example department or branch")
        title = table.need("name", "what it is called, in each language")
        if parent := table.get("parent"):
            named.append((parent.text(), parent))
        name = {language: text.text() for language, _, text in title.named()} if title else {}
        unit = Unit(
            unit_id,
            kind.text() if kind else "",
            name,
            table.text("parent"),
            _addresses(table.get("addresses")),
            _texts(table.get("published"), PUBLISHED),
        )
        found.append((unit, key))
    return found


def _people(entry: Entry | None, named: list[tuple[str, Entry]]) -> list[tuple[Person, Entry]]:
    found = []
    for person_id, key, value in _ids(entry):
        table = value.table(_PERSON_KEYS)
        name = table.need("name", "what this person is called")
        roles, posts = table.get("roles"), table.get("posts")
        person = Person(
            id=person_id,
            name=name.text() if name else "",
            language=table.text("language", "en"),
            email=table.text("email", f"{person_id}@putright.example"),
            phone=table.text("phone"),
            addresses=_addresses(table.get("addresses")),
            roles=roles.texts() if roles else (),
            posts=tuple(_post(item, named) for item in posts.items()) if posts else (),
        )
        if not (person.roles or person.posts):
            key.wrong("missing", f"{person_id} has neither roles nor posts: write what this person may do")
        if roles and not set(person.roles) & set(STAFF_ROLES):
            roles.wrong("word", f"at least one of these must be a role: {', '.join(STAFF_ROLES)}")
        found.append((person, key))
    return found


def _post(entry: Entry, named: list[tuple[str, Entry]]) -> Post:
    """``{role: handler, unit: billing, rank: B}``; the role may be an office of the procedure."""
    table = entry.table(("role", "unit", "rank"))
    role = table.need(
        "role", f"one of {', '.join(STAFF_ROLES)}, contact, duty, or an office of the procedure"
    )
    unit, rank = table.get("unit"), table.get("rank")
    if unit:
        named.append((unit.text(), unit))
    word = role.text() if role and role.is_word() else ""
    if word == UNIT_HEAD and unit is None:
        entry.wrong("missing", "'unit' is missing: whom this person is the head of")
    return Post(word, unit.text() if unit else "", rank.choice(("A", "B")) if rank else "A")


def _addresses(entry: Entry | None) -> dict[str, str]:
    return _texts(entry, tuple(name.value for name in ChannelName))


def _texts(entry: Entry | None, known: tuple[str, ...]) -> dict[str, str]:
    table = entry.table(known) if entry else None
    return {channel: value.text() for channel, (_, value) in table.rows.items()} if table else {}


def _check_units(found: _Read, known: set[str]) -> None:
    """Every unit that is named is there, and none stands above itself."""
    for unit_id, place in found.named:
        if unit_id and unit_id not in known:
            place.wrong(
                "unknown_unit", f"there is no unit {unit_id!r}: {did_you_mean(unit_id, sorted(known))}"
            )
    for unit, key in found.units.values():
        above, seen = unit.parent, {unit.id}
        while above in found.units and above not in seen:
            seen.add(above)
            above = found.units[above][0].parent
        if above == unit.id:
            key.wrong("circle", f"{unit.id!r} stands above itself: one 'parent' on the way up is wrong")


def problems_of(source: Path | str) -> list[Problem]:
    """Everything that is wrong with an organisation file, in order of lines; empty when it can be used."""
    try:
        load_organisation(source)
    except ProcedureProblems as error:
        return list(error.problems)
    return []
