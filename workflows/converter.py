"""The data converter of every client and worker: the SDK's pydantic one, with its type adapters built once.

The SDK makes a payload converter for each workflow, and pydantic needs milliseconds to build the adapter
of a rich type and cannot build it inside the workflow sandbox. Here the adapters of all types that
travel are built when the process starts, outside the sandbox, and are shared.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter, pydantic_data_converter
from temporalio.converter import CompositePayloadConverter, DefaultPayloadConverter, JSONPlainPayloadConverter

from domain.commands import COMMANDS, Asked
from domain.complaint import Complaint
from domain.messages import SendRequest
from domain.ports import Recording
from domain.retention import Kept, Stretch
from workflows.messages import RECORDED_AT, Done, Start

TRAVELLING: tuple[Any, ...] = (
    *(Start, Asked, Done, Complaint, Recording, RECORDED_AT, SendRequest, Stretch, Kept, Any),
    *COMMANDS.values(),
)
"""Every type that crosses between client, server and worker."""

_adapter = lru_cache(maxsize=None)(TypeAdapter)
for _type in TRAVELLING:
    _adapter(_type)


class _SharedAdapters(PydanticJSONPlainPayloadConverter):
    """The pydantic JSON converter whose adapters are those of this module."""

    def __init__(self) -> None:
        super().__init__()
        self._type_adapter = _adapter


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


data_converter = replace(pydantic_data_converter, payload_converter_class=PayloadConverter)
"""Hand this to ``Client.connect``; workers take it from their client."""
