"""`putright directory …`: units, people, posts, absences, announced contacts, and loading an organisation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli_commands.terminal import USAGE, AsJson, Failure, console, print_json, say

if TYPE_CHECKING:
    from services.connect import Connections
    from services.directory import PersonDetail, UnitDetail

app = typer.Typer(
    help="Units and people: see them, add and change them, posts with A and B, absences, contacts announced "
    "ahead, dissolved units.",
    no_args_is_help=True,
)

Instant = Annotated[
    str, typer.Option(help="Instant with offset, such as 2027-03-01T09:00:00+08:00.", show_default="now")
]


@app.command()
def units(as_json: AsJson = False) -> None:
    """List the units, also dissolved ones.

    \b
    putright directory units
    """
    from services import directory

    found = _with_connections(directory.units)
    if as_json:
        print_json([asdict(row) for row in found])
        return
    rows = [(r.id, r.kind, r.parent_id or "–", _name(r.name), _until(r.active_to)) for r in found]
    _table(("id", "kind", "above", "name", "dissolved"), rows)


@app.command()
def people(as_json: AsJson = False) -> None:
    """List the people with the posts they hold now.

    \b
    putright directory people
    """
    from services import directory

    found = _with_connections(directory.people)
    if as_json:
        print_json([asdict(row) for row in found])
        return
    rows = [
        (r.id, r.name, r.email, r.phone, ", ".join(_post(p) for p in r.posts), "" if r.active else "left")
        for r in found
    ]
    _table(("id", "name", "e-mail", "phone", "posts", ""), rows)


@app.command()
def show(
    one: Annotated[str, typer.Argument(metavar="ID", help="Id of a unit or a person.")],
    as_json: AsJson = False,
) -> None:
    """Show a unit with its posts, or a person with absences and announced contacts.

    \b
    putright directory show si-alpha
    """
    from domain.errors import Refused
    from services import directory

    async def read(connections: Connections) -> UnitDetail | PersonDetail:
        try:
            return await directory.unit(connections, one)
        except Refused:
            return await directory.person(connections, one)

    _told(_with_connections(read), as_json)


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="An organisation as YAML; see procedures/organisations/.")],
) -> None:
    """Put all units and people of a file; doing it twice changes nothing.

    \b
    putright directory load my-organisation.yaml
    """
    from procedures.organisation import load_organisation
    from services.demo import put_organisations

    found = load_organisation(file)
    _with_connections(lambda connections: put_organisations(connections.database, [found]))
    say(f"{len(found.units)} units and {len(found.people)} people are there.")


@app.command()
def unit(
    unit_id: Annotated[str, typer.Argument(metavar="ID")],
    *,
    name: Annotated[list[str] | None, typer.Option(help="By language: en=Northern desk; repeatable.")] = None,
    kind: Annotated[str | None, typer.Option(help="For example department, branch, partner.")] = None,
    above: Annotated[str | None, typer.Option(help="Unit above it.")] = None,
    address: Annotated[list[str] | None, typer.Option(help="By channel: sms=+86…; repeatable.")] = None,
    published: Annotated[
        list[str] | None, typer.Option(help="How customers reach it: phone=+86…; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add a unit, or change the one with that id; what is not given stays as it is.

    \b
    putright directory unit north-desk --name "en=Northern desk" --kind department --above operator
    """
    from domain.errors import Refused
    from services import directory, organising

    async def work(site: Connections) -> UnitDetail:
        try:
            now = await directory.unit(site, unit_id)
        except Refused:
            now = None
        new = organising.NewUnit(
            name=_pairs(name) if name else now.name if now else {},
            kind=kind if kind is not None else now.kind if now else "",
            parent_id=above or None if above is not None else now.parent_id if now else None,
            addresses=_pairs(address) if address else now.addresses if now else {},
            published=_pairs(published) if published else now.published if now else {},
            webhook_url=now.webhook_url if now else "",
        )
        return await organising.put_unit(site, unit_id, new)

    _told(_with_connections(work), as_json)


@app.command()
def dissolve(
    unit_id: Annotated[str, typer.Argument(metavar="ID")], at: Instant = "", as_json: AsJson = False
) -> None:
    """Dissolve a unit: from then on it gets no orders; its history stays.

    \b
    putright directory dissolve north-desk --at 2026-12-31T18:00:00+08:00
    """
    from services import organising

    ends = _instant(at)
    _told(_with_connections(lambda site: organising.dissolve_unit(site, unit_id, ends)), as_json)


@app.command()
def person(
    person_id: Annotated[str, typer.Argument(metavar="ID")],
    *,
    name: Annotated[str | None, typer.Option()] = None,
    language: Annotated[str | None, typer.Option()] = None,
    email: Annotated[str | None, typer.Option()] = None,
    phone: Annotated[str | None, typer.Option()] = None,
    left: Annotated[bool, typer.Option("--left", help="No longer here: without access from now on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a person, or change the one with that id; what is not given stays as it is.

    \b
    putright directory person li-na --name "Li Na" --language zh --email li.na@company.example
    """
    from domain.errors import Refused
    from services import directory, organising

    async def work(site: Connections) -> PersonDetail:
        try:
            now = await directory.person(site, person_id)
        except Refused:
            now = None
        new = organising.NewPerson(
            name=name if name is not None else now.name if now else "",
            language=language if language is not None else now.language if now else "",
            email=email if email is not None else now.email if now else "",
            phone=phone if phone is not None else now.phone if now else "",
            addresses=now.addresses if now else {},
            active=not left,
        )
        return await organising.put_person(site, person_id, new, _by())

    _told(_with_connections(work), as_json)


@app.command()
def post(
    person_id: Annotated[str, typer.Argument(metavar="PERSON")],
    role: Annotated[str, typer.Argument(help="Role, office, contact or duty.")],
    *,
    unit: Annotated[str, typer.Option("--unit", "-u", help="Unit; everywhere if left out.")] = "",
    rank: Annotated[str, typer.Option(help="A, or B who steps in when no A is there.")] = "A",
    end: Annotated[bool, typer.Option("--end", help="They hold it no longer.")] = False,
    at: Instant = "",
    as_json: AsJson = False,
) -> None:
    """Give a post, or end it.

    \b
    putright directory post li-na handler --unit north-desk --rank B
    """
    from services import organising

    if rank not in ("A", "B"):
        raise Failure("A rank is A or B.", USAGE)
    when = _instant(at)

    async def work(site: Connections) -> PersonDetail:
        if end:
            return await organising.end_post(site, person_id, role=role, unit_id=unit or None, at=when)
        return await organising.put_post(
            site, person_id, role=role, unit_id=unit or None, rank=rank, valid_from=when
        )

    _told(_with_connections(work), as_json)


@app.command()
def absence(
    person_id: Annotated[str, typer.Argument(metavar="PERSON")],
    *,
    starts: Annotated[str, typer.Option("--from", help="Instant with offset.")] = "",
    ends: Annotated[str, typer.Option("--to", help="Instant with offset.")] = "",
    reason: Annotated[str, typer.Option()] = "",
    back: Annotated[bool, typer.Option("--back", help="They are there again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Note when somebody is away, so that B is told; or that they are back.

    \b
    putright directory absence li-na --from 2027-02-01T09:00:00+08:00 --to 2027-02-08T09:00:00+08:00
    """
    from services import organising

    first, last = _instant(starts), _instant(ends)
    if not back and (first is None or last is None):
        raise Failure("Say from when to when: --from … --to …, or --back.", USAGE)

    async def work(site: Connections) -> PersonDetail:
        if first is None or last is None:
            return await organising.end_absences(site, person_id, _by(), None)
        return await organising.put_absence(
            site, person_id, _by(), starts_at=first, ends_at=last, reason=reason
        )

    _told(_with_connections(work), as_json)


@app.command()
def contact(
    person_id: Annotated[str, typer.Argument(metavar="PERSON")],
    *,
    on: Annotated[str, typer.Option("--on", help="From when it holds: instant with offset.")],
    email: Annotated[str | None, typer.Option()] = None,
    phone: Annotated[str | None, typer.Option()] = None,
    as_json: AsJson = False,
) -> None:
    """Announce how somebody will be reached; the old contact holds until then.

    \b
    putright directory contact li-na --email li.na@new.example --on 2027-03-01T09:00:00+08:00
    """
    from services import organising

    at = _instant(on)
    if at is None:
        raise Failure("Say from when it holds: --on …", USAGE)
    _told(
        _with_connections(
            lambda site: organising.announce_contact(
                site, person_id, _by(), effective_at=at, email=email, phone=phone
            )
        ),
        as_json,
    )


def _with_connections(work: Callable[[Connections], Awaitable[Any]]) -> Any:
    from cli_commands.site import open_connections, run

    async def go() -> Any:
        async with open_connections() as connections:
            return await work(connections)

    return run(go())


def _by() -> Any:
    """Who works at the command line of the installation itself administers it."""
    from domain.commands import Actor
    from domain.roles import ADMINISTRATOR

    return Actor("system:command-line", (ADMINISTRATOR,))


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(f"{text!r} is no instant such as 2027-03-01T09:00:00+08:00.", USAGE) from error
    if at.tzinfo is None:
        raise Failure(f"{text!r} needs its offset from UTC, such as +08:00.", USAGE)
    return at


def _pairs(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise Failure(f"{text!r} is not of the form en=Northern desk.", USAGE)
        found[name] = value
    return found


def _told(found: UnitDetail | PersonDetail, as_json: bool) -> None:
    data = asdict(found)
    if as_json:
        print_json(data)
        return
    for name, value in data.items():
        if isinstance(value, list):
            for one in value:
                say(f"{name:>16}  {', '.join(f'{k} {_short(v)}' for k, v in one.items() if v)}")
        elif value not in ("", None, {}):
            shown = _name(value) if isinstance(value, Mapping) else _short(value)
            say(f"{name:>16}  {shown}")


def _short(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M %Z}" if isinstance(value, datetime) else str(value)


def _name(names: Mapping[str, str]) -> str:
    return " / ".join(names.values())


def _until(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""


def _post(held: Any) -> str:
    return f"{held.role}{f' in {held.unit_id}' if held.unit_id else ''}{' (B)' if held.rank == 'B' else ''}"


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    table = Table(*names, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for row in rows:
        table.add_row(*row)
    console().print(table)
