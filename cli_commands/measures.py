"""`putright measures`: where a unit stands, and what it came from."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from cli_commands.api_client import As, Url, api
from cli_commands.terminal import AsJson, console, print_json, say


def measures(
    unit: Annotated[str, typer.Argument(help="Id of the unit, for example si-alpha.")],
    url: Url = "",
    role: As = "",
    as_json: AsJson = False,
) -> None:
    """Show the measures on a unit: suspended, ended, settlement stopped, award forfeited.

    \b
    putright measures si-alpha
    """
    found = api(url, role).get(f"/units/{quote(unit, safe='')}/measures")
    if as_json:
        print_json(found)
        return
    from cli_commands import showing

    say(f"{unit} is {found['standing']}.", style="bold" if found["standing"] == "active" else "bold red")
    if found["settlement_suspended"]:
        say("Its settlement is suspended.", style="red")
    if found["measures"]:
        console().print(showing.measures(found["measures"]))
