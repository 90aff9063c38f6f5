"""`putright ledger`: what was booked, statements, balances and payments, for people and as JSON."""

from __future__ import annotations

import pytest

from tests.api.conftest import Site
from tests.cli.conftest import Putright


@pytest.fixture
def putright(installed: Putright) -> Putright:
    """`putright` that speaks to the installation, as its demonstration people."""
    return installed


async def test_money_from_the_posting_to_the_statement(putright: Putright, site: Site) -> None:
    ran = await putright(
        "open", "telecom-si", "matter=charges", "--customer", "Li Wei", "--title", "x", "--json"
    )
    ref = str(ran.data["ref"])
    await site.until(ref, lambda c: c["seq"] > 0)
    assert "Nothing was booked" in (await putright("ledger", "show", ref)).out
    await putright("act", ref, "dispatch", "si-alpha")
    await putright("act", ref, "answer_order", "1", "wrong", "answers.wrong_charge=29.90", "--as", "partner")
    await putright(
        "act", ref, "propose", "options.1.text=Double", 'options.1.remedies:=[{"type": "double_refund"}]'
    )
    await putright("act", ref, "accept", "1")
    site.payments.failures, site.payments.permanent = 1, True
    await putright("act", ref, "fulfil")
    await site.until(ref, lambda c: c["seq"] > 0)

    shown = await putright("ledger", "show", ref)
    assert "Double refund of wrong charges" in shown.out
    assert "59.80 CNY" in shown.out
    data = (await putright("ledger", "show", ref, "--json")).data
    (line,) = data["lines"]
    assert (line["amount"], line["source"], line["seq"] > 0) == ("59.80", "organisation", True)

    # The payment system refuses it, so it is made by hand.
    async def failed() -> list[str]:
        return [row["ref"] for row in (await putright("ledger", "payouts", "--json")).data]

    for _ in range(50):
        if ref in await failed():
            break
    assert ref in await failed()
    assert "told to fail" in (await putright("ledger", "payouts")).out
    by_agent = await putright("act", ref, "confirm_payout", line["posting"], "slip 4711", code=3)
    assert "not_your_role" in by_agent.err
    await putright("act", ref, "confirm_payout", line["posting"], "slip 4711", "--as", "supervisor")
    paid = (await putright("ledger", "payouts", "--state", "paid", "--json")).data
    assert [row["receipt"] for row in paid if row["ref"] == ref] == ["slip 4711"]

    month = ("--month", line["month"])
    told = await putright("ledger", "statement", "unit:si-alpha", *month, "--as", "partner")
    assert f"{ref} deduction#1" in told.out
    assert "closing: -" in told.out
    refused = await putright("ledger", "statement", "unit:si-beta", *month, "--as", "partner", code=3)
    assert "not_your_role" in refused.err
    wrong = await putright("ledger", "statement", "unit:si-alpha", "--month", "2026-13", code=3)
    assert "2026-11" in wrong.err
    found = (await putright("ledger", "balances", "--kind", "unit", "--json")).data
    assert "unit:si-alpha" in [row["account"] for row in found]
    assert "unit:si-alpha" in (await putright("ledger", "balances", "--kind", "unit", *month)).out
    assert "one of organisation" in (await putright("ledger", "balances", "--kind", "bank", code=3)).err
