"""Whatever anybody sends, the API answers as it says: generated requests for every route, no server error."""

from __future__ import annotations

import asyncio
from collections import Counter
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
    ref = await site.opened()
    await site.act(ref, "dispatch", unit="si-alpha")
    token = await site.token_for(*EVERYTHING)
    description = (await site.as_("").get(f"{site.url}/openapi.json")).json()
    statuses, failed = await asyncio.to_thread(fuzz, description, site.url, token, ref, mode)
    assert failed == []
    assert {status // 100 for status in statuses} >= {2, 4}


def fuzz(
    description: dict[str, object], url: str, token: str, ref: str, mode: GenerationMode
) -> tuple[Counter[int], list[str]]:
    """Generate requests for every operation; those about a complaint are about one that is there."""
    statuses: Counter[int] = Counter()
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
                case.path_parameters["ref"] = ref
            answer = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
            statuses[answer.status_code] += 1
            try:
                case.validate_response(answer, checks=CHECKS)
            except (Failure, FailureGroup) as failure:
                failed.append(f"{failure!s:.1500}")

        with suppress(Unsatisfiable):  # a route that takes nothing can be given nothing wrong
            one()
    return statuses, failed
