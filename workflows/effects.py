"""What a complaint has done outside while it goes on: people told, payments made, cases opened."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from domain.commands import Actor, RecordCase, RecordPayout
    from domain.complaint import Complaint
    from domain.consequence import CaseRequest, Raised
    from domain.decide import CASEKEEPER, PAYMASTER
    from domain.messages import Notify, SendRequest
    from domain.postings import PaymentAnswer, Posting, payment_of
    from domain.procedure import Procedure
    from workflows import registry

SEND_TIMEOUT = timedelta(minutes=5)
SEND_HEARTBEAT = timedelta(seconds=30)
"""After so long a silence the worker that sends is taken for dead, and another one goes on."""
PAY_TIMEOUT = timedelta(seconds=30)
"""Longer than the payment system is waited for, so that no try is cut off while it may still pay."""
OPEN_TIMEOUT = timedelta(seconds=10)

SEND_RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=10))
OPEN_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be recorded of an effect that is done: the command, by whom, and the id of what was done."""

    id: str
    command: Any
    actor: Actor


class Effects:
    """Everything under way outside. Nothing waits for it but the end of the workflow.

    What comes of a payment or of opening a case is an ``Outcome``, which the main loop records: there a
    recording that fails makes the task run again. Payments are recorded before cases.
    """

    def __init__(self, unsent: Sequence[tuple[Notify, ...]]) -> None:
        self._unsent = dict(enumerate(unsent))
        self._sent = len(self._unsent)
        self._paying: dict[str, asyncio.Task[None]] = {}
        self._paid: list[Outcome] = []
        self._opening: dict[str, asyncio.Task[None]] = {}
        self._there: list[Outcome] = []

    @property
    def under_way(self) -> bool:
        """Whether anything is, or is done and not yet recorded."""
        return bool(self._unsent or self._paying or self._opening)

    @property
    def unsent(self) -> tuple[tuple[Notify, ...], ...]:
        """What people are still to be told: for the run that follows."""
        return tuple(self._unsent.values())

    @property
    def outcomes(self) -> bool:
        """Whether something is done that is to be recorded."""
        return bool(self._paid or self._there)

    def next_outcome(self) -> Outcome:
        """The next one to record. It stays until ``noted``, so that nothing ends before it is recorded."""
        outcome = (self._paid or self._there)[0]
        (self._paying if self._paid else self._opening).pop(outcome.id, None)
        return outcome

    def noted(self, outcome: Outcome) -> None:
        """The outcome was recorded, or refused."""
        (self._paid if outcome in self._paid else self._there).remove(outcome)

    def resume(self, procedure: Procedure, complaint: Complaint) -> None:
        """In the beginning of a run: what the run before had not done, and what it may have done in part."""
        for number, notices in list(self._unsent.items()):
            self._send(complaint.ref, number, notices, carried=True)
        self.start(procedure, complaint, ())

    def start(self, procedure: Procedure, complaint: Complaint, notices: Sequence[Notify]) -> None:
        """Tell people, and begin every payment and case that is due and not under way.

        A run carried on asks again, harmlessly.
        """
        if notices:
            self._sent += 1
            self._send(complaint.ref, self._sent, tuple(notices))
        for posting in complaint.to_pay():
            if posting.id not in self._paying:
                self._paying[posting.id] = asyncio.create_task(self._pay_out(complaint.ref, posting))
        for raised in complaint.to_open():
            if raised.ref not in self._opening:
                request = case_of(procedure, complaint, raised)
                self._opening[raised.ref] = asyncio.create_task(self._open_case(request))

    def _send(self, ref: str, number: int, notices: tuple[Notify, ...], *, carried: bool = False) -> None:
        self._unsent[number] = notices
        task = asyncio.create_task(_deliver(SendRequest(ref, notices, carried)))
        task.add_done_callback(lambda _: self._unsent.pop(number, None))

    async def _pay_out(self, ref: str, posting: Posting) -> None:
        try:
            answer: PaymentAnswer = await workflow.execute_activity(
                registry.PAY_OUT,
                payment_of(ref, posting),
                result_type=PaymentAnswer,
                task_queue=registry.NOTIFICATION_QUEUE,
                start_to_close_timeout=PAY_TIMEOUT,
                retry_policy=SEND_RETRY,
                summary=f"{posting.amount} {posting.currency} → {posting.target}",
            )
        except ActivityError as error:
            answer = PaymentAnswer(posting.id, problem=str(error.cause or error))
        command = RecordPayout(answer.posting, answer.receipt, answer.problem, answer.held)
        self._paid.append(Outcome(answer.posting, command, PAYMASTER))

    async def _open_case(self, request: CaseRequest) -> None:
        """Ask until it is there: what was raised is on record, so nothing may keep it from being opened."""
        ref = request.raised.ref
        await workflow.execute_activity(
            registry.OPEN_CASE,
            request,
            start_to_close_timeout=OPEN_TIMEOUT,
            retry_policy=OPEN_RETRY,
            summary=f"{request.raised.consequence} {ref}",
        )
        self._there.append(Outcome(ref, RecordCase(ref), CASEKEEPER))


async def _deliver(request: SendRequest) -> None:
    whom = ", ".join(dict.fromkeys(to for notice in request.notices for to in notice.to))
    what = ", ".join(dict.fromkeys(notice.template for notice in request.notices))
    try:
        await workflow.execute_activity(
            registry.SEND_MESSAGES,
            request,
            task_queue=registry.NOTIFICATION_QUEUE,
            start_to_close_timeout=SEND_TIMEOUT,
            heartbeat_timeout=SEND_HEARTBEAT,
            retry_policy=SEND_RETRY,
            summary=f"{what} → {whom}",
        )
    except ActivityError as error:
        # Given up after all tries: the rows say so and can be sent again by hand.
        workflow.logger.error("messages %s of %s were not sent: %s", what, request.ref, error)


def case_of(procedure: Procedure, complaint: Complaint, raised: Raised) -> CaseRequest:
    """What the case of a consequence is opened from."""
    return CaseRequest(
        parent=complaint.ref,
        procedure=procedure.name,
        version=procedure.version,
        raised=raised,
        owner=complaint.owner,
        facts=dict(complaint.facts),
        complained_of=complaint.complained_of,
    )
