"""What `putright doctor` asks of the parts beside the database: Temporal, workers, mail, API, people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cli_commands.doctor import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from temporalio.api.deployment.v1 import WorkerDeploymentVersion
    from temporalio.api.taskqueue.v1 import PollerInfo
    from temporalio.client import Client

    from settings import Settings
    from storage.engine import Database

PATIENCE = timedelta(seconds=5)
POLLED_WITHIN = timedelta(minutes=2)
"""Pollers are remembered by the server for some minutes after they are gone."""


async def temporal(settings: Settings) -> list[Finding]:
    """Is Temporal reachable, is the namespace there, are the search attributes, does a worker poll?"""
    import asyncio

    from temporalio.client import Client
    from temporalio.service import RPCError

    config = settings.temporal_connect_config()
    where = f"{config.get('target_host')}, namespace {config.get('namespace')}"
    try:
        client = await asyncio.wait_for(Client.connect(**config), PATIENCE.total_seconds())
        await client.service_client.check_health(timeout=PATIENCE)
    except (RuntimeError, RPCError, TimeoutError) as error:
        return [
            Finding(
                "Temporal",
                "wrong",
                f"does not answer at {where}: {str(error).splitlines()[0] if str(error) else 'too slow'}",
                "Start it (`putright up` starts the laptop stack's), or correct TEMPORAL_ADDRESS.",
            )
        ]
    try:
        attributes = await _attributes(client)
    except RPCError as error:
        mend = "Prepare the server: python -m deploy.bootstrap"
        return [Finding("Temporal", "wrong", f"{where}: {error.message}", mend)]
    return [Finding("Temporal", "ok", where), attributes, *await _workers(client)]


async def _attributes(client: Client) -> Finding:
    from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest

    from workflows.registry import SEARCH_ATTRIBUTES

    request = ListSearchAttributesRequest(namespace=client.namespace)
    answer = await client.operator_service.list_search_attributes(request, timeout=PATIENCE)
    missing = sorted(set(SEARCH_ATTRIBUTES) - set(answer.custom_attributes))
    if missing:
        mend = "Add them: python -m deploy.bootstrap"
        return Finding("search attributes", "wrong", f"missing: {', '.join(missing)}", mend)
    return Finding("search attributes", "ok", f"all {len(SEARCH_ATTRIBUTES)} are there")


async def _workers(client: Client) -> list[Finding]:
    from temporalio.api.enums.v1 import TaskQueueType
    from temporalio.api.taskqueue.v1 import TaskQueue
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

    from workflows.registry import COMPLAINT_QUEUE, NOTIFICATION_QUEUE, UPKEEP_QUEUE

    workflow_type = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    activity_type = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    queues = {
        COMPLAINT_QUEUE: workflow_type,
        NOTIFICATION_QUEUE: activity_type,
        UPKEEP_QUEUE: workflow_type,
    }
    found = []
    for queue, kind in queues.items():
        answer = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
            ),
            timeout=PATIENCE,
        )
        since = datetime.now(UTC) - POLLED_WITHIN
        recent = [p for p in answer.pollers if p.last_access_time.ToDatetime(tzinfo=UTC) > since]
        found.append(_worker(queue, recent, answer.versioning_info.current_deployment_version))
    return found


def _worker(queue: str, pollers: Sequence[PollerInfo], current: WorkerDeploymentVersion) -> Finding:
    """Whether somebody serves a queue, and in the version that is given work: others poll in vain."""
    if not pollers:
        mend = "Start one: putright worker. Until then commands answer 503 and deadlines fire late."
        return Finding("worker", "wrong", f"nobody works on {queue}", mend)
    served = {_version(poller): poller.deployment_options.deployment_name for poller in pollers}
    if current.build_id in served:
        told = f"{len({poller.identity for poller in pollers})} on {queue}"
        return Finding("worker", "ok", f"{told}, version {current.build_id}" if current.build_id else told)
    build_id, name = next(iter(served.items()))
    wanted = f"version {current.build_id}" if current.build_id else "workers without a version"
    told = f"those on {queue} are of version {build_id or '(none)'}, work goes to {wanted}"
    which = f"--build-id {build_id}" if build_id else "--unversioned"
    mend = f"temporal worker deployment set-current-version --deployment-name {name} {which}"
    return Finding("worker", "wrong", told, mend)


def _version(poller: PollerInfo) -> str:
    """The build id a poller is routed by; empty when it serves without versions."""
    from temporalio.api.enums.v1 import WorkerVersioningMode

    options = poller.deployment_options
    versioned = options.worker_versioning_mode == WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED
    return options.build_id if versioned else ""


async def workflows(settings: Settings, database: Database) -> list[Finding]:
    """Has every open complaint a running workflow? Nothing is said while Temporal is away."""
    from temporalio.service import RPCError

    from services.connect import Connections
    from services.errors import Unavailable
    from services.reviving import missing

    try:
        count = await missing(Connections(database, settings.temporal_connect_config()))
    except (Unavailable, RPCError):
        return []
    if not count:
        return [Finding("workflows", "ok", "every open complaint has one")]
    mend = "Give them one again: putright revive. Until then their deadlines do not fire."
    return [Finding("workflows", "wrong", f"about {count} open complaints have none", mend)]


async def mail(settings: Settings) -> list[Finding]:
    """Does the mail server answer, the way it is configured?"""
    import aiosmtplib

    host = settings.smtp_host or settings.bind
    port = settings.smtp_port if settings.smtp_host else settings.mail_smtp_port
    client = aiosmtplib.SMTP(
        hostname=host,
        port=port,
        use_tls=settings.smtp_security == "tls",
        start_tls=settings.smtp_security == "starttls",
        timeout=PATIENCE.total_seconds(),
    )
    try:
        async with client:
            if settings.smtp_username:
                await client.login(settings.smtp_username, settings.smtp_password.get_secret_value())
            await client.noop()
    except (aiosmtplib.SMTPException, OSError) as error:
        return [
            Finding(
                "mail",
                "wrong",
                f"{host}:{port} does not take mail: {error}",
                "Messages wait and go out later. Start the mail server, or correct SMTP_HOST and SMTP_PORT.",
            )
        ]
    return [Finding("mail", "ok", f"{host}:{port} takes mail")]


async def channels(settings: Settings, database: Database) -> list[Finding]:
    """Can workers send by what is configured? They do not start with a channel that cannot be made."""
    from wiring import channels_of, payment_system_of

    try:
        made = channels_of(settings, database)
        payment_system_of(settings)
    except ValueError as error:
        mend = "Correct the setting (docs/settings.md): workers do not start with it."
        return [Finding("channels", "wrong", str(error), mend)]
    return [Finding("channels", "ok", ", ".join(sorted(made)))]


async def api(settings: Settings) -> list[Finding]:
    """Does the API say that it is ready?"""
    import httpx

    url = f"http://{settings.bind}:{settings.api_port}/health/ready"
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE.total_seconds()) as client:
            answer = await client.get(url)
    except httpx.TransportError as error:
        mend = "Start it: putright serve (or `putright up` for everything)."
        return [Finding("API", "wrong", f"does not answer at {url}: {error}", mend)]
    if answer.status_code != 200:
        mend = "What it needs is down; see the other findings and its log."
        return [Finding("API", "wrong", f"is not ready ({answer.status_code}): {answer.text[:200]}", mend)]
    return [Finding("API", "ok", f"ready at {url.removesuffix('/health/ready')}")]


async def duty(database: Database) -> list[Finding]:
    """Is there a duty owner, who gets what an empty post would have got?"""
    from domain.roles import ADMINISTRATOR
    from storage.holders import DUTY
    from storage.queries.posts import directory

    known = await directory(database, datetime.now(UTC), units=(), roles=(DUTY, ADMINISTRATOR), people=())
    present = sorted({post.person.name for post in known.posts if post.role == DUTY and post.person.present})
    if present:
        return [Finding("duty owner", "ok", ", ".join(present))]
    instead = sorted({post.person.name for post in known.posts if post.person.present})
    if instead:
        told = f"nobody has the duty now; administrators stand in: {', '.join(instead)}"
        return [Finding("duty owner", "look", told, "Give somebody the post `duty`.")]
    mend = "Give somebody who is there the post `duty`: escalations to an empty post reach nobody."
    return [Finding("duty owner", "wrong", "nobody has the duty, and no administrator is there", mend)]
