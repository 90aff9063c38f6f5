"""`putright procedure new | check | show | diff | load | list`: how complaints are handled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli_commands.new_procedure import new
from cli_commands.terminal import USAGE, AsJson, Failure, listed, print_json, say

if TYPE_CHECKING:
    from domain.procedure import Procedure
    from procedures.problems import Problem

app = typer.Typer(
    help="Procedures: begin one, check a file, look at one, compare two, put one into use.",
    no_args_is_help=True,
)
app.command()(new)

AnySource = Annotated[
    str, typer.Argument(help="A procedure file, a shipped procedure's name, or a stored NAME@VERSION.")
]


def source_path(source: str) -> Path:
    """The file of a procedure given as a file or as the name of a shipped one; Failure when it is neither."""
    from procedures import loader

    path = Path(source)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    if source in loader.packs():
        return loader.PACKS / f"{source}.yaml"
    raise Failure(f"{source!r} is neither a file nor a shipped procedure ({listed(loader.packs())}).", USAGE)


def compiled(source: str) -> Procedure:
    """The procedure in a file or a pack; raises ProcedureProblems with all that is wrong with it."""
    from procedures import loader

    return loader.load_procedure(source_path(source))


def found(source: str) -> Procedure:
    """The procedure in a file or a pack, or the stored version that ``NAME@VERSION`` names."""
    name, at, version = source.partition("@")
    if not at or Path(source).is_file():
        return compiled(source)

    from cli_commands.site import run

    return run(_stored(name, version))


async def _stored(name: str, version: str) -> Procedure:
    import wire
    from cli_commands.site import open_database
    from storage.queries import procedures

    async with open_database() as database:
        known = {
            one.version: one.fingerprint for one in await procedures.versions(database) if one.name == name
        }
        packed = await procedures.packed(database, known[version]) if version in known else None
    if packed is None:
        raise Failure(
            f"There is no version {version!r} of {name!r} stored; there is {listed(list(known))}.", USAGE
        )
    return wire.unpack(packed)


@app.command()
def check(
    sources: Annotated[list[str], typer.Argument(help="Files, or names of shipped procedures.")],
    as_json: AsJson = False,
) -> None:
    """Check procedures; every problem is told with its file and line. Exit code 1 when there is one.

    \b
    putright procedure check my-company.yaml
    """
    from procedures import loader

    found = {source: loader.check(source_path(source)) for source in sources}
    if as_json:
        print_json(
            [
                {"file": p.file, "line": p.line, "code": p.code, "message": p.message}
                for problems in found.values()
                for p in problems
            ]
        )
    else:
        for source, problems in found.items():
            _say_problems(source, problems)
    if any(found.values()):
        raise typer.Exit(1)


def _say_problems(source: str, problems: Sequence[Problem]) -> None:
    """Each problem with the line it stands in, so that it can be found and mended."""
    if not problems:
        say(f"{source}: nothing is wrong.", style="green")
        return
    lines = source_path(source).read_text(encoding="utf-8", errors="replace").splitlines()
    for problem in problems:
        say(f"{problem.file}:{problem.line}: {problem.message} [{problem.code}]", style="red")
        # A problem of a shared text stands in another file.
        if problem.file == str(source_path(source)) and problem.line <= len(lines):
            say(f"    {lines[problem.line - 1].strip()}", style="dim")
    more = f"{len(problems)} things to mend; one may cause others, so check again after the first"
    say(f"{source}: {more if len(problems) > 1 else 'one thing to mend'}.")


@app.command()
def show(
    source: AnySource,
    language: Annotated[str, typer.Option("--language", "-l", help="Language of its titles.")] = "en",
    texts: Annotated[bool, typer.Option("--texts", help="Also the texts of its messages.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show in words what a procedure means: its route, orders, clocks with their ladders, notices, endings.

    \b
    putright procedure show telecom-si
    putright procedure show telecom-si@2026.1 --language zh --texts
    """
    from procedures.description import describe

    procedure = found(source)
    if as_json:
        print_json(_plain(procedure))
        return
    sections = describe(procedure, language)
    if not texts:
        del sections["texts"]
    for section, rows in sections.items():
        if rows:
            _say_section(section, rows)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="The old one: a file, a shipped procedure, or NAME@VERSION.")],
    new: Annotated[str, typer.Argument(help="The new one.")],
    as_json: AsJson = False,
) -> None:
    """Compare what two procedures mean: what changed, came or went. Exit code 1 when they differ.

    Only the meaning is compared: comments and the order of keys make no difference.

    \b
    putright procedure diff telecom-si my-telecom.yaml
    putright procedure diff telecom-si@2026.1 telecom-si
    """
    import wire
    from procedures import description

    before, after = found(old), found(new)
    prints = wire.fingerprint(before), wire.fingerprint(after)
    changes = description.diff(before, after)
    if prints[0] != prints[1] and not changes:
        changes = ["something differs that has no words here: compare `procedure show --json` of both"]
    if as_json:
        print_json({"old": prints[0], "new": prints[1], "changes": changes})
    else:
        for change in changes or ["They mean the same."]:
            say(change, style="" if changes else "green")
    if changes:
        raise typer.Exit(1)


@app.command()
def load(
    sources: Annotated[list[str], typer.Argument(help="Files, or names of shipped procedures.")],
    keep: Annotated[
        bool, typer.Option("--keep", help="Only store it: new complaints are opened as before.")
    ] = False,
) -> None:
    """Store procedures in the database and open new complaints by them; open complaints stay as they are.

    \b
    putright procedure load my-company.yaml
    """
    from cli_commands.site import open_database, run
    from storage.stores import procedures

    ready = [(compiled(source), source_path(source).read_text(encoding="utf-8")) for source in sources]

    async def store() -> list[str]:
        async with open_database() as database:
            return [
                await procedures.add(database, procedure, source=text, activate=not keep)
                for procedure, text in ready
            ]

    for (procedure, _), fingerprint in zip(ready, run(store()), strict=True):
        use = "stored" if keep else "in use for new complaints"
        say(f"{procedure.name} {procedure.version}: {use} ({fingerprint[:12]})", style="green")


@app.command("list")
def list_procedures(as_json: AsJson = False) -> None:
    """List the procedures that are shipped.

    \b
    putright procedure list
    """
    from procedures import loader

    found = [loader.load_pack(name) for name in loader.packs()]
    if as_json:
        print_json([{"name": p.name, "version": p.version, "title": dict(p.title)} for p in found])
        return
    for procedure in found:
        say(f"{procedure.name} {procedure.version}: {_title(procedure.title)}")


def _plain(procedure: Procedure) -> Any:
    import wire

    return wire.PROCEDURE.dump_python(procedure, mode="json", exclude_defaults=True)


def _title(titles: Any) -> str:
    return str(titles.get("en") or next(iter(titles.values()), ""))


def _say_section(section: str, rows: Mapping[str, Mapping[str, str]]) -> None:
    """Print one section of a procedure in words: each thing by name and what is to be said about it."""
    say(f"\n{section.capitalize()}", style="bold underline")
    for name, row in rows.items():
        say(f"  {name}", style="bold")
        for key, text in row.items():
            first, *more = text.splitlines() or [""]
            say(f"    {key}: {first}")
            for line in more:
                say(f"      {line}")
