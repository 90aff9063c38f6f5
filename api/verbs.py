"""One typed route for every command of the domain, generated from its registry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import TypeAdapter

from api.auth import Caller, Site
from api.once import OnceKey
from api.problems import answers
from api.schemas.complaints import DoneView
from api.texts import body_model
from domain.commands import COMMANDS, Asked
from domain.roles import MAY
from services.acting import act

router = APIRouter(prefix="/api/v1/complaints", tags=["commands"])

Ref = Annotated[str, Path(max_length=64, examples=["TEL-2026-000001"])]

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "classify": {"facts": {"severity": "difficult"}, "note": "three units are involved"},
    "assign_owner": {"owner": "person:demo-agent"},
    "link_repeat": {"ref": "TEL-2026-000001", "reason": "late_reply"},
    "flag_major": {"why": "the third failure of the gateway this week"},
    "flag": {"flag": "unreasonable", "note": "asks for ten times the price; see the contract"},
    "mark": {"mark": "announced", "note": "wording of the network department"},
    "finish_task": {"outcome": "not_accepted", "answers": {}, "note": "explained, wants it solved"},
    "tick_guidance": {"point": "listen", "note": "she told it from the beginning"},
    "dispatch": {"unit": "si-alpha", "purpose": "handle", "note": "billing of March"},
    "take_order": {"order": "1"},
    "decline_order": {"order": "1", "reason": "this is the gateway's side"},
    "answer_order": {"order": "1", "result": "the charge was wrong and is taken back", "answers": {}},
    "send_back_order": {"order": "1", "reason": "the cause is missing"},
    "recall_order": {"order": "1", "reason": "given to the wrong unit"},
    "ask_extension": {"clock": "reply#1", "limit": "8wh", "reason": "a part is on its way"},
    "grant_extension": {"clock": "reply#1", "limit": "8wh"},
    "refuse_extension": {"clock": "reply#1", "reason": "the customer has waited long enough"},
    "hold": {"reason": "the customer looks for the receipt", "until": "2026-12-01T09:00:00+08:00"},
    "resume": {"note": "the receipt has come"},
    "propose": {
        "options": [
            {
                "id": "1",
                "text": "The wrong charge is refunded double",
                "remedies": [{"type": "refund", "amount": "58.00", "currency": "CNY"}],
            }
        ],
        "grounds": "the service was never ordered",
    },
    "approve": {"note": "agreed"},
    "refuse_approval": {"reason": "beyond what the rules allow"},
    "send_back_proposal": {"remarks": "say when the money arrives"},
    "inform_customer": {"text": "We have found the cause and are mending it."},
    "promise_reply": {"until": "2026-12-01T09:00:00+08:00", "text": "You will hear from us by then."},
    "agree_visit": {"order": "1", "at": "2026-12-01T09:00:00+08:00"},
    "make_visit": {"order": "1"},
    "accept": {"option": "1", "comment": "thank you"},
    "reject": {"reason": "too little", "demand": "two months free of charge"},
    "fulfil": {"note": "credited with the bill of April"},
    "record_callback": {"outcome": "satisfied", "score": 9, "comment": "quick and friendly"},
    "escalate": {"to": "superior_head", "reason": "the unit does not answer"},
    "add_note": {"text": "called twice, nobody there"},
    "add_information": {"text": "It happened again this morning.", "attachments": []},
    "reopen": {"reason": "the fault is back"},
    "withdraw": {"reason": "settled between us"},
    "raise_consequence": {"consequence": "rectification", "note": "the cause is still there"},
    "move_procedure": {"version": "2027.1", "reason": "the holidays of 2027 are known now"},
    "close": {"reason": "not_ours", "note": "the demand cannot be met; explained twice"},
    "reverse_posting": {"posting": "refund#1", "reason": "the wrong customer was credited"},
    "retry_payout": {"posting": "refund#1"},
    "confirm_payout": {"posting": "refund#1", "receipt": "cash desk, slip 4711"},
}

_ASKED_ONLY = {"expected_seq"}


def _title(verb: str) -> str:
    return verb.replace("_", " ").capitalize()


def _add(verb: str, command_type: type) -> None:
    body_type = body_model(command_type, example=EXAMPLES[verb])
    make: TypeAdapter[Any] = TypeAdapter(command_type)

    async def give(ref: str, body: Any, actor: Caller, site: Site, once: OnceKey) -> Response:
        command = make.validate_python(body.model_dump(exclude=_ASKED_ONLY))
        asked = Asked(actor, once.request_id, body.expected_seq)

        async def work() -> DoneView:
            return DoneView.of(await act(site, ref, verb, command, asked))

        return await once.answer(DoneView, work)

    give.__annotations__ = {
        "ref": Ref,
        "body": body_type,
        "actor": Caller,
        "site": Site,
        "once": OnceKey,
        "return": Response,
    }
    give.__name__ = verb
    handler: Callable[..., Awaitable[Response]] = give
    roles = ", ".join(sorted(MAY[command_type]))
    router.post(
        f"/{{ref}}/{verb}",
        summary=_title(verb),
        description=f"{command_type.__doc__}\n\nRoles that may ask: {roles}.",
        operation_id=verb,
        response_model=DoneView,
        responses=answers(403, 404, 409),
    )(handler)


for _verb, _command_type in COMMANDS.items():
    _add(_verb, _command_type)
