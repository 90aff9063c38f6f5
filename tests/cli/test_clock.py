"""`putright clock`: one deadline explained, many as JSON lines."""

from __future__ import annotations

import json

from tests.cli.conftest import Putright

LINE = {
    "id": "a",
    "timezone": "Europe/Berlin",
    "weekly_hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}


async def test_explains_a_deadline_over_holidays_and_make_up_days(putright: Putright) -> None:
    ran = await putright(
        *("clock", "8wh", "2026-09-30 16:00", "--timezone", "Asia/Shanghai", "--holidays", "cn"),
        *("--makeup", "cn"),
    )
    assert "due Thu 2026-10-08 15:00" in ran.out
    assert "holiday 10-01" in ran.out


async def test_pauses_and_hours_of_several_days_as_json(putright: Putright) -> None:
    ran = await putright(
        *("clock", "2wh", "2026-11-20T17:00", "--hours", "mon-fri 09:00-18:00", "--hours", "sat 10:00-12:00"),
        *("--pause", "2026-11-20 17:30/2026-11-20 18:00", "--json"),
    )
    assert ran.data["due"] == "2026-11-21T11:30:00+00:00"
    assert [span["kind"] for span in ran.data["spans"]] == ["working", "paused", "closed", "working"]


async def test_uses_the_calendar_of_a_procedure(putright: Putright) -> None:
    ran = await putright("clock", "15d", "2026-01-02", "--procedure", "consumer-finance", "--json")
    assert (ran.data["timezone"], ran.data["due"]) == ("America/New_York", "2026-01-18T00:00:00-05:00")


async def test_what_makes_no_sense_is_said_plainly(putright: Putright) -> None:
    for wrong, said in (
        (("clock",), "Say how long"),
        (("clock", "3xx"), "not a limit"),
        (("clock", "3wd", "yesterday"), "not a date or time"),
        (("clock", "3wd", "0001-01-01", "--procedure", "telecom-si"), "outside the years 2 to 9998"),
        (("clock", "3wd", "9999-12-31"), "outside the years 2 to 9998"),
        (("clock", "3wd", "--timezone", "Mars/Olympus"), "unknown time zone"),
        (("clock", "3wd", "--hours", "mon-fri 9-18"), "not a clock time"),
        (("clock", "3wd", "--pause", "now"), "from/to"),
        (("clock", "3wd", "--day-end", "noon"), "close or same_time"),
        (("clock", "3wd", "--procedure", "nobody"), "neither a file nor a shipped procedure"),
        (("clock", "--batch", "3wd"), "goes without"),
    ):
        ran = await putright(*wrong, code=2)
        assert said in ran.err, (wrong, ran.err)


async def test_batch_answers_every_line_in_its_own_form(putright: Putright) -> None:
    lines = [
        json.dumps({**LINE, "op": "add_working_seconds", "start": "2026-03-27T16:00", "amount": 7200}),
        "nonsense",
        json.dumps({**LINE, "op": "add_working_days", "start": "2026-03-27", "amount": 1}),
        json.dumps(
            {
                **LINE,
                "op": "working_seconds_between",
                "start": "2026-03-27T15:00:00Z",
                "end": "2026-03-30T08:00:00Z",
            }
        ),
    ]
    ran = await putright.process("clock", "--batch", given="\n".join(lines).encode())
    local, wrong, day, seconds = (json.loads(line) for line in ran.out.splitlines())
    assert local == {"id": "a", "result": "2026-03-30T10:00:00"}
    assert wrong["id"] is None
    assert "line 2" in wrong["error"]
    assert day["result"] == "2026-03-30"
    assert seconds["result"] == 2 * 3600


async def test_batch_answers_a_line_before_the_next_one_comes(putright: Putright) -> None:
    process = await putright.start("clock", "--batch")
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(2):
        line = {
            **LINE,
            "id": number,
            "op": "add_working_seconds",
            "start": "2026-03-27T10:00:00Z",
            "amount": 60,
        }
        process.stdin.write(json.dumps(line).encode() + b"\n")
        answer = json.loads(await process.stdout.readline())
        assert answer == {"id": number, "result": "2026-03-27T10:01:00Z"}
    process.stdin.close()
    assert await process.wait() == 0


async def test_batch_ends_quietly_when_nobody_reads_on(putright: Putright) -> None:
    process = await putright.start("clock", "--batch")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"{}\n")
    assert await process.stdout.readline()
    process._transport.get_pipe_transport(1).close()
    process.stdin.write(b"{}\n" * 2000)
    process.stdin.close()
    assert await process.wait() == 141
    assert process.stderr is not None
    assert await process.stderr.read() == b""
