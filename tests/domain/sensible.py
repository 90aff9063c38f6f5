"""Commands as somebody sensible would give them, drawn by hypothesis: for random lives of complaints."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from domain import commands as c
from domain import events as ev
from domain.evidence import KINDS as KINDS_OF_EVIDENCE
from domain.fields import FieldType, FormField
from domain.guidance import open_points
from domain.procedure import Procedure
from tests.drive import Case

UNITS = ("si-east", "si-west")
KINDS = tuple(KINDS_OF_EVIDENCE)
FILES = {str(uuid.UUID(int=number)): KINDS[number % len(KINDS)] for number in range(4 * len(KINDS))}
"""Files that belong to the complaint, four of each kind of evidence."""


def filled(fields: tuple[FormField, ...], data: st.DataObject) -> dict[str, str]:
    """A form as a sensible person fills it in."""
    values = {
        FieldType.DATE: "2026-03-02",
        FieldType.YES_NO: "true",
        FieldType.PHONE: "+86 10 1234 5678",
        FieldType.EMAIL: "li@example.org",
        FieldType.PERSON: "person-li",
        FieldType.UNIT: UNITS[1],
    }

    def value(field: FormField) -> str:
        match field.type:
            case FieldType.CHOICE:
                return data.draw(st.sampled_from(field.choices), label=field.name)
            case FieldType.NUMBER | FieldType.MONEY:
                return str(field.lowest if field.lowest is not None else field.highest or 3)
            case FieldType.FILE:
                fitting = [one for one, kind in FILES.items() if not field.evidence or kind in field.evidence]
                return " ".join(fitting[: field.at_least])
        return values.get(field.type, "words")

    return {field.name: value(field) for field in fields}


@dataclass
class Sensible:
    """Fills in commands about one complaint."""

    procedure: Procedure
    next_version: Procedure
    case: Case

    def command(self, verb: str, target: str, data: st.DataObject) -> Any:
        """A command as somebody sensible would fill it in, about ``target``."""
        procedure, complaint = self.procedure, self.case.complaint
        step = procedure.step(complaint.step) if complaint.step else None
        ahead = self.case.now + timedelta(hours=data.draw(st.sampled_from((-1, 1, 30, 200)), label="ahead"))
        match verb:
            case "classify":
                name = data.draw(st.sampled_from(sorted(procedure.vocabulary)), label="fact")
                return c.Classify(
                    {name: data.draw(st.sampled_from(procedure.vocabulary[name]), label="word")}
                )
            case "dispatch":
                purposes = [purpose.name for purpose in procedure.purposes]
                return c.Dispatch(
                    data.draw(st.sampled_from(UNITS), label="unit"),
                    data.draw(st.sampled_from(purposes), label="purpose"),
                )
            case "answer_order":
                return self._answer(target, data)
            case "finish_task":
                outcomes = sorted(step.outcomes) if step else ["none"]
                outcome = data.draw(st.sampled_from(outcomes or ["none"]), label="outcome")
                return c.FinishTask(outcome, filled(step.requires if step else (), data))
            case "propose":
                return c.Propose(self._options(data))
            case "accept":
                return c.Accept(data.draw(st.sampled_from(("", "1", "2")), label="option"))
            case "record_callback":
                outcome = data.draw(st.sampled_from(("satisfied", "dissatisfied", "unreached")), label="out")
                asked = step.callback.questions if step and step.callback else ()
                answers = {} if outcome == "unreached" else filled(asked, data)
                return c.RecordCallback(outcome, comment="because", answers=answers)
            case "ask_extension" | "grant_extension":
                limit = data.draw(
                    st.sampled_from(("8wh", "1wd", "2h", "3d", "nonsense", "9999999w")), label="l"
                )
                if verb == "ask_extension":
                    return c.AskExtension(target, limit, "because")
                return c.GrantExtension(target, limit)
            case "close":
                reasons = [reason.name for reason in procedure.reasons]
                return c.Close(data.draw(st.sampled_from(reasons), label="reason"), "because")
            case "hold":
                return c.Hold("because", data.draw(st.sampled_from((None, ahead)), label="until"))
            case _:
                return self._plain(verb, target, ahead)

    def _plain(self, verb: str, target: str, ahead: datetime) -> Any:
        simple = {
            "assign_owner": c.AssignOwner("person:other"),
            "link_repeat": c.LinkRepeat("TEST-0", "other"),
            "flag_major": c.FlagMajor("because"),
            "flag": c.Flag((self.procedure.flags or ("none",))[0], "because"),
            "mark": c.Mark((self.procedure.marks or ("none",))[0]),
            "take_order": c.TakeOrder(target),
            "decline_order": c.DeclineOrder(target, "because"),
            "send_back_order": c.SendBackOrder(target, "because"),
            "recall_order": c.RecallOrder(target, "because"),
            "refuse_extension": c.RefuseExtension(target, "because"),
            "resume": c.Resume(),
            "approve": c.Approve(target),
            "refuse_approval": c.RefuseApproval("because", target),
            "send_back_proposal": c.SendBackProposal("because", target),
            "inform_customer": c.InformCustomer("words"),
            "promise_reply": c.PromiseReply(ahead),
            "agree_visit": c.AgreeVisit(target, ahead),
            "make_visit": c.MakeVisit(target),
            "reject": c.Reject("because"),
            "tick_guidance": c.TickGuidance(next(iter(self.open_points()), target), "words"),
            "fulfil": c.Fulfil(),
            "escalate": c.Escalate("supervisor", "because"),
            "add_note": c.AddNote("words"),
            "add_information": c.AddInformation("words"),
            "reopen": c.Reopen("because"),
            "withdraw": c.Withdraw("because"),
            "raise_consequence": c.RaiseConsequence(target, "because"),
            "move_procedure": c.MoveProcedure("next", "because", self.next_version),
            "reverse_posting": c.ReversePosting(target, "because"),
            "retry_payout": c.RetryPayout(target),
            "confirm_payout": c.ConfirmPayout(target, "words"),
        }
        return simple[verb]

    def open_points(self) -> tuple[str, ...]:
        """The points of the guidance that are not done yet."""
        step = self.case.complaint.step
        return open_points(self.case.complaint, self.procedure.step(step)) if step else ()

    def _answer(self, target: str, data: st.DataObject) -> Any:
        complaint, procedure = self.case.complaint, self.procedure
        order = complaint.order(target)
        purpose = procedure.purpose(order.purpose) if order else None
        outcome = ""
        if purpose and purpose.outcomes:
            outcome = data.draw(st.sampled_from(purpose.outcomes), label="outcome")
        step = procedure.step(complaint.step) if complaint.step else None
        form = step.requires if step and order and order.purpose == "handle" else ()
        form = (*form, *(purpose.requires if purpose else ()))
        return c.AnswerOrder(target, "words", outcome, filled(form, data))

    def _options(self, data: st.DataObject) -> tuple[ev.Option, ...]:
        remedies = self.procedure.remedies or ("explanation",)
        options = []
        for number in range(data.draw(st.integers(1, 2), label="options")):
            remedy = data.draw(st.sampled_from(remedies), label="remedy")
            amount = data.draw(st.sampled_from((None, Decimal("0.01"), Decimal(5000))), label="amount")
            currency = "CNY" if amount else ""
            options.append(ev.Option("", f"words {number}", (ev.Remedy(remedy, "", amount, currency),)))
        return tuple(options)
