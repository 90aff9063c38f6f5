"""What all commands share: exit codes, failures a person can mend, and printing for people and programs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

DONE, WRONG, USAGE, REFUSED, UNAVAILABLE = 0, 1, 2, 3, 4
"""Exit codes: done; something is wrong; the command line is; a rule refused it; try again later."""

HERE = (
    (re.compile(r"GET /api/v1/units/([^/\s]+)/measures"), r"`putright measures \1`"),
    (re.compile(r"GET /api/v1/units\b"), "`putright directory units`"),
    (re.compile(r"GET /api/v1/people\b"), "`putright directory people`"),
    (re.compile(r"GET /api/v1/procedures\b"), "`putright procedure list`"),
)
"""Where to look, as the API says it and as it is said to whoever sits at a terminal."""

NOT_MIGRATED = ("42P01", "42703")
"""What PostgreSQL says when a table or a column is not there."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead, for programs.")]


class Failure(Exception):
    """A command cannot do what was asked, for a reason its user can see and mend.

    ``message`` may have several lines: what is wrong, then what to do. ``data`` is printed with ``--json``.
    """

    def __init__(self, message: str, code: int = WRONG, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


def console(*, stderr: bool = False) -> Console:
    """A console that does not break lines of text at the width of a pipe."""
    from rich.console import Console

    found = Console(stderr=stderr, highlight=False)
    if not found.is_terminal:
        found = Console(stderr=stderr, highlight=False, width=max(found.width, 160))
    return found


def say(text: str, *, style: str = "", stderr: bool = False) -> None:
    """Print one paragraph as it is: nothing in it is read as markup."""
    console(stderr=stderr).print(text, style=style or None, markup=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a value as indented JSON; datetimes and dates in ISO form."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def listed(words: Sequence[str]) -> str:
    """The words as a list in a sentence; `none` when there are none."""
    return ", ".join(words) or "none"


def expected(error: BaseException) -> Failure | None:
    """The failure behind an error that is no fault of the program; None for one that is.

    What the project's own errors are is only looked up here, so that a command that meets none loads none.
    """
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from domain.errors import ProcedureError, Refused
    from domain.limits import WorktimeError
    from local.problem import Problem
    from services.errors import Unavailable
    from storage.errors import StorageError

    if isinstance(error, Refused):
        return refusal(error.code, error.reason, error.legal, error.fields)
    if isinstance(error, Unavailable):
        return Failure(f"{error.reason} ({error.what})", UNAVAILABLE)
    if isinstance(error, ValidationError) and error.title == "Settings":
        lines = [f"{_variable(e['loc'])}: {e['msg']}" for e in error.errors(include_url=False)]
        return Failure("A setting (environment variable) is not right:\n" + "\n".join(lines), USAGE)
    if isinstance(error, SettingsError):
        said = f"{error}; maps and lists are written as JSON"
        return Failure(f"A setting (environment variable) is not right:\n{said}", USAGE)
    if isinstance(error, Problem | ProcedureError | WorktimeError | StorageError):
        return Failure(str(error))
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError) and error.filename:
        return Failure(f"{error.filename}: {error.strerror}", USAGE)
    return _away(error)


def _variable(place: Sequence[int | str]) -> str:
    """The environment variable of a setting: some have a name of their own, which is in capitals."""
    name = str(place[0]) if place else ""
    return name if name.isupper() else f"PUTRIGHT_{name.upper()}"


def _away(error: BaseException) -> Failure | None:
    """The failure behind an error that says PostgreSQL is away or has no tables yet."""
    from services.connect import is_database_down, not_let_in

    if said := not_let_in(error):
        return Failure(f"PostgreSQL does not let us in: {said}. Correct DATABASE_URL.", USAGE)
    if getattr(getattr(error, "orig", None), "sqlstate", "") in NOT_MIGRATED:
        return Failure(
            "The database has no tables of Putright, or those of another version.\n"
            "Start the laptop stack once (`putright up`), or migrate it: alembic upgrade head"
        )
    if is_database_down(error):
        return Failure(
            "PostgreSQL cannot be reached. Is the stack running? `putright up` starts one;\n"
            "`putright doctor` looks at every part.",
            UNAVAILABLE,
        )
    return None


def refusal(
    code: str, reason: str, legal: Sequence[str] = (), fields: Mapping[str, str] | None = None
) -> Failure:
    """A refusal as a person reads it: code and reason, field by field what is wrong, what is legal now."""
    lines = [f"Refused ({code}): {reason}"]
    lines += [f"  {name}: {problem}" for name, problem in (fields or {}).items()]
    if "attachments" in "".join(lines):
        lines.append("A file is added by `putright attach REF FILE`, which prints its id.")
    if legal:
        lines.append(f"Legal now: {listed(legal)}")
    data = {"code": code, "reason": reason, "legal": list(legal), "fields": dict(fields or {})}
    return Failure(_said_here("\n".join(lines)), REFUSED, data)


def _said_here(text: str) -> str:
    """The text with places of the API replaced by the commands that show the same."""
    for place, command in HERE:
        text = place.sub(command, text)
    return text
