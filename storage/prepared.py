"""Statements that are run by the driver alone: compiled once, prepared once for each connection.

SQLAlchemy writes them; where a request or a recording waits for one, its way through SQLAlchemy took
longer than PostgreSQL needed to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import asyncpg
from pydantic_core import to_json
from sqlalchemy import Executable
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import JSON

DIALECT = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy has no types here
Binder = Callable[[Any], Any]
MISSING = object()


class Record(asyncpg.Record):
    """A row whose columns are attributes too, like SQLAlchemy's."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def _asdict(self) -> dict[str, Any]:
        return dict(self.items())


class Prepared:
    """A statement as the driver takes it; made once, at import, as the statement itself is.

    ``statement`` must not change with its values: no ``IN`` over a list whose length is not known. An
    insert without ``values`` needs ``columns``.
    """

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        self.statement = statement
        self._columns = list(columns) if columns is not None else None

    @cached_property
    def _compiled(self) -> tuple[str, tuple[tuple[str, Any, Binder | None], ...]]:
        assert isinstance(self.statement, ClauseElement)
        compiled: Any = self.statement.compile(dialect=DIALECT, column_keys=self._columns)
        names = compiled.positiontup or ()
        return compiled.string, tuple((name, *_bound(compiled.binds[name])) for name in names)

    @property
    def sql(self) -> str:
        """The text, with ``$1``, ``$2``, … for the values."""
        return self._compiled[0]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in their order; KeyError for one that is neither given nor part of the statement."""
        found = []
        for name, default, binder in self._compiled[1]:
            value = values.get(name, default)
            if value is MISSING:
                raise KeyError(f"the statement needs {name}")
            found.append(value if binder is None else binder(value))
        return found


def _bound(bind: Any) -> tuple[Any, Binder | None]:
    """The value a bound parameter has of itself, and how a value is made what the driver takes."""
    default = MISSING if bind.required else bind.effective_value
    if isinstance(bind.type, JSON):
        return default, _nullable_json if bind.type.none_as_null else _json
    return default, bind.type.dialect_impl(DIALECT).bind_processor(DIALECT)


def _json(value: Any) -> str:
    return to_json(value).decode()


def _nullable_json(value: Any) -> str | None:
    return None if value is None else to_json(value).decode()


def given_as(columns: Mapping[str, str]) -> str:
    """How a set of rows given as JSON is read: names and types."""
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())
