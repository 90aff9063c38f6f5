"""Complaints: open, list, read, explain."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from api.auth import Caller, Site, one_of
from api.once import OnceKey
from api.present import complaint_view, contact_views, explanation_view, listed
from api.problems import answers, language
from api.schemas.base import Page
from api.schemas.complaints import ComplaintView, Opened, Row
from api.schemas.knowledge import KnowledgeView
from api.schemas.portal import ContactView
from api.schemas.procedures import AnnouncementView
from api.schemas.timeline import EventView, ExplanationView
from api.shortway import ShortWay
from api.texts import Instant, Strict, Text, Word
from domain.commands import Asked
from domain.complaint import Status
from domain.roles import AGENT, SUPERVISOR, SYSTEM
from services import contacts, opening, reading
from services.beside import beside
from services.listing import Filters, complaints_page
from storage.stores.customers import CustomerData

router = APIRouter(prefix="/api/v1/complaints", tags=["complaints"])

Ref = Annotated[str, Path(max_length=64, examples=["TEL-2026-000001"])]
ClockId = Annotated[str, Path(max_length=100, examples=["reply#1"])]
MAY_OPEN = one_of(AGENT, SUPERVISOR, SYSTEM)
After = Annotated[str, Query(max_length=200, description="Where the page before ended.")]
Limit = Annotated[int, Query(ge=1, le=200)]


class CustomerBody(Strict):
    """Who complains. A customer known by phone or e-mail is found again."""

    id: Word = Field(default="", description="The customer's number in your own system, if it is the key.")
    name: Word = Field(default="", examples=["Wang Fang"])
    phone: Word = Field(default="", examples=["+86 10 5555 0100"])
    email: Word = Field(default="", examples=["wang.fang@example.org"])
    language: Word = Field(default="", examples=["zh"])


class OpenBody(Strict):
    """A new complaint."""

    procedure: Word = Field(examples=["telecom-si"])
    channel: Word = Field(examples=["hotline"])
    language: Word = Field(default="", examples=["zh"])
    title: Word = Field(
        default="",
        description="What lists show. Left out or blank: how the summary begins, else the procedure's title.",
        examples=["Charged for a service never ordered"],
    )
    summary: Text = Field(default="", examples=["Since March my bill shows 29 CNY for a game I never used."])
    facts: dict[Word, Word] = Field(default={}, examples=[{"kind": "complaint", "severity": "urgent"}])
    form: dict[Word, Text] = Field(default={}, examples=[{"product": "Monthly game pack"}])
    customer: CustomerBody = Field(default_factory=CustomerBody)
    unit: Word = Field(default="", description="The unit complained of.", examples=[""])
    owner: Word = Field(default="", description="Who tracks it to the end; you, if left out.", examples=[""])
    received_at: Instant | None = Field(default=None, description="When received, if earlier than now.")


@router.post(
    "",
    summary="Open a complaint",
    status_code=201,
    response_model=Opened,
    responses=answers(403),
    operation_id="open",
    dependencies=[Depends(MAY_OPEN)],
)
async def open_complaint(
    body: OpenBody, actor: Caller, site: Site, once: OnceKey, request: Request
) -> Response:
    """Accept a complaint. From the answer on it has a reference and is never lost, whatever is down."""
    asked = Asked(actor, once.request_id)
    wanted = opening.Request(
        procedure=body.procedure,
        channel=body.channel,
        language=body.language,
        title=body.title,
        summary=body.summary,
        facts=body.facts,
        form=body.form,
        customer=CustomerData(**body.customer.model_dump()),
        unit=body.unit,
        owner=body.owner,
        received_at=body.received_at,
    )

    def told(done: opening.Acceptance) -> Any:
        return Opened(
            ref=done.ref,
            procedure=done.procedure,
            version=done.version,
            status=Status.NEW.value,
            repeat_of=done.repeat_of,
            repeat_reason=done.repeat_reason,
            repeat_count=done.repeat_count,
            announcements=[AnnouncementView.model_validate(one) for one in done.announcements],
            knowledge=[KnowledgeView.model_validate(one) for one in done.knowledge],
            portal=request.app.state.links.url(done.ref),
        ).model_dump(mode="json")

    return await once.answer_kept(lambda claim: opening.open_complaint(site, wanted, asked, told, claim))


@router.get(
    "",
    summary="List complaints",
    response_model=Page[Row],
    responses=answers(403, 404),
    operation_id="list_complaints",
)
async def list_complaints(  # noqa: PLR0917 - one argument for each filter
    actor: Caller,
    site: Site,
    status: Annotated[list[Status] | None, Query()] = None,
    state: Annotated[Literal["open", "closed"] | None, Query(description="Open or closed ones only.")] = None,
    procedure: Annotated[Word | None, Query(examples=["telecom-si"])] = None,
    unit: Annotated[Word | None, Query(description="Complained of.", examples=["si-alpha"])] = None,
    severity: Annotated[Word | None, Query(examples=["urgent"])] = None,
    category: Annotated[Word | None, Query()] = None,
    channel: Annotated[Word | None, Query(examples=["hotline"])] = None,
    owner: Annotated[Word | None, Query(examples=["person:demo-agent"])] = None,
    breached: Annotated[bool | None, Query(description="With or without a breached deadline.")] = None,
    cases: Annotated[
        Literal["complaints", "consequences", "all"],
        Query(description="Cases that complaints led to are left out unless asked for."),
    ] = "complaints",
    parent: Annotated[Word | None, Query(description="Consequences of this complaint.")] = None,
    q: Annotated[Word | None, Query(description="Words of reference, title, story or customer.")] = None,
    after: After = "",
    limit: Limit = 50,
) -> Response:
    """Complaints, newest first. Handlers, unit heads and partners see those with an order to their units."""
    filters = Filters(
        status=tuple(one.value for one in status or ()),
        open=None if state is None else state == "open",
        procedure=procedure,
        unit=unit,
        severity=severity,
        category=category,
        channel=channel,
        owner=owner,
        breached=breached,
        q=q,
        parent=parent,
        raised=None if parent or cases == "all" else cases == "consequences",
    )
    return listed(await complaints_page(site, actor, filters, after=after, limit=limit))


@router.get("/{ref}", summary="Read a complaint", responses=answers(404), operation_id="read_complaint")
async def read_complaint(ref: Ref, actor: Caller, site: Site, request: Request) -> ComplaintView:
    """Where the complaint stands, its orders and clocks, and what you may do with it now."""
    case = await reading.shown(site, ref, actor)
    return complaint_view(case, language(request), await beside(site, case))


@router.get(
    "/{ref}/contacts",
    summary="Whom the customer can turn to",
    responses=answers(404),
    operation_id="read_contacts",
)
async def read_contacts(ref: Ref, actor: Caller, site: Site, request: Request) -> list[ContactView]:
    """The unit complained of, the unit above it and so on, each with the contact it publishes."""
    return contact_views(await contacts.of_complaint(site, ref, actor), language(request))


@router.get("/{ref}/events", summary="Read the timeline", responses=answers(404), operation_id="read_events")
async def read_events(
    ref: Ref,
    actor: Caller,
    site: Site,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Sequence to continue behind.")] = 0,
    limit: Limit = 200,
) -> Page[EventView]:
    """Everything that happened, in order; nothing is ever changed or taken away."""
    events = await reading.timeline(site, ref, actor, after=after, limit=limit)
    return Page[EventView](
        items=[EventView.of(event) for event in events],
        after=str(events[-1].seq) if len(events) == limit else None,
    )


@router.get(
    "/{ref}/clocks/{clock}/explanation",
    summary="Explain a deadline",
    responses=answers(404),
    operation_id="explain_clock",
)
async def explain_clock(ref: Ref, clock: ClockId, actor: Caller, site: Site) -> ExplanationView:
    """The working hours, closed hours and pauses that lead from the clock's start to its due instant."""
    found = await reading.case(site, ref, actor)
    return explanation_view(found, reading.clock_of(found, clock))


SHORT_WAYS = (
    ShortWay("POST", router.prefix, open_complaint, MAY_OPEN),
    ShortWay("GET", router.prefix, list_complaints),
)
"""What is asked all the time."""
