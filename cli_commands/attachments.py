"""`putright attach | files`: files of a complaint, whose ids commands and answers name as proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli_commands.api_client import As, Url, api, path_of
from cli_commands.complaints import Ref
from cli_commands.terminal import AsJson, console, print_json, say


def attach(
    ref: Ref,
    file: Annotated[Path, typer.Argument(help="A picture, PDF, office file, text, sound or film.")],
    *,
    evidence: Annotated[
        str,
        typer.Option(
            help="What it proves: photo, recording, batch_record, document.", show_default="as it is"
        ),
    ] = "",
    url: Url = "",
    role: As = "",
    as_json: AsJson = False,
) -> None:
    """Add a file to a complaint and print its id, by which commands and answers name it.

    \b
    putright attach TEL-2026-000001 damage.jpg
    putright act TEL-2026-000001 answer_order 1 "mended" answers.photos=ID,ID
    putright act TEL-2026-000001 flag unreasonable "see the recording" attachments=ID
    """
    added = api(url, role).upload(
        path_of(ref, "attachments"), file.name, file.read_bytes(), evidence=evidence
    )
    if as_json:
        print_json(added)
        return
    say(added["id"])
    say(_told(added), style="dim", stderr=True)


def files(ref: Ref, url: Url = "", role: As = "", as_json: AsJson = False) -> None:
    """List the files of a complaint with their ids.

    \b
    putright files TEL-2026-000001
    """
    found = api(url, role).get(path_of(ref, "attachments"))
    if as_json:
        print_json(found)
    elif not found:
        say(f"{ref} has no files. Add one: putright attach {ref} FILE")
    else:
        from cli_commands import showing

        console().print(showing.attachments(found))


def _told(added: dict[str, Any]) -> str:
    return f"{added['name']} is kept as {added['evidence'].replace('_', ' ')} ({added['media_type']})."
