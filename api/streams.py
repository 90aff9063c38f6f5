"""A complaint's events as they happen (server-sent events)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.auth import Caller, Site, renewed
from api.complaints import Ref
from api.problems import answers
from api.schemas.timeline import EventView
from domain.commands import Actor
from domain.errors import Refused
from services.connect import Connections
from services.following import Listener, follow
from services.reading import must_see

router = APIRouter(prefix="/api/v1/complaints", tags=["complaints"])

PING_SECONDS = 15
LastSeen = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=10, pattern=r"^[0-9]{1,9}$", description="Sequence last seen."),
]


@router.get(
    "/{ref}/events/stream",
    summary="Follow the timeline",
    response_class=EventSourceResponse,
    responses={
        **answers(404),
        200: {"content": {"text/event-stream": {}}, "description": "One server-sent event for each event."},
    },
    operation_id="follow_events",
)
async def follow_events(
    ref: Ref, actor: Caller, site: Site, request: Request, last_seen: LastSeen = None
) -> EventSourceResponse:
    """Every event as it is recorded, from the first or behind `Last-Event-ID`; stays open."""
    await must_see(site, ref, actor)
    sent = _sent(site, request.app.state.listener, ref, renewed(request), int(last_seen or 0))
    return EventSourceResponse(sent, ping=PING_SECONDS, headers={"Cache-Control": "no-store"})


async def _sent(
    site: Connections, listener: Listener, ref: str, who: Callable[[], Awaitable[Actor]], after: int
) -> AsyncIterator[ServerSentEvent]:
    try:
        async for event in follow(site, listener, ref, who, after):
            view = EventView.of(event)
            yield ServerSentEvent(id=str(event.seq), event=view.kind, data=view.model_dump_json())
    except Refused:
        return  # the token has ended, or it is no longer theirs to see: so does the stream
