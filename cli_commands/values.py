"""What is typed behind a verb, turned into the body the API takes."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cli_commands.terminal import USAGE, Failure, listed
from domain.commands import COMMANDS
from domain.spelling import did_you_mean

_FIELD = re.compile(r"[a-z_]+(\.\w+)*")
_PAIR = re.compile(r"([A-Za-z_][\w.-]*?)(:?=)(.*)", re.DOTALL)


def body_of(verb: str, words: Sequence[str]) -> dict[str, Any]:
    """The JSON body of a command from words as typed.

    A word is ``field=text``, ``field.key=text`` for a field that is a table, ``field.1.key=text`` or
    ``field=word,word`` for a list, ``field:=JSON`` for anything else; a word without a field's name fills the
    next field of the command in order. Times without offset are local to this machine. Raises Failure for
    what cannot be a command.
    """
    from pydantic import TypeAdapter, ValidationError

    if verb not in COMMANDS:
        raise Failure(f"There is no verb {verb!r}: {did_you_mean(verb, sorted(COMMANDS))}", USAGE)
    command_type = COMMANDS[verb]
    fields = _typed(verb)
    adapter: TypeAdapter[Any] = TypeAdapter(command_type)
    data = _gathered([field.name for field in fields], words, verb)
    for field in fields:
        if field.type == "tuple[str, ...]" and isinstance(given := data.get(field.name), str):
            data[field.name] = [part for part in re.split(r"[,\s]+", given) if part]
    try:
        command = adapter.validate_python(data)
    except ValidationError as error:
        wrong = [
            f"  {'.'.join(map(str, e['loc']))}: {e['msg']}"
            for e in error.errors(include_url=False, include_context=False)
        ]
        raise Failure("\n".join([f"`{verb}` cannot be read:", *wrong, usage(verb)]), USAGE) from error
    body: dict[str, Any] = adapter.dump_python(_aware(command), mode="json", exclude_defaults=True)
    return body


def form_of(words: Sequence[str]) -> dict[str, str]:
    """Fields of a form from ``name=text`` words."""
    form = {}
    for word in words:
        found = _PAIR.fullmatch(word)
        if found is None or found[2] != "=":
            raise Failure(f"A field of the form is written name=value, not {word!r}", USAGE)
        form[found[1]] = found[3]
    return form


def usage(verb: str) -> str:
    """One line on the fields of a verb; optional ones in brackets."""
    parts = []
    for field in _typed(verb):
        optional = (
            field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        )
        parts.append(f"[{field.name}]" if optional else field.name)
    return f"Fields of {verb}, in order: {listed(parts)}"


def _typed(verb: str) -> list[dataclasses.Field[Any]]:
    """The fields of a verb that are for its user; others are looked up by the service that passes it on."""
    return [field for field in dataclasses.fields(COMMANDS[verb]) if not field.metadata.get("looked_up")]


def _gathered(names: Sequence[str], words: Sequence[str], verb: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    free = [name for name in names if not any(_names(word, name) for word in words)]
    for word in words:
        found = _PAIR.fullmatch(word)
        if found and found[1].split(".")[0] in names:
            value = _json(found[1], found[3]) if found[2] == ":=" else found[3]
            _put(data, found[1].split("."), value)
        elif found and _FIELD.fullmatch(found[1]):
            raise Failure(
                f"`{verb}` has no field {found[1]!r}: {did_you_mean(found[1], names)}\n{usage(verb)}", USAGE
            )
        elif free:
            data[free.pop(0)] = word
        else:
            raise Failure(f"Nothing of `{verb}` is left for {word!r}.\n{usage(verb)}", USAGE)
    return {name: _as_list(value) for name, value in data.items()}


def _names(word: str, name: str) -> bool:
    found = _PAIR.fullmatch(word)
    return found is not None and found[1].split(".")[0] == name


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Failure(f"{name}:= is followed by JSON; {text!r} is none ({error})", USAGE) from error


def _put(data: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for part in path[:-1]:
        inner = data.setdefault(part, {})
        if not isinstance(inner, dict):
            raise Failure(f"{'.'.join(path)} does not fit beside {part}", USAGE)
        data = inner
    data[path[-1]] = value


def _as_list(value: Any) -> Any:
    """Tables whose keys are 1, 2, … are lists; an entry without an id of its own is named by its number."""
    if not isinstance(value, Mapping):
        return value
    inner = {key: _as_list(item) for key, item in value.items()}
    if not inner or not all(key.isdecimal() for key in inner):
        return inner
    return [
        {"id": key, **item} if isinstance(item, dict) and "text" in item else item
        for key, item in sorted(inner.items(), key=lambda pair: int(pair[0]))
    ]


def _aware(command: Any) -> Any:
    """The command with every time that has no offset read as local to this machine."""
    naive = {
        field.name: value.astimezone()
        for field in dataclasses.fields(command)
        if isinstance(value := getattr(command, field.name), datetime) and value.tzinfo is None
    }
    return dataclasses.replace(command, **naive) if naive else command
