"""Messages: what a complaint caused to be told, sending again, and the caller's own inbox."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response

from api.auth import Caller, Site, one_of
from api.complaints import After, Limit, Ref
from api.once import OnceKey
from api.problems import answers
from api.schemas.base import Page
from api.schemas.messages import InboxMessage, MessageView
from domain.roles import ADMINISTRATOR, AGENT, SUPERVISOR
from services import messages as service

router = APIRouter(prefix="/api/v1", tags=["messages"])

MessageId = Annotated[uuid.UUID, Path()]


@router.get(
    "/complaints/{ref}/messages",
    summary="List its messages",
    responses=answers(404),
    operation_id="list_messages",
)
async def list_messages(ref: Ref, actor: Caller, site: Site) -> list[MessageView]:
    """Every message of a complaint, to whom it went and how far it has come."""
    return [MessageView.model_validate(m) for m in await service.of_complaint(site, ref, actor)]


@router.post(
    "/complaints/{ref}/messages/{message_id}/resend",
    summary="Send again",
    response_model=MessageView,
    responses=answers(403, 404, 409),
    operation_id="resend_message",
    dependencies=[Depends(one_of(AGENT, SUPERVISOR, ADMINISTRATOR))],
)
async def resend(ref: Ref, message_id: MessageId, actor: Caller, site: Site, once: OnceKey) -> Response:
    """Put a failed message back in the queue and have it sent; the provider gets the same key again."""

    return await once.answer(MessageView, lambda: service.resend(site, ref, message_id, actor))


@router.get("/messages/inbox", summary="Read one's inbox", responses=answers(), operation_id="read_inbox")
async def inbox(
    actor: Caller,
    site: Site,
    unread: Annotated[bool, Query(description="Only what was not read yet.")] = False,
    after: After = "",
    limit: Limit = 50,
) -> Page[InboxMessage]:
    """What the caller was told inside Putright, newest first."""
    page = await service.inbox(site, actor, unread=unread, after=after, limit=limit)
    return Page[InboxMessage](items=[InboxMessage.model_validate(m) for m in page.items], after=page.after)


@router.post(
    "/messages/{message_id}/read",
    summary="Mark as read",
    status_code=204,
    response_class=Response,
    responses=answers(404),
    operation_id="mark_read",
)
async def mark_read(message_id: MessageId, actor: Caller, site: Site, once: OnceKey) -> Response:
    """Note that the caller has read a message of their inbox; doing it twice changes nothing."""
    return await once.done(lambda: service.mark_read(site, message_id, actor))
