"""Preparing a Temporal server: namespace, retention and search attributes, as often as one likes."""

from datetime import timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.testing import WorkflowEnvironment

from deploy.bootstrap import ensure_namespace, ensure_search_attributes
from workflows.registry import SEARCH_ATTRIBUTES


async def test_a_bare_server_is_prepared_once(temporal_env: WorkflowEnvironment) -> None:
    client = await temporal_env.connect_client(namespace="prepared")
    assert await ensure_namespace(client, timedelta(days=30))
    assert await ensure_search_attributes(client, SEARCH_ATTRIBUTES) == sorted(SEARCH_ATTRIBUTES)

    assert not await ensure_namespace(client, timedelta(days=30))
    assert await ensure_search_attributes(client, SEARCH_ATTRIBUTES) == []
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace="prepared")
    )
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=30)
