"""A small procedure, and complaints driven through it, for the tests of storage."""

from typing import Any

import wire
from domain import commands as c
from domain.approval import Approval
from domain.clockrule import ClockRule, Rung
from domain.closing import ClosingReason
from domain.conditions import ALWAYS
from domain.events import Option, Remedy
from domain.evolve import refold
from domain.notice import Notice
from domain.ports import Recording
from domain.procedure import Procedure, RoundPolicy
from domain.purpose import Purpose
from domain.step import CallbackPolicy, Step, StepKind, Target
from domain.worktime import Calendar, Limit
from storage.engine import Database
from storage.stores import intake, procedures
from tests.drive import MONDAY, Case

HOURS = ((9 * 3600, 18 * 3600),)  # seconds from midnight


def small_procedure(version: str = "1", **changes: Any) -> Procedure:
    """Handle, propose, approve, decide, call back; one clock with a ladder; a few notices."""
    fields: dict[str, Any] = {
        "name": "small",
        "version": version,
        "prefix": "SML",
        "title": {"en": "Small"},
        "calendar": Calendar("Asia/Shanghai", (*(HOURS,) * 5, (), ())),
        "languages": ("en", "zh"),
        "vocabulary": {"severity": ("low", "high")},
        "titles": {},
        "fields": (),
        "steps": (
            Step("handle", StepKind.HANDLE, {"en": "Handle"}, to=("unit:network",)),
            Step("propose", StepKind.PROPOSE, {"en": "Propose"}),
            Step(
                "approve", StepKind.APPROVE, {"en": "Approve"}, approvals=(Approval("boss", ("approver",)),)
            ),
            Step(
                "decide",
                StepKind.DECIDE,
                {"en": "Decide"},
                outcomes={"rejected": Target("reopen"), "accepted": Target("next")},
            ),
            Step(
                "callback",
                StepKind.CALLBACK,
                {"en": "Call back"},
                callback=CallbackPolicy(attempts=2, retry_after=Limit.parse("2h")),
                outcomes={"satisfied": Target("close", "satisfied"), "dissatisfied": Target("reopen")},
            ),
        ),
        "purposes": (Purpose("handle", {"en": "Handle"}), Purpose("advise", {"en": "Advise"})),
        "clocks": (
            ClockRule(
                "reply",
                {"en": "Reply"},
                starts=("dispatched",),
                stops=("answered", "recalled"),
                limits=((ALWAYS, Limit.parse("24h")),),
                per="order",
                ladder=(Rung(("handler",), share=50), Rung(("superior_head",))),
            ),
        ),
        "notices": (
            Notice("opened", ("customer", "owner"), "received"),
            Notice("dispatched", ("unit",), "order"),
        ),
        "reasons": (ClosingReason("satisfied", {"en": "Satisfied"}, satisfied=True),),
        "rounds": RoundPolicy("handle"),
        "texts": {},
        "marks": ("published",),
        "remedies": ("credit",),
    }
    return Procedure(**{**fields, **changes})


def opened(ref: str = "SML-1", **opening: Any) -> Case:
    """A complaint just opened: an order went to the unit ``network``."""
    return Case(small_procedure(), {"severity": "high", "category": "billing"}, ref=ref, **opening)


def satisfied(case: Case) -> Case:
    """The case led to its end by the shortest way."""
    case.do(c.AnswerOrder(case.order, "It was the meter."))
    case.do(c.Propose((Option("a", "A credit", (Remedy("credit"),)),)))
    case.do(c.Approve("boss"))
    case.do(c.Accept("a"))
    case.do(c.RecordCallback("satisfied", score=9))
    return case


def recording(case: Case, first: int, last: int = 0) -> Recording:
    """The events ``first`` to ``last`` (by default: the newest) with the state they lead to."""
    until = last or len(case.events)
    return Recording(refold(case.procedure, case.events[:until]), tuple(case.events[first - 1 : until]))


async def take_in(database: Database, ref: str = "SML-1", **given: Any) -> None:
    """Store the small procedure and an intake row, as a service does before a workflow starts."""
    procedure = small_procedure()
    await procedures.add(database, procedure, source="name: small", activate=True)
    values = {
        "ref": ref,
        "procedure": procedure.name,
        "version": procedure.version,
        "fingerprint": wire.fingerprint(procedure),
        "opened_at": MONDAY,
        "customer_id": "1",
        "channel": "hotline",
        "language": "en",
        "title": "No signal",
    }
    row = intake.Intake(**{**values, **given})
    await intake.accept(database, row, {"ref": ref})
