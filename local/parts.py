"""The parts of a laptop stack: which of them run here, with which addresses, and when each is ready."""

import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from local.place import state_folder
from local.ports import NeededPort
from local.postgres import EmbeddedPostgres
from local.processes import Child
from local.temporal import temporal_server
from settings import LOOPBACK, ROOT, Settings
from workflows.registry import COMPLAINT_QUEUE, SEARCH_ATTRIBUTES

DATABASE = "putright"

Ready = Callable[[], Awaitable[bool]]


class Parts:
    """What a laptop stack consists of, by the settings: a part configured from outside does not run here."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.home = settings.home.resolve()
        self.began_at = datetime.now(UTC)
        self.own_postgres = not settings.database_url
        self.own_temporal = not settings.temporal_is_given()
        self.own_mail = not settings.smtp_host
        self.api_url = f"http://{LOOPBACK}:{settings.api_port}"
        self.mail_url = f"http://{LOOPBACK}:{settings.mail_http_port}"

    def needed_ports(self) -> list[NeededPort]:
        """Return the ports this stack will listen on."""
        given = self.settings
        ports = [NeededPort("the API", given.api_port, "PUTRIGHT_API_PORT")]
        if self.own_postgres:
            ports.append(NeededPort("PostgreSQL", given.postgres_port, "PUTRIGHT_POSTGRES_PORT"))
        if self.own_temporal:
            ports.append(NeededPort("Temporal", given.temporal_port, "PUTRIGHT_TEMPORAL_PORT"))
            ports.append(NeededPort("the Temporal UI", given.temporal_ui_port, "PUTRIGHT_TEMPORAL_UI_PORT"))
        if self.own_mail:
            ports.append(NeededPort("caught mail (SMTP)", given.mail_smtp_port, "PUTRIGHT_MAIL_SMTP_PORT"))
            ports.append(NeededPort("caught mail (page)", given.mail_http_port, "PUTRIGHT_MAIL_HTTP_PORT"))
        return ports

    def postgres(self) -> EmbeddedPostgres:
        """Return the (not yet started) PostgreSQL of this home."""
        return EmbeddedPostgres(
            state_folder(self.home),
            host=LOOPBACK,
            port=self.settings.postgres_port,
            log=self._log("postgres"),
            record=self._record("postgres"),
        )

    def temporal(self) -> Child:
        """Return the (not yet started) Temporal server of this home."""
        return temporal_server(
            database=self.home / "temporal.db",
            host=LOOPBACK,
            port=self.settings.temporal_port,
            ui_port=self.settings.temporal_ui_port,
            attributes=SEARCH_ATTRIBUTES,
            log=self._log("temporal"),
            record=self._record("temporal"),
        )

    def mail(self) -> Child:
        """Return the (not yet started) mail catcher."""
        command = [
            *("-m", "local.mail", "--folder", str(self.home / "mail"), "--host", LOOPBACK),
            *("--smtp-port", str(self.settings.mail_smtp_port)),
            *("--http-port", str(self.settings.mail_http_port)),
        ]
        return self._python("mail catcher", "mail", command, dict(os.environ))

    def worker(self, database_url: str) -> Child:
        """Return the (not yet started) worker."""
        return self._python("worker", "worker", [str(ROOT / "worker.py")], self.environment(database_url))

    def api(self, database_url: str) -> Child:
        """Return the (not yet started) API."""
        return self._python("API", "api", [str(ROOT / "server.py")], self.environment(database_url))

    def environment(self, database_url: str) -> dict[str, str]:
        """Return the environment of worker and API: ours, with the addresses of the parts that run here."""
        given = self.settings
        ours = {"DATABASE_URL": database_url, "PUTRIGHT_HOME": str(self.home), "PYTHONUNBUFFERED": "1"}
        ours["PUTRIGHT_BIND"] = LOOPBACK
        if self.own_temporal:
            ours |= {"TEMPORAL_ADDRESS": f"{LOOPBACK}:{given.temporal_port}"}
        if self.own_mail:
            ours |= {"SMTP_HOST": LOOPBACK, "SMTP_PORT": str(given.mail_smtp_port)}
        return {**os.environ, **ours}

    def _python(self, name: str, file: str, arguments: list[str], environment: dict[str, str]) -> Child:
        return Child(
            name,
            [sys.executable, *arguments],
            log=self._log(file),
            environment=environment,
            folder=ROOT,
            record=self._record(file),
        )

    def _log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    def _record(self, name: str) -> Path:
        return self.home / "run" / f"{name}.json"

    # Is it ready?

    async def api_ready(self) -> bool:
        """Tell whether the API says that it and all it needs is ready."""
        return await _answers(f"{self.api_url}/health/ready")

    async def mail_ready(self) -> bool:
        """Tell whether the mail catcher answers."""
        return await _answers(f"{self.mail_url}/mails.json")

    async def temporal_ready(self) -> bool:
        """Tell whether the Temporal server serves our namespace."""
        try:
            client = await self.client()
            return await client.service_client.check_health()
        except RuntimeError:  # what the SDK raises while nothing listens
            return False

    async def worker_ready(self) -> bool:
        """Tell whether a worker polls the complaints' queue: asked of Temporal, which is who must know.

        Temporal remembers pollers for minutes, so only what polled after this stack began counts.
        """
        client = await self.client()
        answer = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=COMPLAINT_QUEUE),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
        return any(poller.last_access_time.ToDatetime(UTC) >= self.began_at for poller in answer.pollers)

    async def client(self) -> Client:
        """Return a client of the Temporal server, ours or the configured one."""
        config = self.settings.temporal_connect_config()
        if self.own_temporal:
            config["target_host"] = f"{LOOPBACK}:{self.settings.temporal_port}"
        return await Client.connect(**config)


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=2.0) as client:
            return (await client.get(url)).status_code == 200
    except httpx.TransportError:
        return False
