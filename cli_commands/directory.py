"""`putright directory …`: units, people, posts, absences, announced contacts, and loading an organisation."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli_commands import people
from cli_commands.organising import Instant, instant, name_of, pairs, table, told, with_connections
from cli_commands.terminal import USAGE, AsJson, Failure, print_json, say

if TYPE_CHECKING:
    from services.connect import Connections
    from services.directory import PersonDetail, UnitDetail

app = typer.Typer(
    help="Units and people: see them, add and change them, posts with A and B, absences, contacts announced "
    "ahead, dissolved units.",
    no_args_is_help=True,
)


@app.command()
def units(as_json: AsJson = False) -> None:
    """List the units, also dissolved ones.

    \b
    putright directory units
    """
    from services import directory

    found = with_connections(directory.units)
    if as_json:
        print_json([asdict(row) for row in found])
        return
    rows = [(r.id, r.kind, r.parent_id or "–", name_of(r.name), _until(r.active_to)) for r in found]
    table(("id", "kind", "above", "name", "dissolved"), rows)


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
    from domain.spelling import nearest
    from services import directory

    async def read(connections: Connections) -> UnitDetail | PersonDetail:
        with contextlib.suppress(Refused):
            return await directory.unit(connections, one)
        with contextlib.suppress(Refused):
            return await directory.person(connections, one)
        known = [unit.id for unit in await directory.units(connections)]
        known += [person.id for person in await directory.people(connections)]
        near = nearest(one, known)
        hint = f"did you mean {near!r}?" if near else "see `putright directory units` and `people`"
        raise Failure(f"There is neither a unit nor a person {one!r}; {hint}", USAGE)

    told(with_connections(read), as_json)


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
    with_connections(lambda connections: put_organisations(connections.database, [found]))
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
            name=pairs(name) if name else now.name if now else {},
            kind=kind if kind is not None else now.kind if now else "",
            parent_id=above or None if above is not None else now.parent_id if now else None,
            addresses=pairs(address) if address else now.addresses if now else {},
            published=pairs(published) if published else now.published if now else {},
            webhook_url=now.webhook_url if now else "",
        )
        return await organising.put_unit(site, unit_id, new)

    told(with_connections(work), as_json)


@app.command()
def dissolve(
    unit_id: Annotated[str, typer.Argument(metavar="ID")], at: Instant = "", as_json: AsJson = False
) -> None:
    """Dissolve a unit: from then on it gets no orders; its history stays.

    \b
    putright directory dissolve north-desk --at 2026-12-31T18:00:00+08:00
    """
    from services import organising

    ends = instant(at)
    told(with_connections(lambda site: organising.dissolve_unit(site, unit_id, ends)), as_json)


def _until(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""


for _command in (people.people, people.person, people.post, people.absence, people.contact):
    app.command()(_command)
