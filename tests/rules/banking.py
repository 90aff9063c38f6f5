"""What the tests of the banking association's rules share: complaints at the points the rules are about.

Branches remember (BNK-9), and the installation is shared: a test that counts what a complaint led to has a
branch and a kind of complaint of its own.
"""

from __future__ import annotations

import itertools
from typing import Any

from tests.rules.site import Case, Site

AGENT, SUPERVISOR = "bnk-agent", "bnk-supervisor"
BANK, BANK_B, LEADER = "bnk-east-a", "bnk-east-b", "bnk-east-leader"
BRANCH, BRANCH_HEAD = "bnk-plaza", "bnk-plaza-head"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

_customers = itertools.count(1)


def somebody() -> dict[str, str]:
    """A customer nobody has seen yet, so that nothing is taken for a repetition."""
    number = next(_customers)
    return {
        "name": f"Customer {number}",
        "phone": f"+86 21 6666 {number:04d}",
        "email": f"customer{number}@customer.example",
    }


def worksheet(**more: Any) -> dict[str, Any]:
    """BNK-3: what has to be filled in, and ``more``."""
    return {
        "branch": "bnk-east-plaza",
        "happened_on": "2026-03-02",
        "demand": "An apology and the fee back",
        **more,
    }


async def opened(
    site: Site, *, form: dict[str, Any] | None = None, customer: dict[str, str] | None = None, **facts: str
) -> Case:
    """A complaint that reached the association."""
    return await site.open(
        "banking-association",
        by=AGENT,
        facts={"category": "charges", **facts},
        form=worksheet(**(form or {})),
        customer=customer or somebody(),
    )


async def passed_on(site: Site, **more: Any) -> Case:
    """A complaint that was found valid: the member bank has the order to verify it."""
    case = await opened(site, **more)
    await case.act("finish_task", by=AGENT, outcome="valid", answers={"grounds": "The receipt shows it"})
    return case


async def verified(site: Site, finding: str = "confirmed", **more: Any) -> Case:
    """A complaint the member has verified: the branch has it."""
    case = await passed_on(site, **more)
    await case.act("take_order", by=BANK, order="1")
    await case.act(
        "answer_order",
        by=BANK,
        order="1",
        result="We looked at the books",
        answers={"finding": finding, "cause": "The fee was charged twice"},
    )
    return case


async def order_for(case: Case, purpose: str) -> dict[str, Any]:
    """The newest order for a purpose."""
    orders = [one for one in (await case.read())["orders"] if one["purpose"] == purpose]
    assert orders, f"{case.ref} has no order for {purpose}"
    return dict(orders[-1])


async def settled(site: Site, **more: Any) -> Case:
    """A complaint whose branch has given its final result."""
    case = await verified(site, **more)
    order = await order_for(case, "handle")
    await case.act("answer_order", by=BRANCH, order=order["id"], result="The fee goes back", outcome="final")
    return case


def offer(text: str = "The fee goes back", amount: str = "") -> dict[str, Any]:
    """A proposal with one solution, of an amount if one is given."""
    remedy = {"type": "refund", "amount": amount, "currency": "CNY"} if amount else {"type": "apology"}
    return {"options": [{"text": text, "remedies": [remedy]}]}


async def consequence(case: Case, name: str) -> Case:
    """The case of the newest consequence of that name."""
    found = [one for one in (await case.read())["consequences"] if one["consequence"] == name]
    assert found, f"{case.ref} led to {[one['consequence'] for one in (await case.read())['consequences']]}"
    return await case.site.case(found[-1]["ref"])


async def led_to(case: Case) -> list[tuple[str, str]]:
    """What a case has led to, and why."""
    return [(one["consequence"], one["why"]) for one in (await case.read())["consequences"]]
