"""A vase that arrived broken: late, refused, reopened, decided by several departments, paid, archived."""

from __future__ import annotations

from datetime import timedelta

from tests.rules.site import Site
from tests.rules.test_courier import FORM, PNG, VERIFIED


async def test_a_vase_arrives_broken(site: Site) -> None:
    case = await site.open(
        "courier",
        by="crr-agent",
        facts={"type": "damage"},
        form={**FORM, "declared_value": "6000.00"},
        unit="courier-north",
        title="A vase arrived broken",
    )
    # Nobody hands it over in time; then the branch is late as well.
    await case.pass_clock("hand_over")
    await case.act("dispatch", by="crr-agent", unit="courier-north")
    await case.pass_clock("verification")
    photo = await case.attach("vase.png", PNG, by="crr-north")
    said = {"result": "It fell off the belt", "answers": {**VERIFIED, "photos": photo}}
    await case.act("answer_order", by="crr-north", order="1", **said)
    await case.act(
        "propose", by="crr-agent", options=[{"text": "An apology", "remedies": [{"type": "apology"}]}]
    )
    await case.customer("reject", reason="Words mend nothing", demand="The value of the vase")
    await case.act("answer_order", by="crr-north", order="2", **said)
    value = {"type": "compensation", "amount": "5999.99", "currency": "CNY"}
    plan = {
        "options": [{"text": "We pay the declared value", "remedies": [value]}],
        "grounds": "The photos show it, and it was declared.",
        "answers": {"arrives_by": "2099-01-31"},
    }
    await case.act("propose", by="crr-agent", **plan)
    await case.refused("approve", by="crr-agent", code="not_your_role")
    await case.act("approve", by="crr-approver", approval="finance")
    await case.act("approve", by="crr-supervisor", approval="large_amount")
    await case.customer("accept", option="1")
    await case.settled()
    await case.act("fulfil", by="crr-agent", note="Paid to the customer's account")
    await case.act("record_callback", by="crr-callback", outcome="unreached")
    await case.pass_time(timedelta(days=1, minutes=5))
    called = {"outcome": "dissatisfied", "comment": "Nobody said sorry", "score": 3}
    await case.act("record_callback", by="crr-callback", **called)
    # The third round: the unit above has it, and the supervisor was told. It is major by now.
    assert (await case.read())["orders"][-1]["unit"] == "courier-hq"
    await case.act("answer_order", by="crr-supervisor", order="3", **said)
    sorry = [{"text": "The director says sorry", "remedies": [{"type": "apology"}]}]
    await case.act("propose", by="crr-agent", options=sorry)
    await case.customer("accept", option="1")
    await case.act("record_callback", by="crr-callback", outcome="satisfied", score=8)

    kinds = [kind for kind in await case.kinds() if not kind.startswith("clock_s")]
    assert kinds == [
        "opened", "step_entered", "clock_breached", "escalated", "dispatched", "clock_warned",
        "clock_breached", "escalated", "order_answered", "step_finished", "step_entered", "proposed",
        "step_finished", "step_entered", "customer_rejected", "step_finished",
        "reopened", "step_entered", "dispatched", "order_answered", "step_finished", "step_entered",
        "proposed", "step_finished", "step_entered",  "approved",
        "approved", "step_finished", "step_entered", "customer_accepted", "posted", "step_finished",
        "step_entered", "paid_out", "fulfilled", "step_finished", "step_entered", "callback_scheduled",
        "callback_due", "callback_made", "callback_scheduled", "callback_due", "callback_made",
        "step_finished",
        "reopened", "step_entered", "dispatched", "order_answered", "step_finished", "step_entered",
        "proposed", "step_finished", "step_entered", "customer_accepted", "step_finished", "step_entered",
        "callback_scheduled", "callback_due", "callback_made", "step_finished", "closed", "archived",
    ]  # fmt: skip
    clocks = {one["id"]: one["state"] for one in (await case.read())["clocks"]}
    assert (clocks["hand_over#1"], clocks["verification#1"]) == ("missed", "missed")
    assert (clocks["verification#2"], clocks["fulfilment#1"]) == ("met", "met")
    assert [(entry, amount) for entry, _, _, amount in await case.ledger()] == [
        ("compensation", "5999.99 CNY")
    ]
    assert [str(one) for key, one in site.payments.paid.items() if key.startswith(case.ref)] == ["5999.99"]
    told = [one["template"] for one in await case.messages(to="customer")]
    assert told == ["opened", "proposal", "reopened", "proposal", "reopened", "proposal", "closed"]
    assert await case.told("third_round", to="crr-supervisor")
    assert {number["keeper"] for number in (await case.read())["archive"]} == {
        "organisation", "unit:courier-north", "unit:courier-hq",
    }  # fmt: skip
    await case.worked("A vase arrived broken")
