"""Checked types of what comes in: texts PostgreSQL can store and instants that are aware."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from types import GenericAlias, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    create_model,
)

LONGEST = 20_000
"""Characters of one text, more than any letter needs; the workflow's history holds every command."""


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain a NUL character")
    return text


def _written(value: Any) -> Any:
    if isinstance(value, int | float) or (isinstance(value, str) and value.strip("+-. ").isdigit()):
        raise ValueError("must be written as a time, such as 2026-12-01T09:00:00+08:00")
    return value


def _sensible(at: datetime) -> datetime:
    if not 1970 <= at.year <= 2200:
        raise ValueError("must lie between the years 1970 and 2200")
    return at.astimezone(UTC)


Text = Annotated[str, Field(max_length=LONGEST), AfterValidator(_storable)]
Word = Annotated[str, Field(max_length=200), AfterValidator(_storable)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_sensible)]


TOLD: Mapping[str, str] = {
    "attachments": "Ids of files of this complaint: `POST /api/v1/complaints/{ref}/attachments` adds one and "
    "answers with its id.",
    "answers": "What was filled in, by field of the form; files are answered with the ids they got when they "
    "were added to the complaint's attachments, with commas between.",
}
"""Fields of commands whose content comes from elsewhere: from where."""


class Strict(BaseModel):
    """A request body: unknown names are refused, so that a typing error is not a silent no."""

    model_config = ConfigDict(extra="forbid")


def body_model(command_type: type, *, example: Mapping[str, Any], name: str = "") -> type[Strict]:
    """The request body for a command: its fields with checked types, and ``expected_seq``.

    Made from the command itself, so that the API cannot differ from the domain.
    """
    fields = {
        **_fields(command_type),
        "expected_seq": (
            int | None,
            Field(default=None, ge=0, description="Refuse if the complaint has moved on from here."),
        ),
    }
    model: type[Strict] = create_model(
        name or f"{command_type.__name__}Body", __base__=Strict, __doc__=command_type.__doc__, **fields
    )
    model.model_config["json_schema_extra"] = {"example": dict(example)}
    model.model_rebuild(force=True)
    return model


def _fields(dataclass_type: type) -> dict[str, Any]:
    hints = get_type_hints(dataclass_type)
    result: dict[str, Any] = {}
    for field in dataclasses.fields(dataclass_type):
        if field.metadata.get("looked_up"):
            continue
        default: Any = ...
        if field.default is not dataclasses.MISSING:
            default = field.default
        elif field.default_factory is not dataclasses.MISSING:
            default = Field(default_factory=field.default_factory)
        kind = _checked(hints[field.name])
        if told := TOLD.get(field.name):
            kind = Annotated[kind, Field(description=told)]
        result[field.name] = (kind, default)
    return result


@cache
def _nested(dataclass_type: type) -> type[Strict]:
    """The body model of something inside a command, one for all commands it occurs in."""
    made: type[Strict] = create_model(
        f"{dataclass_type.__name__}Body", __base__=Strict, **_fields(dataclass_type)
    )
    return made


def _checked(kind: Any) -> Any:
    """The type with texts and instants replaced by their checked forms, at any depth."""
    if kind is str:
        return Text
    if kind is datetime:
        return Instant
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _nested(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return GenericAlias(dict, (Word, _checked(inner[1])))
    if origin is tuple:
        return Annotated[GenericAlias(tuple, (_checked(inner[0]), ...)), Field(max_length=100)]
    if origin in (Union, UnionType):
        return Union[tuple(_checked(part) for part in inner)]  # noqa: UP007 - built at run time
    return kind
