"""Everything a person, a department's system or the customer can ask of a complaint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.commands.asking import LOOKED_UP, Actor, Asked
from domain.commands.callback import RecordCallback
from domain.commands.consequence import RaiseConsequence, RecordCase
from domain.commands.deadline import AskExtension, GrantExtension, Hold, PromiseReply, RefuseExtension, Resume
from domain.commands.desk import (
    AddInformation,
    AddNote,
    AssignOwner,
    Classify,
    Escalate,
    FinishTask,
    Flag,
    FlagMajor,
    InformCustomer,
    LinkRepeat,
    Mark,
    Open,
    TickGuidance,
)
from domain.commands.ending import Close, Reopen, Withdraw
from domain.commands.money import ConfirmPayout, RecordPayout, RetryPayout, ReversePosting
from domain.commands.moving import MoveProcedure
from domain.commands.order import (
    AgreeVisit,
    AnswerOrder,
    DeclineOrder,
    Dispatch,
    MakeVisit,
    RecallOrder,
    SendBackOrder,
    TakeOrder,
)
from domain.commands.proposal import (
    Accept,
    Approve,
    Fulfil,
    Propose,
    RefuseApproval,
    Reject,
    SendBackProposal,
)


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

__all__ = [
    "COMMANDS",
    "LOOKED_UP",
    "VERBS",
    "Accept",
    "Actor",
    "AddInformation",
    "AddNote",
    "AgreeVisit",
    "AnswerOrder",
    "Approve",
    "AskExtension",
    "Asked",
    "AssignOwner",
    "Classify",
    "Close",
    "ConfirmPayout",
    "DeclineOrder",
    "Dispatch",
    "Escalate",
    "FinishTask",
    "Flag",
    "FlagMajor",
    "Fulfil",
    "GrantExtension",
    "Hold",
    "InformCustomer",
    "LinkRepeat",
    "MakeVisit",
    "Malformed",
    "Mark",
    "MoveProcedure",
    "Open",
    "PromiseReply",
    "Propose",
    "RaiseConsequence",
    "RecallOrder",
    "RecordCallback",
    "RecordCase",
    "RecordPayout",
    "RefuseApproval",
    "RefuseExtension",
    "Reject",
    "Reopen",
    "Resume",
    "RetryPayout",
    "ReversePosting",
    "SendBackOrder",
    "SendBackProposal",
    "TakeOrder",
    "Tick",
    "TickGuidance",
    "Withdraw",
]
