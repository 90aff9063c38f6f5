"""The data converter of every client and worker: the SDK's pydantic one, with its type adapters built once.

The SDK makes a payload converter for each workflow, and pydantic needs milliseconds to build the adapter
of a rich type and cannot build it inside the workflow sandbox. Here the adapters of all types that
travel are built when the process starts, outside the sandbox, and are shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter, pydantic_data_converter
from temporalio.converter import CompositePayloadConverter, DefaultPayloadConverter, JSONPlainPayloadConverter

from domain.commands import COMMANDS, Asked
from domain.complaint import Complaint
from domain.messages import SendRequest
from domain.ports import Recording
from domain.retention import Kept, Stretch
from workflows.messages import RECORDED_AT, Done, Start, Unreadable

TRAVELLING: tuple[Any, ...] = (
    *(Start, Asked, Done, Complaint, Recording, RECORDED_AT, SendRequest, Stretch, Kept, Any),
    *COMMANDS.values(),
)
"""Every type that crosses between client, server and worker."""

TERSE: frozenset[type] = frozenset({Start, Asked, Done, *COMMANDS.values()})
"""Types written without fields that have their default value, as most have: the server keeps them with each
complaint. So a default of theirs must never be changed."""

_adapter = lru_cache(maxsize=None)(TypeAdapter)
for _type in TRAVELLING:
    _adapter(_type)


class _SharedAdapters(PydanticJSONPlainPayloadConverter):
    """The pydantic JSON converter whose adapters are those of this module."""

    def __init__(self) -> None:
        super().__init__()
        self._type_adapter = _adapter

    def to_payload(self, value: Any) -> Payload | None:
        """As pydantic's; what is ``TERSE`` is written without its defaults."""
        kind: Any = type(value)
        if kind not in TERSE:
            return super().to_payload(value)
        data = _adapter(kind).dump_json(value, exclude_defaults=True)
        return Payload(metadata={"encoding": self.encoding.encode()}, data=data)


class PayloadConverter(CompositePayloadConverter):
    """The SDK's payload converters with JSON through the shared pydantic adapters."""

    def __init__(self) -> None:
        json = _SharedAdapters()
        super().__init__(
            *(
                json if isinstance(converter, JSONPlainPayloadConverter) else converter
                for converter in DefaultPayloadConverter.default_encoding_payload_converters
            )
        )

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        """As the SDK's, but what has no type and cannot be read becomes an ``Unreadable``.

        Signals are taken without types. The SDK drops one that it cannot read, with a line in the log that
        its sender never sees; so it is handed on, and ends on the timeline of the complaint.
        """
        if type_hints is not None:
            return super().from_payloads(payloads, type_hints)
        return [self._read(payload) for payload in payloads]

    def _read(self, payload: Payload) -> Any:
        try:
            return super().from_payloads([payload])[0]
        except Exception as error:  # whatever somebody sent
            return Unreadable(_first_line(error))


def _first_line(error: Exception) -> str:
    """What is wrong, without what was sent, which may be personal."""
    if isinstance(error, ValidationError):
        return str(error.errors(include_url=False, include_input=False)[0]["msg"])
    return " ".join(str(error).split())[:200]


data_converter = replace(pydantic_data_converter, payload_converter_class=PayloadConverter)
"""Hand this to ``Client.connect``; workers take it from their client."""
