"""The worker process: reads the settings, wires what activities need, serves the task queues."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.worker import Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.consequence import ConsequenceActivities
from activities.measures import MeasureActivities
from activities.notification import NotificationActivities
from activities.payment import LOOK_AGAIN, NoPaymentSystem, PaymentActivities
from activities.recording import RecordingActivities
from activities.retention import RetentionActivities
from domain.messages import ChannelName
from domain.ports import Channel, Outbox, PaymentSystem
from services.consequences import Opener
from services.logs import set_up_logs
from services.retention import TemporalHistories, schedule_retention
from settings import Settings
from storage.engine import Database
from storage.queries.measures import PostgresMeasures
from storage.stores.ledger import PostgresPayouts
from storage.stores.recorder import PostgresRecorder
from storage.stores.retention import PostgresRetention
from wiring import channels_of, keep_what_is_loaded, outbox_of, payment_system_of
from workflows import registry
from workflows.complaint import ComplaintWorkflow
from workflows.converter import data_converter
from workflows.retention import RetentionWorkflow

SHORT = {
    "complaints": registry.COMPLAINT_QUEUE,
    "notifications": registry.NOTIFICATION_QUEUE,
    "upkeep": registry.UPKEEP_QUEUE,
}
"""Short names under which queues may be asked for."""

RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("workflows", "domain", "wire")
)
"""Our own modules are not imported anew for each complaint: that took 13 ms of CPU, now 0.6 ms. What the
sandbox would catch in them (clocks, randomness, input and output) the import contracts and linters forbid."""

log = structlog.get_logger("worker")


def queues_named(names: Sequence[str]) -> tuple[str, ...]:
    """The task queues named, long or short; all of them when none is. ValueError for one there is not."""
    queues = tuple(dict.fromkeys(SHORT.get(name, name) for name in names)) or registry.QUEUES
    unknown = sorted(set(queues) - set(registry.QUEUES))
    if unknown:
        raise ValueError(f"there is no queue {', '.join(unknown)}; there are {', '.join(SHORT)}")
    return queues


def deployment(settings: Settings) -> WorkerDeploymentConfig:
    """Which version this worker is. With a build id set, the server routes complaints by version."""
    build_id = settings.build_id or version("putright")
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment_name, build_id),
        use_worker_versioning=bool(settings.build_id),
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE
        if settings.build_id
        else VersioningBehavior.UNSPECIFIED,
    )


def workers(
    client: Client,
    database: Database,
    outbox: Outbox,
    channels: Mapping[ChannelName, Channel],
    *,
    payments: PaymentSystem | None = None,
    queues: Sequence[str] = registry.QUEUES,
    cached_workflows: int = 1000,
    grace: timedelta = timedelta(seconds=10),
    look_again: timedelta = LOOK_AGAIN,
    deployment_config: WorkerDeploymentConfig | None = None,
) -> list[Worker]:
    """One worker for each queue, not yet running; without ``payments`` every payment is left to people.

    ``look_again``: how often it is looked whether payments that are held can be made.
    """
    common: dict[str, Any] = {
        "graceful_shutdown_timeout": grace,
        "deployment_config": deployment_config,
        "max_cached_workflows": cached_workflows,
    }
    made = []
    if registry.COMPLAINT_QUEUE in queues:
        recording = RecordingActivities(PostgresRecorder(database))
        consequences = ConsequenceActivities(Opener(database))
        measures = MeasureActivities(PostgresMeasures(database))
        made.append(
            Worker(
                client,
                task_queue=registry.COMPLAINT_QUEUE,
                workflows=[ComplaintWorkflow],
                activities=[recording.record, consequences.open_case, measures.unit_standing],
                workflow_runner=RUNNER,
                **common,
            )
        )
    if registry.NOTIFICATION_QUEUE in queues:
        notification = NotificationActivities(outbox, channels)
        system = payments or NoPaymentSystem()
        payment = PaymentActivities(PostgresPayouts(database), system, look_again=look_again)
        made.append(
            Worker(
                client,
                task_queue=registry.NOTIFICATION_QUEUE,
                activities=[notification.send_messages, payment.pay_out],
                **common,
            )
        )
    if registry.UPKEEP_QUEUE in queues:
        retention = RetentionActivities(PostgresRetention(database), TemporalHistories(client))
        made.append(
            Worker(
                client,
                task_queue=registry.UPKEEP_QUEUE,
                workflows=[RetentionWorkflow],
                activities=[retention.apply_retention],
                workflow_runner=RUNNER,
                **common,
            )
        )
    return made


async def serve(settings: Settings, queues: Sequence[str]) -> None:
    """Serve until SIGTERM or SIGINT; then take nothing new and finish, within the grace, what has begun."""
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    config: dict[str, Any] = {**settings.temporal_connect_config()}
    if settings.metrics_port:
        metrics = PrometheusConfig(bind_address=f"{settings.bind}:{settings.metrics_port}")
        config["runtime"] = Runtime(telemetry=TelemetryConfig(metrics=metrics))
    client = await Client.connect(**config, data_converter=data_converter)
    database = Database.at(settings.database_url, pool_size=settings.database_pool)
    try:
        channels = channels_of(settings, database)
        async with AsyncExitStack() as running:
            for worker in workers(
                client,
                database,
                outbox_of(settings, database, channels),
                channels,
                payments=payment_system_of(settings),
                queues=queues,
                cached_workflows=settings.cached_workflows,
                grace=timedelta(seconds=settings.grace_seconds),
                deployment_config=deployment(settings),
            ):
                await running.enter_async_context(worker)
            if registry.UPKEEP_QUEUE in queues:
                await schedule_retention(client)
            keep_what_is_loaded()
            log.info("serving", queues=list(queues), build_id=settings.build_id)
            await asked.wait()
            log.info("stopping")
    finally:
        await database.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line: ``python worker.py [--queue NAME]…``."""
    parser = argparse.ArgumentParser(description="Serve Putright's task queues.")
    parser.add_argument("--queue", action="append", default=[], help=f"{' or '.join(SHORT)}; repeatable")
    given = parser.parse_args(arguments)
    settings = Settings()
    set_up_logs(settings.log_level, settings.log_format)
    asyncio.run(serve(settings, queues_named(given.queue or settings.queues)))


if __name__ == "__main__":
    main()
