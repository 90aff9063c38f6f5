"""`putright ledger`: what complaints have booked, statements of accounts, payments; through the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli_commands.api_client import As, Url, api, path_of
from cli_commands.terminal import AsJson, console, print_json, say

app = typer.Typer(no_args_is_help=True, help="Money: what was booked, statements, payments.")

Month = Annotated[str, typer.Option(help="Year and month, for example 2026-11.", show_default="this one")]


@app.command()
def show(
    ref: Annotated[str, typer.Argument(help="The complaint's reference.")],
    url: Url = "",
    role: As = "",
    as_json: AsJson = False,
) -> None:
    """Show what a complaint has booked, line by line, and how its accounts stand.

    \b
    putright ledger show TEL-2026-000001
    """
    found = api(url, role).get(path_of(ref, "ledger"))
    if as_json:
        print_json(found)
    elif not found["lines"]:
        say("Nothing was booked.")
    else:
        console().print(_lines(found["lines"]), _balances(found["balances"]))


@app.command()
def statement(
    account: Annotated[str, typer.Argument(help="For example unit:si-alpha or person:demo-agent.")],
    month: Month = "",
    url: Url = "",
    role: As = "supervisor",
    as_json: AsJson = False,
) -> None:
    """Show one account in one month: a partner's settlement, points it lost, what a person was charged.

    \b
    putright ledger statement unit:si-alpha --month 2026-11
    putright ledger statement unit:si-alpha --as handler
    """
    wanted = month or f"{datetime.now().astimezone():%Y-%m}"
    found = api(url, role).get(f"/ledger/accounts/{quote(account, safe='')}", month=wanted)
    if as_json:
        print_json(found)
        return
    say(f"{found['account']}, {found['month']}", style="bold")
    for name in ("opening", "closing"):
        amounts = ", ".join(f"{one['amount']} {one['currency']}" for one in found[name]) or "nothing"
        say(f"{name}: {amounts}")
    if found["lines"]:
        console().print(_lines(found["lines"], of=account))


@app.command()
def balances(
    *,
    month: Annotated[str, typer.Option(help="Year and month; otherwise over all time.")] = "",
    kind: Annotated[str, typer.Option(help="For example unit or person.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 100,
    url: Url = "",
    role: As = "supervisor",
    as_json: AsJson = False,
) -> None:
    """Show how the accounts stand.

    \b
    putright ledger balances --kind unit --month 2026-11
    """
    found = list(api(url, role).pages("/ledger/accounts", limit, month=month, kind=kind))
    if as_json:
        print_json(found)
    elif not found:
        say("Nothing was booked.")
    else:
        console().print(_balances(found))


@app.command()
def payouts(
    state: Annotated[str, typer.Option(help="due, held, failed or paid.")] = "failed",
    url: Url = "",
    role: As = "supervisor",
    as_json: AsJson = False,
) -> None:
    """Show payments that have failed, wait, are held, or were made.

    `putright act REF retry_payout ID` has one that failed tried again; one that is held goes by itself.

    \b
    putright ledger payouts --state due
    """
    found = api(url, role).get("/payouts", state=state)
    if as_json:
        print_json(found)
    elif not found:
        say(f"No payment is {state}.")
    else:
        console().print(_payouts(found))


def _lines(lines: Sequence[Mapping[str, Any]], of: str = "") -> Any:
    from rich.table import Table

    table = Table("at", "posting", "amount", "from", "to", "")
    for line in lines:
        sign = "-" if of and line["source"] == of else ""
        marks = (line["state"] or "", f"takes back {line['reverses']}" if line["reverses"] else "")
        table.add_row(
            f"{datetime.fromisoformat(line['at']).astimezone():%Y-%m-%d %H:%M}",
            f"{line['ref']} {line['posting']}" if of else line["title"] or line["posting"],
            f"{sign}{line['amount']} {line['currency']}",
            line["source"],
            line["target"],
            ", ".join(mark for mark in (*marks, "undone" if line["undoes"] else "") if mark),
        )
    return table


def _balances(found: Sequence[Mapping[str, Any]]) -> Any:
    from rich.table import Table

    table = Table("account", "balance")
    for one in found:
        table.add_row(one["account"], f"{one['amount']} {one['currency']}")
    return table


def _payouts(found: Sequence[Mapping[str, Any]]) -> Any:
    from rich.table import Table

    table = Table("complaint", "posting", "amount", "to", "tries", "")
    for one in found:
        amount = f"{one['amount']} {one['currency']}"
        said = one["problem"] or one["receipt"]
        table.add_row(one["ref"], one["posting"], amount, one["target"], str(one["tries"]), said)
    return table
