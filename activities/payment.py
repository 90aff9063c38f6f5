"""Paying out: each payment once, in spite of workers that die and deliveries that come twice.

A try first takes the payment in hand, for longer than the payment system is waited for, so that no two ask at
the same time. The answer is noted before the complaint hears of it, so whoever comes later is told what was
said and asks nobody. One gap no program can close: the system may pay and the process die before that is
noted. Then it is asked again under the same key, and must answer for it as it did before: it is the same rule
by which card payments are made safe.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.notification import Patience
from domain.ports import Busy, DeliveryFailed, PaymentSystem, Payouts
from domain.postings import Payment, PaymentAnswer

WAITING = "PaymentWaiting"
"""Type of the failure that says: not paid yet, to be tried again."""

LEASE = timedelta(seconds=30)
"""How long one try has a payment to itself."""

LOOK_AGAIN = timedelta(minutes=5)
"""How soon a payment is made, at the latest, after the suspension ended for which it was held."""


class NoPaymentSystem:
    """Stands in where none is set: every payment fails at once, so that a person pays it and confirms."""

    async def pay(self, payment: Payment) -> str:
        """Raises DeliveryFailed: there is nobody to ask."""
        raise DeliveryFailed(
            f"no payment system is set, {payment.key} has to be paid by hand (PUTRIGHT_PAYMENTS_URL)",
            permanent=True,
        )


class PaymentActivities:
    """Handed the payment system and the rows of payments by the worker."""

    def __init__(
        self,
        payouts: Payouts,
        system: PaymentSystem,
        patience: Patience | None = None,
        lease: timedelta = LEASE,
        look_again: timedelta = LOOK_AGAIN,
    ) -> None:
        self._payouts = payouts
        self._system = system
        self._patience = patience or Patience()
        self._lease = lease
        self._look_again = look_again

    @activity.defn(name="pay_out")
    async def pay_out(self, payment: Payment) -> PaymentAnswer:
        """Pay once and return what became of it; a payment that was answered is answered the same again.

        One that goes to a unit whose settlement is suspended is answered as held; when the complaint knows
        that, it is looked at again and again until the suspension ends, and then paid.
        Fails with type ``PaymentWaiting`` while it is to be tried again, and says itself when.
        """
        if await self._payouts.held(payment):
            if payment.held:
                raise _again(f"the settlement of {payment.target} is suspended", self._look_again)
            return PaymentAnswer(payment.posting, held=True)
        try:
            known = await self._payouts.claim(payment, self._lease)
        except Busy as busy:
            raise _again(str(busy), self._lease / 4) from busy
        if known is not None:
            return known
        try:
            answer = PaymentAnswer(payment.posting, receipt=await self._system.pay(payment))
        except DeliveryFailed as failure:
            tries = await self._payouts.failed(payment, str(failure))
            if not failure.permanent and tries < self._patience.tries:
                raise _again(str(failure), self._patience.pause_after(max(tries, 1))) from failure
            answer = PaymentAnswer(payment.posting, problem=str(failure))
        await self._payouts.answered(payment, answer)
        return answer


def _again(reason: str, pause: timedelta) -> ApplicationError:
    """The failure that makes Temporal try again at the right time; expected, so it is no alarm."""
    return ApplicationError(
        reason, type=WAITING, next_retry_delay=pause, category=ApplicationErrorCategory.BENIGN
    )
