"""Money goes out once: the worker is killed at every moment at which a payment could be made twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from standardwebhooks import Webhook

from domain import roles
from tests.channels.catchers import Caught, HttpCatcher
from tests.chaos.dying import DIED
from tests.chaos.office import Office
from tests.chaos.stack import Stack, until

pytestmark = pytest.mark.chaos

SECRET = "whsec_" + "cGF5bWVudHMtb2YtdGhlLWNoYW9zLXRlc3RzLTEyMw=="
Seen = Callable[[str], None]


@dataclass
class Bank(HttpCatcher):
    """A payment system that pays once for each key; ``before_answering`` happens after it has paid."""

    paid: dict[str, str] = field(default_factory=dict)
    before_answering: Callable[[], Awaitable[None]] | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request: verified, paid if its key is new, answered with the receipt of its key."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            Webhook(SECRET).verify(body, headers)
            self.requests.append(Caught(head[0].split()[1], headers, body))
            key = headers["webhook-id"]
            self.paid.setdefault(key, json.loads(body)["data"]["amount"])
            blow, self.before_answering = self.before_answering, None
            if blow is not None:
                await blow()
            text = json.dumps({"receipt": f"R-{list(self.paid).index(key) + 1}"})
            writer.write(
                f"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {len(text)}\r\n\r\n{text}".encode()
            )
            await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def banking() -> AsyncIterator[Bank]:
    bank = Bank()
    server = await asyncio.start_server(bank.serve, "127.0.0.1", 0)
    bank.port = server.sockets[0].getsockname()[1]
    try:
        yield bank
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def bank(stack: Stack) -> AsyncIterator[Bank]:
    """A payment system, and a worker that asks it; afterwards the usual worker again."""
    async with banking() as bank:
        await stack.stop("worker")
        usual = stack.children["worker"]
        stack.children["worker"] = paying(stack, bank, "worker.py")
        await stack.start("worker")
        yield bank
        await stack.stop("worker")
        stack.children["worker"] = usual
        await stack.start("worker")


def paying(stack: Stack, bank: Bank, *command: str):
    return stack.process(
        "worker",
        *command,
        PUTRIGHT_PAYMENTS_URL=f"http://127.0.0.1:{bank.port}/pay",
        PUTRIGHT_PAYMENTS_SECRET=SECRET,
        PUTRIGHT_WEBHOOK_ALLOW_PRIVATE="true",
    )


async def promised(office: Office) -> str:
    """A complaint about charges whose double refund is accepted and has only to be carried out."""
    ref = await office.opened("Charged for nothing")

    async def act(who: str, verb: str, **body: object) -> None:
        done = await office.post(who, f"complaints/{ref}/{verb}", body)
        assert done.status_code == 200, done.text

    await act(roles.AGENT, "dispatch", unit="network")
    answers = {"charge_kind": "ordinary", "wrong_charge": "29.90"}
    await act(roles.HANDLER, "answer_order", order="1", result="Never ordered.", answers=answers)
    offer = {"text": "Double refund", "remedies": [{"type": "double_refund"}]}
    await act(roles.AGENT, "propose", options=[offer])
    await act(roles.AGENT, "accept", option="1")
    return ref


async def carried_out(office: Office, ref: str) -> None:
    done = await office.answer_at_last(
        lambda: office.post(
            roles.AGENT, f"complaints/{ref}/fulfil", {"note": "credited"}, key=f"{ref}-fulfil"
        )
    )
    assert done.status_code == 200, done.text


async def paid_once(office: Office, bank: Bank, ref: str) -> None:
    """One payment, one line for it, one for the deduction, and the complaint knows the bank's receipt."""

    async def it_is() -> bool:
        return "paid_out" in await office.kinds(ref)

    await until(it_is, f"{ref} is paid", 120)
    assert list(bank.paid.values()) == ["59.80"]
    assert len({caught.headers["webhook-id"] for caught in bank.requests}) == 1
    kinds = await office.kinds(ref)
    assert (kinds.count("posted"), kinds.count("paid_out")) == (2, 1)
    found = (await office.get(roles.SUPERVISOR, f"complaints/{ref}/ledger")).json()
    lines = [line for line in found["lines"] if not line["undoes"]]
    undone = len(found["lines"]) - len(lines)
    assert len(lines) - undone == 2
    assert {(b["account"], b["amount"]) for b in found["balances"]} >= {("unit:network", "-59.80")}
    events = (await office.get(roles.SUPERVISOR, f"complaints/{ref}/events")).json()["items"]
    assert [e["data"]["receipt"] for e in events if e["kind"] == "paid_out"] == ["R-1"]


async def test_the_bank_pays_and_the_worker_is_killed_before_it_hears_of_it(
    stack: Stack, office: Office, bank: Bank, seen: Seen
) -> None:
    ref = await promised(office)
    killed = asyncio.Event()

    async def blow() -> None:
        await stack.kill("worker")
        killed.set()

    bank.before_answering = blow
    await carried_out(office, ref)
    await asyncio.wait_for(killed.wait(), 30)
    await stack.start("worker")
    await paid_once(office, bank, ref)
    assert len(bank.requests) == 2
    seen(f"asked {len(bank.requests)} times under one key, paid {len(bank.paid)} time")


@pytest.mark.parametrize("part", ["postgres", "temporal"])
async def test_the_bank_pays_and_a_server_is_killed_before_that_is_noted(
    stack: Stack, office: Office, bank: Bank, seen: Seen, part: str
) -> None:
    ref = await promised(office)
    killed = asyncio.Event()

    async def blow() -> None:
        await stack.kill(part)
        killed.set()

    bank.before_answering = blow
    asking = asyncio.create_task(carried_out(office, ref))
    await asyncio.wait_for(killed.wait(), 30)
    await stack.start(part)
    await asking
    await paid_once(office, bank, ref)
    seen(f"asked {len(bank.requests)} times under one key, paid {len(bank.paid)} time")


@pytest.mark.parametrize("kind", ["posted", "paid_out"])
async def test_a_worker_dies_when_it_has_committed_and_told_nobody(
    stack: Stack, office: Office, bank: Bank, kind: str
) -> None:
    ref = await promised(office)
    await stack.stop("worker")
    usual = stack.children["worker"]
    stack.children["worker"] = paying(stack, bank, "-m", "tests.chaos.dying", "worker", kind)
    await stack.start("worker")
    asking = asyncio.create_task(carried_out(office, ref))

    async def dead() -> bool:
        return stack.children["worker"].ended() == DIED

    await until(dead, "the worker has died")
    stack.children["worker"] = usual
    await stack.start("worker")
    await asking
    await paid_once(office, bank, ref)
    assert len(bank.requests) == 1
