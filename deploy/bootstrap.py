"""Prepares a Temporal server for Putright: namespace, retention and search attributes. Safe to run again."""

import argparse
import asyncio
from collections.abc import Mapping
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from settings import Settings
from workflows.registry import SEARCH_ATTRIBUTES

POLL_SECONDS = 0.2

# The protocol's types, by the names of types that the command line uses.
TYPES = {
    "Text": IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Double": IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
}


async def ensure_namespace(client: Client, retention: timedelta) -> bool:
    """Create the client's namespace if it is missing, keeping closed workflows for `retention`; tell it."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        await client.workflow_service.describe_namespace(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    else:
        return False
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=client.namespace,
            description="Customer complaints (Putright)",
            workflow_execution_retention_period=Duration(seconds=int(retention.total_seconds())),
        )
    )
    while not await _is_known(client):  # noqa: ASYNC110 - a new namespace spreads within some seconds
        await asyncio.sleep(POLL_SECONDS)
    return True


async def _is_known(client: Client) -> bool:
    try:
        await _known_attributes(client)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def ensure_search_attributes(client: Client, attributes: Mapping[str, str]) -> list[str]:
    """Add the search attributes that are missing, wait until the server knows them, return their names."""
    known = await _known_attributes(client)
    missing = {name: TYPES[kind] for name, kind in attributes.items() if name not in known}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
        while not missing.keys() <= await _known_attributes(client):  # noqa: ASYNC110 - the server does not tell
            await asyncio.sleep(POLL_SECONDS)
    return sorted(missing)


async def _known_attributes(client: Client) -> set[str]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    return set((await client.operator_service.list_search_attributes(request)).custom_attributes)


async def bootstrap(settings: Settings, retention: timedelta) -> None:
    """Prepare the configured server and namespace, and say what was done."""
    client = await Client.connect(**settings.temporal_connect_config())
    created = await ensure_namespace(client, retention)
    added = await ensure_search_attributes(client, SEARCH_ATTRIBUTES)
    print(f"namespace {client.namespace}: {'created' if created else 'was there'}")  # noqa: T201 - its output
    print(f"search attributes added: {', '.join(added) or 'none, all were there'}")  # noqa: T201 - its output


def main() -> None:
    """Run: `python -m deploy.bootstrap [--retention-days N]`; the server is named by `TEMPORAL_*`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--retention-days", type=int, default=30, help="how long closed workflows are kept")
    given = parser.parse_args()
    asyncio.run(bootstrap(Settings(), timedelta(days=given.retention_days)))


if __name__ == "__main__":
    main()
