"""A complaint from opening to reopening by the command line alone, against a real installation."""

from __future__ import annotations

import asyncio

import pytest

from local.ports import free_port
from tests.api.conftest import Site
from tests.cli.conftest import Putright


@pytest.fixture
def putright(installed: Putright) -> Putright:
    """`putright` that speaks to the installation, as its demonstration people."""
    return installed


async def opened(putright: Putright, site: Site) -> str:
    ran = await putright(
        *("open", "telecom-si", "severity=urgent", "matter=charges", "product=Game pack"),
        *("--customer", "Li Wei", "--phone", "+86 10 5555 0199", "--title", "Charged twice", "--json"),
    )
    ref = str(ran.data["ref"])
    await site.until(ref, lambda c: c["seq"] > 0)
    return ref


async def test_from_opening_to_the_second_round(putright: Putright, site: Site) -> None:
    ref = await opened(putright, site)
    await putright("act", ref, "dispatch", "si-alpha", "note=billing of March")
    await putright("act", ref, "take_order", "1", "--as", "partner")
    await putright("act", ref, "answer_order", "1", "the charge was wrong", "--as", "partner")
    await putright("act", ref, "propose", "options.1.text=A refund")
    rejected = await putright("act", ref, "reject", "too little", "--json")
    assert (rejected.data["status"], rejected.data["round"]) == ("handling", 2)

    shown = await putright("show", ref)
    for part in (
        ref,
        "handling",
        "round 2",
        "Charged twice",
        "Li Wei",
        "reply#2",
        "left",
        "si-alpha",
        "A refund",
    ):
        assert part in shown.out
    assert "customer rejected" in shown.out
    assert "customer:" not in shown.out  # the number of somebody whose name stands above
    assert "You may: " in shown.out
    data = (await putright("show", ref, "--json")).data
    assert [event["seq"] for event in data["timeline"]] == list(range(1, data["seq"] + 1))
    assert "order answered" in (await putright("timeline", ref)).out
    assert "as it was recorded" in (await putright("verify", ref)).out
    listed = await putright("list", "--status", "handling", "-q", "twice", "--json")
    assert ref in [row["ref"] for row in listed.data]


async def test_a_refusal_says_why_and_what_is_legal(putright: Putright, site: Site) -> None:
    ref = await opened(putright, site)
    ran = await putright("act", ref, "accept", "1", code=3)
    assert "Refused (wrong_step)" in ran.err
    assert "Legal now: classify" in ran.err
    ran = await putright("act", ref, "accept", "1", "--json", code=3)
    assert ran.data["code"] == "wrong_step"
    assert "dispatch" in ran.data["legal"]
    ran = await putright("act", ref, "add_note", "x", "--seq", "1", code=3)
    assert "stale" in ran.err
    ran = await putright("open", "telecom-si", "severity=mild", code=3)
    assert "facts.severity: one of ordinary" in ran.err


async def test_what_is_named_wrongly_is_told_what_was_meant(putright: Putright, site: Site) -> None:
    ref = await opened(putright, site)
    said = (await putright("act", ref, "dispatch", "si-alfa", code=3)).err
    assert "did you mean 'si-alpha'? see `putright directory units`" in said
    assert "did you mean 'dispatch'?" in (await putright("act", ref, "dispach", "si-alpha", code=2)).err
    said = (await putright("act", ref, "assign_owner", "person:nobody", code=3)).err
    assert "see `putright directory people`" in said
    assert "'si-alpha'?" in (await putright("directory", "show", "si-alhpa", code=2)).err


async def test_a_file_is_added_listed_and_named_as_proof(putright: Putright, site: Site) -> None:
    ref = await opened(putright, site)
    bare = await putright("act", ref, "flag", "unreasonable", "see the call", "attachments=x", code=3)
    assert "`putright attach REF FILE`" in bare.err
    assert "putright attach" in (await putright("files", ref)).out
    file = putright.folder / "call.amr"
    file.write_bytes(b"#!AMR\n" + bytes(40))
    added = await putright("attach", ref, str(file))
    assert "kept as recording" in added.err
    flagged = ("act", ref, "flag", "unreasonable", "see the call", f"attachments={added.out.strip()}")
    assert "flagged" in (await putright(*flagged)).out
    listed = (await putright("files", ref)).out
    assert added.out.strip() in listed
    assert "call.amr" in listed
    refused = await putright("attach", ref, str(file), "--evidence", "photo", code=3)
    assert "a photo is image/" in refused.err
    assert "No such file" in (await putright("attach", ref, "nowhere.pdf", code=2)).err


async def test_permissions_hold(putright: Putright, site: Site) -> None:
    ref = await opened(putright, site)
    assert "not_found" in (await putright("show", ref, "--as", "partner", code=3)).err
    assert (
        "not_your_role"
        in (await putright("act", ref, "dispatch", "si-alpha", "--as", "callback", code=3)).err
    )
    assert "unauthenticated" in (await putright("show", ref, PUTRIGHT_TOKEN="pr_wrong", code=1)).err
    nobody = (await putright("show", ref, "--as", "hendler", code=2)).err
    assert "no demonstration person 'hendler'" in nobody
    assert "by role: handler, " in nobody
    assert "***" in (await putright("show", ref, "--as", "analyst")).out


async def test_demonstration_tokens_are_sent_nowhere_else(putright: Putright) -> None:
    ran = await putright("show", "TEL-1", "--url", "http://elsewhere.example", code=2)
    assert "Who are you?" in ran.err


async def test_a_token_is_given_listed_used_and_ended(putright: Putright, site: Site) -> None:
    given = (
        await putright("token", "create", "--system", "crm", "--role", "agent", "--days", "3", "--json")
    ).data
    ref = await opened(putright, site)
    assert ref in (await putright("show", ref, PUTRIGHT_TOKEN=given["token"])).out
    listed = await putright("token", "list", "--json")
    assert [(row["holder"], row["roles"]) for row in listed.data if row["id"] == given["id"]] == [
        ("system:crm", ["agent"])
    ]
    assert given["token"] not in listed.out
    await putright("token", "revoke", given["id"])
    async with asyncio.timeout(10):  # another process may not notice for a second
        while (await putright("show", ref, PUTRIGHT_TOKEN=given["token"], code=None)).code == 0:
            pass
    assert "no id of a token" in (await putright("token", "revoke", "x", code=2)).err
    wrong = await putright("token", "create", "--system", "crm", "--role", "king", code=3)
    assert "roles: no role or office is called king" in wrong.err


async def test_a_changed_event_shows(putright: Putright, site: Site) -> None:
    from sqlalchemy import text

    ref = await opened(putright, site)
    await site.connections.database.run(
        text('UPDATE events SET data = data || \'{"channel": "web"}\' WHERE ref = :ref AND seq = 1'),
        {"ref": ref},
    )
    ran = await putright("verify", ref, code=1)
    assert "from event 1 on" in ran.out
    await site.connections.database.run(
        text('UPDATE events SET data = data || \'{"channel": "hotline"}\' WHERE ref = :ref AND seq = 1'),
        {"ref": ref},
    )
    assert "no complaint NONE" in (await putright("verify", "NONE", code=2)).err


async def test_the_doctor_finds_everything_in_order(putright: Putright, site: Site) -> None:
    nowhere = {name: str(free_port()) for name in ("PUTRIGHT_API_PORT", "PUTRIGHT_MAIL_SMTP_PORT")}
    ran = await putright("doctor", "--json", code=1, **nowhere)
    found = {(one["what"], one["state"]) for one in ran.data}
    for what in (
        "PostgreSQL",
        "clocks",
        "tables",
        "Temporal",
        "search attributes",
        "worker",
        "procedures",
        "outbox",
    ):
        assert (what, "ok") in found, ran.out
    # Neither runs on these ports.
    assert ("API", "wrong") in found
    assert ("mail", "wrong") in found
