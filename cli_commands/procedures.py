"""`putright procedure check | show | diff | load | list`: how complaints are handled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli_commands.terminal import USAGE, AsJson, Failure, console, listed, print_json, say

if TYPE_CHECKING:
    from rich.console import RenderableType

    from domain.procedure import ClockRule, Procedure, Step

app = typer.Typer(
    help="Procedures: check a file, look at one, compare two, put one into use.", no_args_is_help=True
)

Source = Annotated[str, typer.Argument(help="A shipped procedure's name or a procedure file.")]


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
            for problem in problems:
                say(str(problem), style="red")
            if not problems:
                say(f"{source}: nothing is wrong.", style="green")
    if any(found.values()):
        raise typer.Exit(1)


@app.command()
def show(source: Source, as_json: AsJson = False) -> None:
    """Show a procedure as it is compiled: its route, its clocks with their ladders, its words.

    \b
    putright procedure show telecom-si
    """
    procedure = compiled(source)
    if as_json:
        print_json(_plain(procedure))
        return
    for part in _shown(procedure):
        console().print(part)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="The old one: a file, or the name of a shipped procedure.")],
    new: Annotated[str, typer.Argument(help="The new one.")],
    as_json: AsJson = False,
) -> None:
    """Compare what two procedures mean: what changed, came or went. Exit code 1 when they differ.

    Only the meaning is compared: comments and the order of keys make no difference.

    \b
    putright procedure diff telecom-si my-telecom.yaml
    """
    import wire

    before, after = compiled(old), compiled(new)
    changes = compared(_plain(before), _plain(after))
    if as_json:
        print_json(
            {
                "old": wire.fingerprint(before),
                "new": wire.fingerprint(after),
                "changes": [{"at": at, "old": was, "new": now} for at, was, now in changes],
            }
        )
    else:
        for at, was, now in changes:
            say(f"{at}", style="bold")
            if was is not None:
                say(f"  - {was}", style="red")
            if now is not None:
                say(f"  + {now}", style="green")
        if not changes:
            say("They mean the same.", style="green")
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


def compared(old: Any, new: Any, at: str = "") -> list[tuple[str, Any, Any]]:
    """The places where two plain values differ, with what was there and what is there (None: nothing)."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            change
            for key in (*old, *(key for key in new if key not in old))
            for change in compared(old.get(key), new.get(key), f"{at}.{key}" if at else str(key))
        ]
    if isinstance(old, list) and isinstance(new, list) and _named(old) and _named(new):
        before, after = ({str(item["name"]): item for item in side} for side in (old, new))
        changes = compared(before, after, at)
        names = [[item["name"] for item in side] for side in (old, new)]
        if sorted(names[0]) == sorted(names[1]) and names[0] != names[1]:
            changes.append((f"{at} (order)", ", ".join(names[0]), ", ".join(names[1])))
        return changes
    return [] if old == new else [(at, old, new)]


def _named(items: list[Any]) -> bool:
    return all(isinstance(item, dict) and "name" in item for item in items)


def _plain(procedure: Procedure) -> Any:
    import wire

    return wire.PROCEDURE.dump_python(procedure, mode="json", exclude_defaults=True)


def _title(titles: Any) -> str:
    return str(titles.get("en") or next(iter(titles.values()), ""))


def _shown(procedure: Procedure) -> list[RenderableType]:
    from rich.table import Table

    calendar = procedure.calendar
    head = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    head.add_column(style="dim")
    known = f", holidays known until {calendar.known_until}" if calendar.known_until else ""
    for name, text in {
        "procedure": f"{procedure.name} {procedure.version}: {_title(procedure.title)}",
        "calendar": f"{calendar.timezone}, {len(calendar.holidays)} holidays{known}",
        "languages": listed(procedure.languages),
        "form": listed([field.name + ("*" if field.required else "") for field in procedure.fields]),
        "purposes": listed([purpose.name for purpose in procedure.purposes]),
        "closing": listed([reason.name for reason in procedure.reasons]),
        "rounds": f"start at {procedure.rounds.start_at}, "
        + (f"{procedure.rounds.limit} at most" if procedure.rounds.limit else "without limit"),
        **{fact: listed(words) for fact, words in procedure.vocabulary.items()},
    }.items():
        head.add_row(name, text)
    steps = Table("step", "kind", "", "by", "outcomes", title="Route", title_justify="left", box=None)
    for step in procedure.steps:
        steps.add_row(step.name, step.kind.value, _title(step.title), listed(step.by), _outcomes(step))
    clocks = Table(
        "clock", "", "limits", "starts", "stops", "ladder", title="Clocks", title_justify="left", box=None
    )
    for rule in procedure.clocks:
        limits = listed([str(limit) for _, limit in rule.limits])
        clocks.add_row(
            rule.name, _title(rule.title), limits, listed(rule.starts), listed(rule.stops), _ladder(rule)
        )
    return [head, "", steps, "", clocks]


def _outcomes(step: Step) -> str:
    return ", ".join(f"{outcome} → {target.name or target.go}" for outcome, target in step.outcomes.items())


def _ladder(rule: ClockRule) -> str:
    rungs = []
    for rung in rule.ladder:
        when = f"{rung.share} %" if rung.share else f"+{rung.after}" if rung.after else "due"
        rungs.append(f"{when}: {'/'.join(rung.to)}")
    return ", ".join(rungs) or "none"
