"""The verbs of a complaint as typed updates, and the payloads of signals as commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from temporalio import workflow

from domain.commands import COMMANDS, Actor, Asked, Malformed
from workflows.messages import Done, Unreadable

T = TypeVar("T", bound=type)

UNKNOWN_SENDER = Actor(id="system:signal", roles=("system",))
"""Who a signal without a sender comes from: some department's system with access to Temporal."""

_ADAPTERS: dict[str, TypeAdapter[Any]] = {verb: TypeAdapter(command) for verb, command in COMMANDS.items()}
_ASKED: TypeAdapter[Asked] = TypeAdapter(Asked)


def with_updates(cls: T) -> T:
    """Give a workflow class one typed update, with its validator, for every verb of ``COMMANDS``.

    They all do the same with different types: hand the command to ``command`` and ``check``. Forty
    methods written out would say nothing more and could differ by mistake.
    """
    for verb, command_type in COMMANDS.items():
        setattr(cls, verb, _update(verb, command_type))
    return cls


def _update(verb: str, command_type: type) -> Any:
    async def handle(self: Any, command: Any, asked: Asked) -> Any:
        return await self.command(command, asked)

    def validate(self: Any, command: Any, asked: Asked) -> None:
        self.check(command, asked)

    types = {"command": command_type, "asked": Asked}
    handle.__annotations__ = {**types, "return": Done}
    validate.__annotations__ = {**types, "return": None}
    handle.__name__ = handle.__qualname__ = verb
    handle.__doc__ = validate.__doc__ = command_type.__doc__
    validate.__name__ = f"check_{verb}"
    update = workflow.update(name=verb)(handle)
    update.validator(validate)
    return update


def parsed_signal(verb: str, inputs: Sequence[Any]) -> tuple[Any, Asked]:
    """The command and the sender in a signal's inputs, whatever was sent.

    What does not parse becomes a ``Malformed`` command: an error here would stop the complaint for ever.
    """
    if not 1 <= len(inputs) <= 2:
        return _malformed(verb, f"a signal has an input and perhaps its sender; this one has {len(inputs)}")
    for given in inputs:
        if isinstance(given, Unreadable):
            return _malformed(verb, f"the input could not be read: {given.why}")
    payload, asked = (*inputs, None)[:2]
    try:
        who = _ASKED.validate_python(asked) if asked is not None else Asked(UNKNOWN_SENDER)
        return _ADAPTERS[verb].validate_python(payload), who
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        return _malformed(verb, f"{where or 'payload'}: {problem['msg']}")


def _malformed(verb: str, problem: str) -> tuple[Any, Asked]:
    return Malformed(verb, problem), Asked(UNKNOWN_SENDER)
