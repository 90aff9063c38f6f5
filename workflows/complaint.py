"""One complaint as one durable workflow: take a message or wait, decide, record, tell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    import wire
    from domain.commands import Actor, Asked, Malformed, Tick
    from domain.complaint import Complaint
    from domain.decide import CLOCKWORK, drafted, drafted_signal
    from domain.draft import Draft
    from domain.errors import Refused
    from domain.events import Event
    from domain.messages import Notify
    from domain.ports import Recording
    from domain.procedure import Procedure
    from domain.react import react
    from domain.timekeeping import next_due
    from workflows import registry
    from workflows.details import details, search_attributes
    from workflows.effects import Effects
    from workflows.messages import RECORDED_AT, Carried, Done, Start
    from workflows.updates import UNKNOWN_SENDER, parsed_signal, with_updates

RECORD_TIMEOUT = timedelta(seconds=10)
OVERTAKEN = "Overtaken"
"""Type of the failure with which a run ends that another run of the same complaint has overtaken."""

REMEMBERED_REQUESTS = 200
"""How many request ids a complaint remembers: far more than anybody repeats."""

RECORD_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10)
)


@workflow.defn(name="Complaint")
@with_updates
class ComplaintWorkflow:
    """The shell: every rule is in ``domain``; here is only order, durability and effects."""

    @workflow.init
    def __init__(self, start: Start, procedure: bytes) -> None:
        self._packed = procedure
        self._procedure = wire.unpack(procedure)
        self._start = start
        carried = start.carried or Carried(Complaint())
        self._complaint = carried.complaint
        self._answered = dict(carried.answered)
        self._effects = Effects(carried.unsent)
        self._lock = asyncio.Lock()
        self._checked: tuple[tuple[Any, ...], Draft] | None = None
        self._rang = False
        self._timer: asyncio.Task[None] | None = None
        self._timer_at: datetime | None = None
        self._shown: dict[str, Any] = {}
        self._overtaken = False

    @workflow.run
    async def run(self, start: Start, procedure: bytes) -> Done:
        """From first contact to the end; returns where the complaint stands when it is closed.

        A run that finds itself overtaken by another one of the same complaint ends at once: it began from
        a state that was old when it started, and nothing of it was recorded.
        """
        try:
            await self._live(start)
        except ApplicationError as error:
            if error.type != OVERTAKEN:
                raise
        return self._done([])

    async def _live(self, start: Start) -> None:
        self._effects.resume(self._procedure, self._complaint)
        if start.opening is not None and start.asked is not None:
            opening, asked = start.opening, start.asked
            async with self._lock:
                await self._apply(
                    lambda now, standing: drafted(
                        self._procedure, self._complaint, opening, asked, now, standing
                    )
                )
        self._arm()
        while True:
            await workflow.wait_condition(self._something_to_do)
            if self._rang and not self._overtaken:
                self._rang = False
                async with self._lock:
                    await self._apply(self._tick)
            elif self._effects.outcomes and not self._overtaken:
                async with self._lock:
                    await self._note()
            elif self._must_continue():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(args=[self._carry(), self._packed])
            elif self._overtaken or self._finished():
                await workflow.wait_condition(workflow.all_handlers_finished)
                return

    async def command(self, command: Any, asked: Asked) -> Done:
        """Decide and record one command; the caller may then read what it wrote.

        A request id that was answered before gets the first answer again.
        Raises ApplicationError of type ``Refused`` when it is not legal.
        """
        await workflow.wait_condition(lambda: self._complaint.seq > 0)
        async with self._lock:
            if asked.request_id in self._answered:
                return self._answered[asked.request_id]
            try:
                events = await self._apply(lambda now, standing: self._drafted(command, asked, now, standing))
            except Refused as refusal:
                raise as_failure(refusal) from None
            done = self._done(events)
            self._remember(asked.request_id, done)
            return done

    def check(self, command: Any, asked: Asked) -> None:
        """Refuse an illegal command before anything is written to history."""
        if not self._complaint.seq or asked.request_id in self._answered:
            return
        try:
            self._checked = None
            now = workflow.now()
            draft = drafted(self._procedure, self._complaint, command, asked, now)
            self._checked = (self._complaint, command, asked, now), draft
        except Refused as refusal:
            raise as_failure(refusal) from None

    @workflow.signal
    async def customer_accepted(self, *inputs: Any) -> None:
        """The customer accepts: ``{"option": "1"}``; after it, if known, who asks."""
        await self._signalled(*parsed_signal("accept", inputs))

    @workflow.signal
    async def customer_rejected(self, *inputs: Any) -> None:
        """The customer rejects: ``{"reason": "…", "demand": "…"}``; after it, if known, who asks."""
        await self._signalled(*parsed_signal("reject", inputs))

    @workflow.signal
    async def department_resolved(self, *inputs: Any) -> None:
        """A unit answers its order: ``{"order": "1", "result": "…", "answers": {…}}``; then who asks."""
        await self._signalled(*parsed_signal("answer_order", inputs))

    @workflow.signal(dynamic=True)
    async def unknown_signal(self, name: str, _: Sequence[RawValue]) -> None:
        """A signal nobody knows would be ignored for ever; its sender is to be found on the timeline."""
        known = "customer_accepted, customer_rejected, department_resolved"
        command = Malformed(name[:100], f"there is no such signal; there are {known}")
        await self._signalled(command, Asked(UNKNOWN_SENDER))

    @workflow.query
    def complaint(self) -> Complaint:
        """The state, for people with the command line; lists and pages read PostgreSQL."""
        return self._complaint

    @workflow.query
    def answered(self) -> dict[str, Done]:
        """The answers given, by request id: for the run that follows when a closed complaint is acted on."""
        return self._answered

    async def _signalled(self, command: Any, who: Asked) -> None:
        """A signal has nobody to be told: what is illegal or malformed becomes a refused event.

        Thousands may come in one task, which fails for ever when they take too long to be looked at.
        """
        if not self._complaint.seq:
            await workflow.wait_condition(lambda: self._complaint.seq > 0)
        async with self._lock:
            if who.request_id and who.request_id in self._answered:
                return
            try:
                events = await self._apply(
                    lambda now, standing: drafted_signal(
                        self._procedure, self._complaint, command, who, now, standing
                    )
                )
            except ApplicationError as error:
                workflow.logger.error("%s to %s was lost: %s", command, self._complaint.ref, error)
                return
            self._remember(who.request_id, self._done(events))

    def _tick(self, now: datetime, standing: Mapping[str, str]) -> Draft:
        return self._new_draft(Tick(), CLOCKWORK, now, standing)

    def _new_draft(self, command: Any, actor: Actor, now: datetime, standing: Mapping[str, str]) -> Draft:
        """A command of the clockwork itself."""
        return drafted(self._procedure, self._complaint, command, Asked(actor), now, standing)

    def _drafted(self, command: Any, asked: Asked, now: datetime, standing: Mapping[str, str]) -> Draft:
        """What the validator drafted a moment ago, when it was asked the same; else a new draft.

        Replays run no validators and draft anew: the domain is pure, so it is the same draft.
        """
        checked, self._checked = self._checked, None
        if not standing and checked is not None and checked[0] == (self._complaint, command, asked, now):
            return checked[1]
        return drafted(self._procedure, self._complaint, command, asked, now, standing)

    async def _apply(self, decision: Callable[[datetime, Mapping[str, str]], Draft]) -> list[Event]:
        """Decide, record, then change state and start the effects. The caller holds the lock.

        State changes only after recording, so nothing that is visible was not recorded.
        """
        now = workflow.now()
        standing: Mapping[str, str] = {}
        draft = decision(now, standing)
        while draft.unasked and draft.procedure.measured:
            standing = {**standing, **await self._standing_of(sorted(draft.unasked))}
            draft = decision(now, standing)
        if not draft.events:
            self._arm()
            return []
        notices = self._told(draft)
        recorded_at = await self._record(draft)
        if recorded_at is not None and recorded_at != now:
            # A replay. What was decided in a task that ended while recording took its time is decided
            # anew here at the end of that time; what counts is the instant that was recorded.
            draft = decision(recorded_at, standing)
            notices = self._told(draft)
        self._complaint = draft.complaint
        self._go_by(draft.procedure)
        self._effects.start(self._procedure, self._complaint, notices)
        self._arm()
        self._show()
        return draft.events

    async def _standing_of(self, units: list[str]) -> dict[str, str]:
        """TEL-21: why units the route is about to give an order to get none, blank for those that do."""
        standing: dict[str, str] = await workflow.execute_local_activity(
            registry.UNIT_STANDING,
            units,
            result_type=dict[str, str],
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRY,
        )
        return standing

    def _go_by(self, procedure: Procedure) -> None:
        """After a move: decide by the other version from now on, in the next run too."""
        if procedure is not self._procedure:
            self._procedure, self._packed = procedure, wire.pack(procedure)

    def _told(self, draft: Draft) -> list[Notify]:
        """What people are to be told about the events of a draft."""
        return [
            notice
            for event, complaint in zip(draft.events, draft.states, strict=True)
            for notice in react(draft.procedure, complaint, event)
        ]

    async def _record(self, draft: Draft) -> datetime | None:
        """Record; returns the instant of the events as history keeps it (None in histories of before)."""
        recording = Recording(draft.complaint, tuple(draft.events), workflow.info().first_execution_run_id)
        try:
            recorded_at: datetime | None = await workflow.execute_local_activity(
                registry.RECORD,
                recording,
                result_type=RECORDED_AT,
                start_to_close_timeout=RECORD_TIMEOUT,
                retry_policy=RECORD_RETRY,
            )
        except ActivityError as error:
            if isinstance(error.cause, ApplicationError) and error.cause.type == OVERTAKEN:
                self._overtaken = True
                raise ApplicationError(str(error.cause), type=OVERTAKEN, non_retryable=True) from error
            # Another attempt at this task has recorded later: fail this task (not the workflow), so
            # that it runs again from history and finds out what became of it.
            raise RuntimeError(f"{recording.complaint.ref} could not be recorded") from error
        return recorded_at

    async def _note(self) -> None:
        """Record what became of an effect."""
        outcome = self._effects.next_outcome()
        try:
            await self._apply(
                lambda now, standing: self._new_draft(outcome.command, outcome.actor, now, standing)
            )
        except Refused as refusal:
            workflow.logger.error("%s was refused: %s", outcome.command, refusal.reason)
        self._effects.noted(outcome)

    def _arm(self) -> None:
        """Keep one timer, for the earliest instant at which anything happens.

        A timer that rings too early (its deadline was met or moved) costs one look; it is only
        armed again when the earliest instant moves forward or it has rung.
        """
        due = next_due(self._complaint)
        if due is None or (self._timer_at is not None and self._timer_at <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = asyncio.create_task(self._ring(due))

    async def _ring(self, due: datetime) -> None:
        await workflow.sleep(max(due - workflow.now(), timedelta()), summary=f"due {due:%Y-%m-%d %H:%M} UTC")
        self._timer = self._timer_at = None
        self._rang = True

    def _something_to_do(self) -> bool:
        waiting = self._rang or bool(self._effects.outcomes)
        return waiting or self._overtaken or self._finished() or self._must_continue()

    def _finished(self) -> bool:
        if self._complaint.open or not self._complaint.seq or self._effects.under_way:
            return False
        return workflow.all_handlers_finished()

    def _must_continue(self) -> bool:
        limit = self._start.events_before_continuing
        info = workflow.info()
        enough = info.is_continue_as_new_suggested() or 0 < limit <= info.get_current_history_length()
        return enough and self._complaint.seq > 0 and not self._lock.locked()

    def _carry(self) -> Start:
        carried = Carried(self._complaint, self._answered, self._effects.unsent)
        return Start(carried=carried, events_before_continuing=self._start.events_before_continuing)

    def _done(self, events: list[Event]) -> Done:
        c = self._complaint
        kinds = tuple(event.fact.kind for event in events)
        return Done(c.ref, c.seq, c.status.value, c.step, c.round, kinds)

    def _remember(self, request_id: str, done: Done) -> None:
        if not request_id:
            return
        self._answered[request_id] = done
        while len(self._answered) > REMEMBERED_REQUESTS:
            del self._answered[next(iter(self._answered))]

    def _show(self) -> None:
        """Keep the Temporal UI telling: current details, and the search attributes that changed."""
        workflow.set_current_details(details(self._procedure, self._complaint))
        values = search_attributes(self._complaint)
        changed = {key: value for key, value in values.items() if self._shown.get(key.name) != value}
        if changed:
            workflow.upsert_search_attributes(
                [
                    key.value_set(value) if value is not None else key.value_unset()
                    for key, value in changed.items()
                ]
            )
            self._shown.update({key.name: value for key, value in changed.items()})


def as_failure(refusal: Refused) -> ApplicationError:
    """A refusal as the failure of an update: typed, and never a reason to fail the workflow task."""
    return ApplicationError(
        refusal.reason,
        {
            "code": refusal.code,
            "reason": refusal.reason,
            "legal": list(refusal.legal),
            "fields": dict(refusal.fields),
        },
        type="Refused",
        non_retryable=True,
    )
