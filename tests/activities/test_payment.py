"""Paying out as an activity: once, whoever comes again, and what is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.notification import Patience
from activities.payment import NoPaymentSystem, PaymentActivities
from channels.memory import MemoryPayments, MemoryPayouts
from domain.postings import Payment, PaymentAnswer

PAYMENT = Payment(
    "TEL-1/refund#1", "TEL-1", "refund#1", "refund", Decimal("59.80"), "CNY", "organisation", "customer:1",
    datetime(2026, 3, 2, tzinfo=UTC),
)  # fmt: skip


async def paid(activities: PaymentActivities, payment: Payment = PAYMENT) -> PaymentAnswer:
    return await ActivityEnvironment().run(activities.pay_out, payment)


async def test_a_payment_arrives_exact_and_is_made_once_however_often_it_is_delivered() -> None:
    (arrived,) = await pydantic_data_converter.decode(
        await pydantic_data_converter.encode([PAYMENT]), [Payment]
    )
    system = MemoryPayments()
    activities = PaymentActivities(MemoryPayouts(), system)
    assert [await paid(activities, arrived) for _ in range(3)] == [PaymentAnswer("refund#1", "memory:1")] * 3
    assert system.asked == [PAYMENT]


async def test_the_process_died_before_the_answer_was_noted_so_the_same_key_asks_again() -> None:
    class Dying(MemoryPayouts):
        dead = False

        async def answered(self, payment: Payment, answer: PaymentAnswer) -> None:
            if not self.dead:
                self.dead = True
                raise ConnectionError("killed here")
            await super().answered(payment, answer)

    system = MemoryPayments()
    activities = PaymentActivities(Dying(), system, lease=timedelta(0))
    with pytest.raises(ConnectionError):
        await paid(activities)
    assert (await paid(activities)).receipt == "memory:1"
    assert len(system.asked) == 2
    assert system.paid == {PAYMENT.key: PAYMENT.amount}


async def test_while_another_has_it_in_hand_nobody_is_asked() -> None:
    payouts, system = MemoryPayouts(), MemoryPayments()
    await payouts.claim(PAYMENT, timedelta(minutes=1))
    with pytest.raises(ApplicationError) as waiting:
        await paid(PaymentActivities(payouts, system))
    assert (waiting.value.type, waiting.value.non_retryable) == ("PaymentWaiting", False)
    assert system.asked == []


async def test_an_outage_is_waited_for_and_a_refusal_is_not() -> None:
    system = MemoryPayments(failures=1)
    activities = PaymentActivities(MemoryPayouts(), system)
    with pytest.raises(ApplicationError) as waiting:
        await paid(activities)
    assert waiting.value.next_retry_delay == timedelta(seconds=5)
    assert (await paid(activities)).receipt == "memory:1"

    refusing = PaymentActivities(MemoryPayouts(), MemoryPayments(failures=9, permanent=True))
    assert (await paid(refusing)).problem == "told to fail"
    assert (await paid(refusing)).problem == "told to fail"


async def test_after_all_tries_it_is_given_up_and_a_person_can_begin_again() -> None:
    payouts, system = MemoryPayouts(), MemoryPayments(failures=2)
    activities = PaymentActivities(payouts, system, Patience(tries=2))
    with pytest.raises(ApplicationError):
        await paid(activities)
    assert (await paid(activities)).problem == "told to fail"
    again = await paid(activities, replace(PAYMENT, attempt=2))
    assert (again.receipt, [p.key for p in system.asked]) == ("memory:1", [PAYMENT.key] * 3)


async def test_without_a_payment_system_it_is_said_at_once() -> None:
    answer = await paid(PaymentActivities(MemoryPayouts(), NoPaymentSystem()))
    assert "by hand" in answer.problem


async def test_what_goes_to_a_unit_without_settlement_is_held_and_paid_when_that_ends() -> None:
    payouts, system = MemoryPayouts(), MemoryPayments()
    payouts.suspended.add(PAYMENT.target)
    activities = PaymentActivities(payouts, system, look_again=timedelta(minutes=7))
    assert await paid(activities) == PaymentAnswer("refund#1", held=True)
    with pytest.raises(ApplicationError) as waiting:
        await paid(activities, replace(PAYMENT, held=True))
    assert (waiting.value.type, waiting.value.next_retry_delay) == ("PaymentWaiting", timedelta(minutes=7))
    assert system.asked == []
    payouts.suspended.clear()
    assert (await paid(activities, replace(PAYMENT, held=True))).receipt == "memory:1"
    payouts.suspended.add(PAYMENT.target)  # too late: what was paid stays paid
    assert (await paid(activities)).receipt == "memory:1"
