"""`putright token create | list | revoke`: bearer tokens of people and systems."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli_commands.terminal import USAGE, AsJson, Failure, console, print_json, say

if TYPE_CHECKING:
    from storage.queries.tokens import TokenRow

app = typer.Typer(
    help="Bearer tokens: give one to a person or a system, see who has one, end one.", no_args_is_help=True
)


@app.command()
def create(
    *,
    role: Annotated[
        list[str],
        typer.Option("--role", "-r", help="What it may do: agent, handler, callback, …; repeatable."),
    ],
    person: Annotated[str, typer.Option(help="Id of the person who holds it.")] = "",
    system: Annotated[str, typer.Option(help="Name of the system that holds it, instead of a person.")] = "",
    unit: Annotated[
        list[str] | None, typer.Option("--unit", "-u", help="Unit it works for; repeatable.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="Days until it expires.", show_default="never")
    ] = None,
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: AsJson = False,
) -> None:
    """Give a token. It is shown this once; only its hash is kept.

    \b
    putright token create --person demo-agent --role agent
    putright token create --system billing --role system --unit si-alpha --days 90
    """
    from cli_commands.site import open_connections, run
    from services import access

    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None

    async def give() -> access.NewToken:
        async with open_connections() as connections:
            return await access.give_token(
                connections,
                roles=role,
                units=unit or (),
                person=person,
                system=system,
                note=note,
                expires_at=expires_at,
            )

    given = run(give())
    if as_json:
        print_json({"id": str(given.id), "token": given.token, "expires_at": given.expires_at})
        return
    say(given.token)
    until = f"until {given.expires_at:%Y-%m-%d}" if given.expires_at else "until it is revoked"
    say(f"Valid {until}. End it with: putright token revoke {given.id}", style="dim", stderr=True)


@app.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """List the tokens that were given, without the tokens themselves.

    \b
    putright token list
    """
    from cli_commands.site import open_database, run
    from storage.queries import tokens

    async def read() -> list[tokens.TokenRow]:
        async with open_database() as database:
            return await tokens.all_tokens(database)

    found = run(read())
    if as_json:
        print_json([asdict(row) | {"holder": row.holder} for row in found])
        return
    from rich.table import Table

    names = ("id", "holder", "roles", "units", "note", "state", "last used")
    table = Table(*names, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for row in found:
        used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "–"
        table.add_row(
            str(row.id),
            row.holder,
            ", ".join(row.roles),
            ", ".join(row.units),
            row.note,
            _state(row),
            used,
        )
    console().print(table)


@app.command()
def revoke(
    token_id: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the token, from `putright token list`.")
    ],
) -> None:
    """End a token at once.

    \b
    putright token revoke 0b0c6f0e-…
    """
    from cli_commands.site import open_connections, run
    from services import access

    try:
        known = uuid.UUID(token_id)
    except ValueError as error:
        raise Failure(f"{token_id!r} is no id of a token; see `putright token list`.", USAGE) from error

    async def end() -> None:
        async with open_connections() as connections:
            await access.revoke_token(connections, known)

    run(end())
    say(f"{token_id} is revoked.")


def _state(row: TokenRow) -> str:
    if row.revoked_at:
        return "revoked"
    if row.expires_at and row.expires_at <= datetime.now(UTC):
        return "expired"
    return f"until {row.expires_at:%Y-%m-%d}" if row.expires_at else "valid"
