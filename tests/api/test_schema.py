"""Whatever anybody sends, the API answers as it says: generated requests for every route, no server error."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from domain import roles
from domain.fields import FieldType, FormField
from procedures.loader import load_pack, packs
from procedures.organisation import load_shipped
from tests.api.conftest import Site

EXAMPLES = 3
"""Generated requests for each route: enough to find what breaks, few enough for every run."""
LEFT_OUT = ("/events/stream", "/revoke")
"""A stream never ends; revoking could end the caller's own token."""
EVERYTHING = (roles.AGENT, roles.SUPERVISOR, roles.CALLBACK, roles.ADMINISTRATOR, roles.APPROVER)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_no_request_makes_a_server_error(site: Site, mode: GenerationMode) -> None:
    refs = [await opened_under(site, name) for name in packs()]
    token = await site.token_for(*EVERYTHING)
    description = (await site.as_("").get(f"{site.url}/openapi.json")).json()
    statuses, failed = await asyncio.to_thread(fuzz, description, site.url, token, refs, mode)
    assert failed == []
    assert {status // 100 for status in statuses} >= {2, 4}


async def opened_under(site: Site, name: str) -> str:
    """A complaint under a procedure: asked for what is missing, as somebody at the desk would be."""
    procedure, form = load_pack(name), dict[str, str]()
    fields = {field.name: field for field in procedure.fields}
    unit = load_shipped()[name].units[-1].id
    for _ in range(4):
        facts = {word: words[0] for word, words in procedure.vocabulary.items() if word != "channel"}
        channel = next(iter(procedure.vocabulary.get("channel", ())), "hotline")
        body = {"procedure": name, "facts": facts | procedure.defaults, "form": form, "unit": unit}
        answer = await site.open(**body, channel=channel)
        if answer.status_code == 201:
            ref = str(answer.json()["ref"])
            await site.until(ref, lambda c: c["seq"] > 0)
            return ref
        for wrong in answer.json()["fields"]:
            asked = wrong.removeprefix("form.")
            form[asked] = filled(fields[asked], name)
    raise AssertionError(answer.text)


def filled(field: FormField, name: str) -> str:
    """A field of the intake form, filled in by somebody who works there."""
    organisation = load_shipped()[name]
    return {
        FieldType.CHOICE: next(iter(field.choices), ""),
        FieldType.NUMBER: str(field.lowest or 1),
        FieldType.MONEY: str(field.lowest or "1.00"),
        FieldType.DATE: "2026-03-02",
        FieldType.YES_NO: "true",
        FieldType.PHONE: "+86 10 5555 0100",
        FieldType.EMAIL: "li@customer.example",
        FieldType.PERSON: organisation.people[-1].id,
        FieldType.UNIT: organisation.units[-1].id,
    }.get(field.type, "words")


def fuzz(
    description: dict[str, object], url: str, token: str, refs: Sequence[str], mode: GenerationMode
) -> tuple[Counter[int], list[str]]:
    """Generate requests for every operation.

    Those about a complaint are about one that is there, under each procedure in turn; those to open one name
    a procedure that is there, as often as not.
    """
    statuses: Counter[int] = Counter()
    turn, names = itertools.cycle(refs), itertools.cycle((*packs(), None))
    failed: list[str] = []
    for found in from_dict(description).get_all_operations():
        operation = found.ok()
        if operation.path.endswith(LEFT_OUT):
            continue

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def one(case: schemathesis.Case) -> None:
            if "ref" in case.path_parameters:
                case.path_parameters["ref"] = next(turn)
            if isinstance(case.body, dict) and "procedure" in case.body and (name := next(names)):
                case.body["procedure"] = name
            answer = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
            statuses[answer.status_code] += 1
            try:
                case.validate_response(answer, checks=CHECKS)
            except (Failure, FailureGroup) as failure:
                failed.append(f"{failure!s:.1500}")

        with suppress(Unsatisfiable):  # a route that takes nothing can be given nothing wrong
            one()
    return statuses, failed
