"""What travels between client, server and worker is read as it was written."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload

from domain.commands import COMMANDS, Actor, Asked
from tests.workflows.test_replay import committed, read
from workflows.converter import TERSE, data_converter
from workflows.messages import Start

CONVERTER = data_converter.payload_converter


def inputs() -> Iterator[tuple[type, Payload]]:
    """The inputs of every workflow and update in the committed histories, with their types."""
    for file in committed():
        for event in read(file)["events"]:
            if started := event.get("workflowExecutionStartedEventAttributes"):
                yield Start, payload(started["input"]["payloads"][0])
            elif accepted := event.get("workflowExecutionUpdateAcceptedEventAttributes"):
                given = accepted["acceptedRequest"]["input"]
                command, asked = given["args"]["payloads"]
                yield COMMANDS[given["name"]], payload(command)
                yield Asked, payload(asked)


def payload(stored: dict[str, Any]) -> Payload:
    """A payload from the JSON of a history."""
    metadata = {key: base64.b64decode(value) for key, value in stored["metadata"].items()}
    return Payload(metadata=metadata, data=base64.b64decode(stored["data"]))


def test_inputs_of_histories_are_read_the_same_when_they_are_written_anew() -> None:
    seen: set[type] = set()
    before = after = 0
    for kind, given in inputs():
        value = CONVERTER.from_payloads([given], [kind])[0]
        (again,) = CONVERTER.to_payloads([value])
        assert CONVERTER.from_payloads([again], [kind])[0] == value
        seen.add(kind)
        before, after = before + len(given.data), after + len(again.data)
    assert len(seen) > 15
    assert after < 0.8 * before


@pytest.mark.parametrize(
    "actor", [Actor("person:a", ("agent",), ()), Actor("person:a", ("agent",), ("north",))]
)
def test_a_default_is_not_written_and_anything_else_is(actor: Actor) -> None:
    (written,) = CONVERTER.to_payloads([Asked(actor, "one", expected_seq=0)])
    data = json.loads(written.data)
    assert data["expected_seq"] == 0
    assert ("units" in data["actor"]) == bool(actor.units)
    assert "files" not in data
    assert Asked in TERSE
