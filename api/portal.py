"""The customer's own API: a private link instead of a login, and nothing internal in the answers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from api.auth import Site
from api.once import LinkOnce
from api.present import contact_views, option_view
from api.problems import answers, language
from api.schemas.base import told
from api.schemas.complaints import DoneView
from api.schemas.portal import PortalEvent, PortalView
from api.texts import body_model
from api.verbs import EXAMPLES
from domain.commands import COMMANDS, Asked
from services.acting import act
from services.portal import VERBS, CustomerCase, customer_case, customer_of

router = APIRouter(prefix="/api/v1/portal", tags=["portal"])

Token = Annotated[str, Path(max_length=120, description="The token of the private link.")]


def portal_view(case: CustomerCase, language: str) -> PortalView:
    """The customer's view."""
    c, row = case.complaint, case.row
    return PortalView(
        ref=row.ref,
        status=c.status.value,
        opened_at=c.opened_at or row.opened_at,
        closed_at=c.closed_at,
        title=row.title,
        summary=row.summary,
        round=c.round,
        next_reply_by=case.next_reply_by,
        options=[option_view(option) for option in case.options],
        accepted=c.accepted,
        timeline=[PortalEvent(at=e.at, kind=e.kind, text=e.text) for e in case.timeline],
        allowed_actions=list(case.actions),
        contacts=contact_views(case.contacts, language),
        external_ways=[told(way.title, language) for way in case.ways],
    )


@router.get("/{token}", summary="Read one's complaint", responses=answers(404), operation_id="portal_read")
async def read(token: Token, site: Site, request: Request) -> PortalView:
    """How the complaint stands, for the customer who holds the link."""
    spoken = language(request)
    return portal_view(await customer_case(site, request.app.state.links.ref(token), spoken), spoken)


def _add(verb: str) -> None:
    command_type = COMMANDS[verb]
    body_type = body_model(command_type, example=EXAMPLES[verb], name=f"Portal{command_type.__name__}Body")
    make: TypeAdapter[Any] = TypeAdapter(command_type)

    async def give(token: str, body: Any, site: Site, once: LinkOnce, request: Request) -> Response:
        ref = request.app.state.links.ref(token)
        actor = await customer_of(site, ref)
        command = make.validate_python(body.model_dump(exclude={"expected_seq"}))

        async def work() -> DoneView:
            asked = Asked(actor, once.request_id, body.expected_seq)
            done = DoneView.of(await act(site, ref, verb, command, asked))
            return done.model_copy(update={"events": []})

        return await once.answer(DoneView, work)

    give.__annotations__ = {
        "token": Token,
        "body": body_type,
        "site": Site,
        "once": LinkOnce,
        "request": Request,
        "return": Response,
    }
    give.__name__ = f"portal_{verb}"
    router.post(
        f"/{{token}}/{verb}",
        summary=f"{verb.replace('_', ' ').capitalize()}, as the customer",
        description=command_type.__doc__,
        operation_id=f"portal_{verb}",
        response_model=DoneView,
        responses=answers(403, 404, 409),
    )(give)


for _verb in VERBS:
    _add(_verb)
