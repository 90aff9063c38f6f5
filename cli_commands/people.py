"""`putright directory people | person | post | absence | contact`: who works where, and is away when."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli_commands.organising import Instant, by, instant, table, told, with_connections
from cli_commands.terminal import USAGE, AsJson, Failure, print_json

if TYPE_CHECKING:
    from services.connect import Connections
    from services.directory import PersonDetail


def people(
    *,
    unit: Annotated[str, typer.Option("--unit", "-u", help="Only those with a post in this unit.")] = "",
    role: Annotated[
        str, typer.Option("--role", "-r", help="Only those with this role, office or post.")
    ] = "",
    search: Annotated[str, typer.Option("--search", "-q", help="Part of id, name, e-mail or phone.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the people with the posts they hold now.

    \b
    putright directory people
    putright directory people --unit si-alpha --role handler
    putright directory people -q "li"
    """
    from services import directory

    found = with_connections(lambda site: directory.people(site, unit=unit, role=role, q=search))
    if as_json:
        print_json([asdict(row) for row in found])
        return
    rows = [
        (r.id, r.name, r.email, r.phone, ", ".join(_post(p) for p in r.posts), "" if r.active else "left")
        for r in found
    ]
    table(("id", "name", "e-mail", "phone", "posts", ""), rows)


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
        return await organising.put_person(site, person_id, new, by())

    told(with_connections(work), as_json)


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
    when = instant(at)

    async def work(site: Connections) -> PersonDetail:
        if end:
            return await organising.end_post(site, person_id, role=role, unit_id=unit or None, at=when)
        return await organising.put_post(
            site, person_id, role=role, unit_id=unit or None, rank=rank, valid_from=when
        )

    told(with_connections(work), as_json)


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

    first, last = instant(starts), instant(ends)
    if not back and (first is None or last is None):
        raise Failure("Say from when to when: --from … --to …, or --back.", USAGE)

    async def work(site: Connections) -> PersonDetail:
        if first is None or last is None:
            return await organising.end_absences(site, person_id, by(), None)
        return await organising.put_absence(
            site, person_id, by(), starts_at=first, ends_at=last, reason=reason
        )

    told(with_connections(work), as_json)


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

    at = instant(on)
    if at is None:
        raise Failure("Say from when it holds: --on …", USAGE)
    told(
        with_connections(
            lambda site: organising.announce_contact(
                site, person_id, by(), effective_at=at, email=email, phone=phone
            )
        ),
        as_json,
    )


def _post(held: Any) -> str:
    return f"{held.role}{f' in {held.unit_id}' if held.unit_id else ''}{' (B)' if held.rank == 'B' else ''}"
