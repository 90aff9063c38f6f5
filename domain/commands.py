"""Everything a person, a department's system or the customer can ask of a complaint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from domain.events import Option, Place
from domain.procedure import Procedure

LOOKED_UP: Mapping[str, bool] = {"looked_up": True}
"""Metadata of a field that nobody fills in who asks: it is looked up before the command is decided."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. ``roles`` as in ``domain.roles``; ``units`` are those the actor works for."""

    id: str
    roles: tuple[str, ...]
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What comes with every command: the actor, an id for repeats, the sequence last seen by the caller.

    ``files`` are those attachments the command names that belong to this complaint, each with its kind of
    evidence, and ``places`` where the units its answers name stand in the directory, as whoever passes the
    command on has found them: the domain cannot look them up. ``away``: the roles whose holders are all
    away, as ``role`` or ``role:unit``.
    """

    actor: Actor
    request_id: str = ""
    expected_seq: int | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    away: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Open:
    """First contact: what intake accepted. Facts are the routable, impersonal part of the form.

    ``draw`` is 0 to 9999, drawn once at intake, and decides sampling (TEL-8) reproducibly.
    ``received_at``: when the complaint was received, if earlier than now (imports, letters).
    ``parent`` and ``consequence``: the case that raised this one, and as what; ``person``: whom it is about.
    ``history``: what earlier cases count for it, by the procedure's rules. ``unit_standing``: why the unit
    complained of gets no orders (suspended or ended), if so.
    ``complained_of`` are the persons it is about, as actors' ids (``person:li``).
    """

    ref: str
    facts: Mapping[str, str]
    customer: str
    owner: str
    channel: str
    language: str
    unit: str = ""
    unit_kind: str = ""
    unit_above: str = ""
    repeat_of: str = ""
    repeat_reason: str = ""
    repeat_count: int = 0
    draw: int = 0
    received_at: datetime | None = None
    parent: str = ""
    consequence: str = ""
    person: str = ""
    history: Mapping[str, int] = field(default_factory=dict)
    unit_standing: str = ""
    complained_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Classify:
    """Correct the facts a route depends on, for example the severity."""

    facts: Mapping[str, str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class AssignOwner:
    """Hand the tracking of the complaint to another person (first-contact ownership)."""

    owner: str


@dataclass(frozen=True, slots=True)
class LinkRepeat:
    """Say that this is a repeat of another complaint, and for which of the three reasons."""

    ref: str
    reason: Literal["late_reply", "unsatisfied", "other"]


@dataclass(frozen=True, slots=True)
class FlagMajor:
    """Mark the complaint as major by hand."""

    why: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Raise one of the procedure's flags, for example an unreasonable demand (CON-3).

    ``attachments`` are files of this complaint that show it; some flags need one.
    """

    flag: str
    note: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """Record one of the procedure's milestones, for example an announcement published."""

    mark: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FinishTask:
    """Finish the current task step with one of its outcomes and its form filled in."""

    outcome: str
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class TickGuidance:
    """Record that a point of the current step's guidance was done, with what came of it."""

    point: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Give an order to a unit, or to the ones the procedure names for its purpose when none is named here.

    Its kind and the unit above it are looked up in the directory.
    """

    unit: str = ""
    purpose: str = "handle"
    note: str = ""
    unit_kind: str = ""
    unit_above: str = ""


@dataclass(frozen=True, slots=True)
class TakeOrder:
    """A unit takes the order it was given."""

    order: str


@dataclass(frozen=True, slots=True)
class DeclineOrder:
    """A unit declines, with a reason; the order goes back to the dispatcher."""

    order: str
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerOrder:
    """A unit reports the result of its order."""

    order: str
    result: str
    outcome: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendBackOrder:
    """The dispatcher returns an answer that does not do."""

    order: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecallOrder:
    """The dispatcher takes an order away from a unit."""

    order: str
    reason: str


@dataclass(frozen=True, slots=True)
class AskExtension:
    """Ask for more time on a clock; ``limit`` as in procedures, for example ``8wh``."""

    clock: str
    limit: str
    reason: str


@dataclass(frozen=True, slots=True)
class GrantExtension:
    """Grant more time on a clock, as asked or on one's own authority."""

    clock: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class RefuseExtension:
    """Refuse the time that was asked for."""

    clock: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Pause the clocks that may pause, for example while the customer looks for a receipt."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Let the clocks run again."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Propose:
    """Put one or more solutions on the table, with what the step's form asks."""

    options: tuple[Option, ...]
    grounds: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Approve:
    """Agree to the proposal."""

    approval: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RefuseApproval:
    """Refuse the proposal for good."""

    reason: str
    approval: str = ""


@dataclass(frozen=True, slots=True)
class SendBackProposal:
    """Return the proposal with remarks, to be worked over."""

    remarks: str
    approval: str = ""


@dataclass(frozen=True, slots=True)
class InformCustomer:
    """Tell the customer something; counts as a reply."""

    text: str


@dataclass(frozen=True, slots=True)
class PromiseReply:
    """Promise the customer the next reply by an instant, which becomes a deadline of its own."""

    until: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class AgreeVisit:
    """Fix a visit with the customer; the time becomes a deadline of its own."""

    order: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MakeVisit:
    """Somebody of the unit has arrived at the customer's."""

    order: str


@dataclass(frozen=True, slots=True)
class Accept:
    """The customer accepts one of the options."""

    option: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """The customer rejects what was offered."""

    reason: str
    demand: str = ""


@dataclass(frozen=True, slots=True)
class Fulfil:
    """What was promised has been carried out."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class RecordCallback:
    """The result of calling the customer back."""

    outcome: Literal["satisfied", "dissatisfied", "unreached"]
    score: int | None = None
    comment: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Escalate:
    """Bring the complaint before somebody higher by hand."""

    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class AddNote:
    """An internal note."""

    text: str


@dataclass(frozen=True, slots=True)
class AddInformation:
    """The customer adds to what they told."""

    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open a closed complaint again; starts a new round."""

    reason: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The customer withdraws the complaint."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """End the complaint by hand with one of the procedure's reasons.

    ``way`` names who the customer is referred to, where the reason refers to somebody outside.
    """

    reason: str
    note: str = ""
    way: str = ""


@dataclass(frozen=True, slots=True)
class RaiseConsequence:
    """Raise one of the procedure's consequences by hand, for example a rectification order.

    ``unit``: whom it is about, when that is another than the procedure says.
    """

    consequence: str
    note: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class MoveProcedure:
    """Handle the open complaint by another version of its procedure from now on.

    ``to`` is that version's rules, looked up by whoever takes the command.
    """

    version: str
    reason: str
    to: Procedure | None = field(default=None, metadata=LOOKED_UP)


@dataclass(frozen=True, slots=True)
class ReversePosting:
    """Take a booked amount back: an entry of its own the other way round, nothing is erased."""

    posting: str
    reason: str


@dataclass(frozen=True, slots=True)
class RetryPayout:
    """Have a payment that failed tried again."""

    posting: str


@dataclass(frozen=True, slots=True)
class ConfirmPayout:
    """Say that a payment that failed was made by hand, with what proves it."""

    posting: str
    receipt: str


@dataclass(frozen=True, slots=True)
class RecordPayout:
    """What the payment system answered: a ``receipt``, or the ``problem`` for which it is given up."""

    posting: str
    receipt: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RecordCase:
    """The case of a consequence that was raised is there."""

    ref: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A signal whose payload is not the command it should be; it is always refused."""

    verb: str
    problem: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: whatever fell due since the last look is due now."""


COMMANDS: Mapping[str, type] = {
    "classify": Classify,
    "assign_owner": AssignOwner,
    "link_repeat": LinkRepeat,
    "flag_major": FlagMajor,
    "flag": Flag,
    "mark": Mark,
    "finish_task": FinishTask,
    "tick_guidance": TickGuidance,
    "dispatch": Dispatch,
    "take_order": TakeOrder,
    "decline_order": DeclineOrder,
    "answer_order": AnswerOrder,
    "send_back_order": SendBackOrder,
    "recall_order": RecallOrder,
    "ask_extension": AskExtension,
    "grant_extension": GrantExtension,
    "refuse_extension": RefuseExtension,
    "hold": Hold,
    "resume": Resume,
    "propose": Propose,
    "approve": Approve,
    "refuse_approval": RefuseApproval,
    "send_back_proposal": SendBackProposal,
    "inform_customer": InformCustomer,
    "promise_reply": PromiseReply,
    "agree_visit": AgreeVisit,
    "make_visit": MakeVisit,
    "accept": Accept,
    "reject": Reject,
    "fulfil": Fulfil,
    "record_callback": RecordCallback,
    "escalate": Escalate,
    "add_note": AddNote,
    "add_information": AddInformation,
    "reopen": Reopen,
    "withdraw": Withdraw,
    "close": Close,
    "reverse_posting": ReversePosting,
    "retry_payout": RetryPayout,
    "confirm_payout": ConfirmPayout,
    "raise_consequence": RaiseConsequence,
    "move_procedure": MoveProcedure,
}
"""Verb to command: the names of the workflow's updates and of the API's paths."""

VERBS: Mapping[type, str] = {command: verb for verb, command in COMMANDS.items()} | {
    Open: "open",
    Tick: "tick",
    RecordPayout: "record_payout",
    RecordCase: "record_case",
}
