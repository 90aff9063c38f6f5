"""The command itself: help, wrong command lines, parts that are away, procedures, the doctor."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from cli import main
from cli_commands.application import app
from local.ports import free_port
from procedures.loader import PACKS
from tests.cli.conftest import Putright

COMMANDS = (
    "up", "reset", "worker", "serve", "relay", "doctor", "open", "show", "act", "list", "timeline", "verify",
    "import", "token", "directory", "procedure", "clock", "docs",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"], terminal_width=200)
    assert result.exit_code == 0
    assert f"putright {command}" in result.output or command in ("token", "directory", "procedure")


def test_help_names_every_command_and_the_exit_codes() -> None:
    result = CliRunner().invoke(app, ["--help"], terminal_width=200)
    assert all(command in result.output for command in COMMANDS)
    assert "Exit codes" in result.output


def test_a_wrong_command_line_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == 2
    assert main(["act"]) == 2
    assert "nonsense" in capsys.readouterr().err


async def test_nothing_running_is_said_with_what_to_do(putright: Putright) -> None:
    assert "putright up" in (await putright("verify", "TEL-1", code=4)).err
    assert "Who are you?" in (await putright("list", code=2)).err
    ran = await putright("list", "--url", f"http://127.0.0.1:{free_port()}", PUTRIGHT_TOKEN="t", code=4)
    assert "Nothing answers" in ran.err
    ran = await putright(
        "verify", "TEL-1", DATABASE_URL=f"postgresql://u:p@127.0.0.1:{free_port()}/x", code=4
    )
    assert "PostgreSQL cannot be reached" in ran.err
    ran = await putright("verify", "TEL-1", DATABASE_URL="mysql://x", code=2)
    assert "DATABASE_URL: " in ran.err
    ran = await putright("list", PUTRIGHT_API_PORT="many", code=2)
    assert "PUTRIGHT_API_PORT: " in ran.err


async def test_serve_answers_until_it_is_interrupted(with_database: Putright) -> None:
    port = str(free_port())
    api = await with_database.start("serve", PUTRIGHT_API_PORT=port)
    try:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(60):
            while True:
                with contextlib.suppress(httpx.ConnectError):
                    assert (await client.get(f"http://127.0.0.1:{port}/health/live")).status_code == 200
                    break
                assert api.returncode is None
                await asyncio.sleep(0.1)
    finally:
        if api.returncode is None:
            api.send_signal(signal.SIGINT)
        said, _ = await asyncio.wait_for(api.communicate(), 30)
    assert b"Traceback" not in said


async def test_who_is_not_let_in_by_postgresql_is_told_why(putright: Putright, database_url: str) -> None:
    from sqlalchemy.engine import make_url

    nobody = make_url(database_url).set(drivername="postgresql", database="nothing_of_this")
    ran = await putright("verify", "TEL-1", DATABASE_URL=nobody.render_as_string(False), code=2)
    assert 'does not let us in: database "nothing_of_this" does not exist' in ran.err
    ran = await putright("doctor", DATABASE_URL=nobody.render_as_string(False), code=1)
    assert "does not let us in" in ran.out


async def test_a_database_without_tables_is_said(putright: Putright, blank_database_url: str) -> None:
    ran = await putright("verify", "TEL-1", DATABASE_URL=blank_database_url, code=1)
    assert "no tables" in ran.err
    found = (await putright("doctor", "--json", DATABASE_URL=blank_database_url, code=1)).data
    tables = next(one for one in found if one["what"] == "tables")
    assert tables["state"] == "wrong"
    assert "alembic upgrade head" in tables["mend"]


async def test_the_doctor_says_what_is_missing(with_database: Putright) -> None:
    ports = {
        name: str(free_port())
        for name in ("PUTRIGHT_TEMPORAL_PORT", "PUTRIGHT_API_PORT", "PUTRIGHT_MAIL_SMTP_PORT")
    }
    found = (await with_database("doctor", "--json", code=1, **ports)).data
    wrong = {one["what"]: one["mend"] for one in found if one["state"] == "wrong"}
    assert wrong.keys() == {"Temporal", "mail", "API", "procedures", "duty owner"}
    assert "putright procedure load" in wrong["procedures"]
    ran = await with_database("doctor", code=1, **ports)
    assert "5 things are wrong" in ran.out


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("PUTRIGHT_WEBHOOK_SECRET", "weak", "a webhook secret is whsec_"),
        ("PUTRIGHT_WEBHOOK_URL", "ftp://example.org", "not an http or https URL"),
        ("PUTRIGHT_APPRISE_URLS", '{"sms": ["nonsense"]}', "not one that apprise can use"),
        ("PUTRIGHT_PAYMENTS_URL", "https://example.org/pay", "need a secret"),
    ],
)
async def test_the_doctor_says_why_workers_will_not_start(
    with_database: Putright, setting: str, value: str, told: str
) -> None:
    found = (await with_database("doctor", "--json", code=1, **{setting: value})).data
    (channels,) = [one for one in found if one["what"] == "channels"]
    assert channels["state"] == "wrong"
    assert told in channels["found"]


async def test_a_setting_that_is_no_json_is_said(putright: Putright) -> None:
    ran = await putright("doctor", PUTRIGHT_APPRISE_URLS="{", code=2)
    assert "apprise_urls" in ran.err
    assert "JSON" in ran.err


class _Busy(BaseHTTPRequestHandler):
    """Answers 503 twice and then in full; remembers the keys it was given."""

    keys: list[str] = []  # noqa: RUF012 - shared by all requests of one test on purpose

    def do_POST(self) -> None:
        self.keys.append(self.headers["Idempotency-Key"])
        self.rfile.read(int(self.headers["Content-Length"]))
        late = len(self.keys) < 3
        answer = (
            b'{"code": "worker", "detail": "no worker answered"}'
            if late
            else b'{"ref": "T-1", "seq": 2, "status": "handling", "step": "", "round": 1, "events": []}'
        )
        self.send_response(503 if late else 200)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def busy() -> Iterator[str]:
    """The address of an API whose worker is away for two requests."""
    _Busy.keys = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Busy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def test_what_is_away_for_a_moment_is_asked_again_under_the_same_key(
    putright: Putright, busy: str
) -> None:
    ran = await putright("act", "T-1", "add_note", "x", "--url", busy, PUTRIGHT_TOKEN="t")
    assert "T-1 is now handling" in ran.out
    assert len(_Busy.keys) == 3
    assert len(set(_Busy.keys)) == 1


async def test_procedures_are_checked_shown_compared_and_loaded(
    with_database: Putright, tmp_path: Path
) -> None:
    putright = with_database
    text = (PACKS / "courier.yaml").read_text(encoding="utf-8")
    name = next(line for line in text.splitlines() if line.startswith("version:"))
    newer = tmp_path / "courier.yaml"
    newer.write_text(text.replace(name, 'version: "2027.1"'), encoding="utf-8")
    broken = tmp_path / "broken.yaml"
    broken.write_text(text.replace("steps:", "stepz:"), encoding="utf-8")

    assert "nothing is wrong" in (await putright("procedure", "check", "courier", str(newer))).out
    problems = (await putright("procedure", "check", str(broken), "--json", code=1)).data
    assert all(problem["line"] >= 1 and problem["message"] for problem in problems)
    assert "stepz" in (await putright("procedure", "check", str(broken), code=1)).out
    assert "stepz" in (await putright("procedure", "load", str(broken), code=1)).err
    shown = await putright("procedure", "show", "courier")
    for told in ("Steps\n", "Clocks\n", "Endings\n", "kind: propose", "ladder: "):
        assert told in shown.out
    assert "thanks: " not in shown.out
    assert "thanks: " in (await putright("procedure", "show", "courier", "--texts", "-l", "zh")).out
    assert (await putright("procedure", "show", "courier", "--json")).data["name"] == "courier"
    assert "mean the same" in (await putright("procedure", "diff", "courier", "courier")).out
    changes = (await putright("procedure", "diff", "courier", str(newer), "--json", code=1)).data["changes"]
    assert len(changes) == 1
    assert changes[0].endswith("is '2027.1'")
    assert "in use for new complaints" in (await putright("procedure", "load", "courier", str(newer))).out
    newer.write_text(newer.read_text(encoding="utf-8").replace("prefix: ", "prefix: X"), encoding="utf-8")
    stored = await putright("procedure", "diff", "courier@2027.1", "courier", code=1)
    assert "version was '2027.1'" in stored.out
    assert "mean the same" not in stored.out
    assert "Steps\n" in (await putright("procedure", "show", "courier@2027.1")).out
    assert "no version '1' of 'courier'" in (await putright("procedure", "show", "courier@1", code=2)).err
    assert "another content" in (await putright("procedure", "load", str(newer), code=1)).err
    assert "courier" in (await putright("procedure", "list")).out
    assert "neither a file" in (await putright("procedure", "check", "nobody", code=2)).err
    assert "No such file" in (await putright("procedure", "check", "nobody.yaml", code=2)).err


async def test_reset_forgets_nothing_that_is_not_its_own(putright: Putright, tmp_path: Path) -> None:
    assert "nothing to forget" in (await putright("reset", "--yes")).out
    other = tmp_path / "home"
    other.mkdir()
    (other / "letter").write_text("mine")
    ran = await putright("reset", "--yes", code=1)
    assert "not a home folder" in ran.err
    assert (other / "letter").exists()
