"""The embedded PostgreSQL: no permission widened, a password, and data that outlives kill -9."""

from pathlib import Path

import asyncpg
import pytest

from local.place import make_state_folder, running_as_root, server_account
from local.ports import free_port
from local.postgres import EmbeddedPostgres
from local.problem import Problem
from tests.servers import new_run_folder, remove_run_folder


@pytest.fixture
def folder() -> Path:
    folder = new_run_folder()
    yield folder
    remove_run_folder(folder)


async def test_data_survives_kill_and_restart(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "state", port=free_port(), log=folder / "log")
    server.prepare()
    server.start()
    try:
        server.wait_ready()
        connection = await asyncpg.connect(server.url().replace("+asyncpg", ""))
        await connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
        connection.terminate()
        server.kill()
        server.prepare()
        server.start()
        server.wait_ready()
        connection = await asyncpg.connect(server.url().replace("+asyncpg", ""))
        assert await connection.fetchval("SELECT n FROM kept") == 42
        await connection.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"postgresql://postgres:wrong@127.0.0.1:{server.port}/postgres")
        assert (folder / "state" / "postgres-password").stat().st_mode & 0o077 == 0
        assert server.data.stat().st_mode & 0o077 == 0
    finally:
        server.stop()


def test_a_state_folder_of_someone_else_is_refused(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "state").symlink_to(folder / "elsewhere")
    with pytest.raises(Problem, match="not a folder of this user alone"):
        make_state_folder(folder / "state", server_account(folder / "state" / "postgres"))


def test_the_account_is_never_root(folder: Path) -> None:
    account = server_account(folder / "postgres")
    assert (account is not None) == running_as_root()
    assert account is None or account.uid != 0
