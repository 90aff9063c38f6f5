"""Opening a complaint: everything intake checks and finds out, then one transaction, then its workflow."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import IntegrityError

from domain.commands import Asked, Open
from domain.complaint import Complaint
from domain.decide import decide
from domain.errors import Refused
from domain.forms import problems
from domain.procedure import ROUTABLE, Procedure
from services.connect import Connections
from services.directory import must_be_known, place_of_unit
from services.starting import beginning, to_payload
from storage.queries import announcements as announcement_queries
from storage.queries import complaints as complaint_queries
from storage.queries import repeats as repeat_queries
from storage.queries.announcements import Announcement
from storage.queries.repeats import Earlier
from storage.stores import customers as customer_store
from storage.stores import intake
from storage.stores import procedures as procedure_store
from storage.stores.customers import CustomerData
from storage.stores.intake import Intake

DRAWS = 10_000

Namer = Callable[[], Awaitable[str]]
"""Gives a complaint its reference."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody brings to intake.

    ``facts`` are words of the procedure's vocabulary, ``form`` its fields as filled in, ``summary`` the story
    in the customer's words. ``received_at`` (aware) when it was received earlier than now. ``owner`` is
    whoever opens it unless another is named (TEL-11).
    """

    procedure: str
    channel: str
    language: str = ""
    title: str = ""
    summary: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    customer: CustomerData = field(default_factory=CustomerData)
    unit: str = ""
    owner: str = ""
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What intake answers: the reference, what it repeats, and what is announced about such matters."""

    ref: str
    procedure: str
    version: str
    repeat_of: str
    repeat_reason: str
    repeat_count: int
    announcements: Sequence[Announcement]


@dataclass(frozen=True, slots=True)
class Repeat:
    """What a complaint repeats: the first one, the reason (TEL-9) and how many came before."""

    of: str = ""
    reason: str = ""
    count: int = 0


NO_REPEAT = Repeat()


async def next_ref(connections: Connections, procedure_name: str) -> str:
    """A reference nobody else has: prefix, year, running number. Raises Refused("no_such_procedure")."""
    procedure, _, _ = await connections.catalogue.active(procedure_name)
    prefix = f"{procedure.prefix}-{datetime.now(UTC):%Y}"
    number = await procedure_store.next_number(connections.database, prefix)
    return f"{prefix}-{number:06d}"


async def open_complaint(
    connections: Connections, request: Request, asked: Asked, *, name: Namer | None = None
) -> Acceptance:
    """Accept a complaint: from the moment this returns it has a reference and is never lost.

    Row and outbox are stored in one transaction; the relay starts the workflow, at once if it can.
    ``name`` gives the reference where the caller must note it before (see ``services.repeating``); what was
    accepted under it already is answered again. Raises Refused, with a message for each wrong field, before
    anything is stored.
    """
    procedure, _, fingerprint = await connections.catalogue.active(request.procedure)
    facts = facts_of(procedure, request)
    place = await place_of_unit(connections, request.unit)
    owner = request.owner or asked.actor.id
    if request.owner:
        await must_be_known(connections, request.owner)
    now = datetime.now(UTC)
    opening = Open(
        ref="",
        facts=facts,
        customer="",
        owner=owner,
        channel=request.channel,
        language=request.language or procedure.languages[0],
        unit=request.unit,
        unit_kind=place.kind,
        unit_above=place.above,
        draw=secrets.randbelow(DRAWS),
        received_at=_received(request.received_at, now),
    )
    decide(procedure, Complaint(), opening, asked, now)
    customer = await customer_store.find_or_create(connections.database, request.customer)
    repeat = await repeat_of(connections, procedure, customer, facts, now)
    ref = await name() if name else await next_ref(connections, request.procedure)
    opening = _completed(opening, ref, customer, repeat)
    row = row_of(procedure, fingerprint, request, opening, now)
    try:
        await intake.accept(connections.database, row, to_payload(beginning(opening, asked)))
    except IntegrityError as error:
        if name is None:
            raise
        return await _accepted_before(connections, ref, error)
    connections.accepted.set()
    return Acceptance(
        ref=opening.ref,
        procedure=procedure.name,
        version=procedure.version,
        repeat_of=repeat.of,
        repeat_reason=repeat.reason,
        repeat_count=repeat.count,
        announcements=await announcement_queries.matching(
            connections.database, procedure.name, facts.get("category", ""), now
        ),
    )


async def _accepted_before(connections: Connections, ref: str, error: IntegrityError) -> Acceptance:
    """What an earlier attempt at the same request was accepted as; ``error`` if it was not after all."""
    row, _ = await complaint_queries.with_events(connections.database, ref)
    if row is None:
        raise error
    return Acceptance(
        row.ref, row.procedure, row.version, row.repeat_of, row.repeat_reason, int(bool(row.repeat_of)), ()
    )


def facts_of(procedure: Procedure, request: Request) -> dict[str, str]:
    """The routable, impersonal facts: the procedure's defaults, the words given, fields that may steer.

    Raises Refused with a message for each field that is missing, unknown or wrong.
    """
    wrong = {
        f"facts.{name}": f"facts are {', '.join(procedure.vocabulary)}"
        for name in request.facts
        if name not in procedure.vocabulary
    }
    words = {**procedure.defaults, **request.facts}
    for name, value in {**words, "channel": request.channel}.items():
        choices = procedure.vocabulary.get(name)
        if choices is not None and value not in choices:
            where = "channel" if name == "channel" else f"facts.{name}"
            wrong[where] = f"one of {', '.join(choices)}"
    found = problems(procedure.fields, request.form, {**words, "channel": request.channel})
    wrong |= {f"form.{name}": message for name, message in found.items()}
    if wrong:
        raise Refused("form", "some fields are missing or wrong", fields=wrong)
    routable = {f.name for f in procedure.fields if f.type in ROUTABLE and not f.personal}
    return {**words, **{name: value for name, value in request.form.items() if name in routable and value}}


async def repeat_of(
    connections: Connections, procedure: Procedure, customer: str, facts: Mapping[str, str], now: datetime
) -> Repeat:
    """TEL-9: what this repeats, by the procedure's policy: same customer, same matter, within its days."""
    policy = procedure.repeat
    if policy is None:
        return NO_REPEAT
    same = {name: facts[name] for name in policy.match if name in facts}
    if len(same) < len(policy.match):
        return NO_REPEAT
    earlier = await repeat_queries.earlier(
        connections.database,
        customer_id=customer,
        procedure=procedure.name,
        facts=same,
        since=now - timedelta(days=policy.days),
    )
    if not earlier:
        return NO_REPEAT
    newest = earlier[0]
    return Repeat(newest.repeat_of or newest.ref, _reason(newest), len(earlier))


def _reason(earlier: Earlier) -> str:
    """TEL-9: late when a deadline was breached, unsatisfied when it was refused, else another reason."""
    if earlier.breached:
        return "late_reply"
    return "unsatisfied" if earlier.unsatisfied else "other"


def _received(received_at: datetime | None, now: datetime) -> datetime | None:
    if received_at is not None and received_at > now:
        raise Refused(
            "invalid", "nothing is received in the future", fields={"received_at": "not later than now"}
        )
    return received_at


def _completed(opening: Open, ref: str, customer: str, repeat: Repeat) -> Open:
    return replace(
        opening,
        ref=ref,
        customer=f"customer:{customer}" if customer else "",
        repeat_of=repeat.of,
        repeat_reason=repeat.reason,
        repeat_count=repeat.count,
    )


def row_of(procedure: Procedure, fingerprint: str, request: Request, opening: Open, now: datetime) -> Intake:
    """The row intake stores for a complaint that was found in order."""
    return Intake(
        ref=opening.ref,
        procedure=procedure.name,
        version=procedure.version,
        fingerprint=fingerprint,
        opened_at=opening.received_at or now,
        channel=opening.channel,
        language=opening.language,
        customer_id=opening.customer.removeprefix("customer:"),
        customer_name=request.customer.name,
        title=request.title,
        summary=request.summary,
        owner=opening.owner,
        unit=opening.unit,
        form=dict(request.form),
        facts=dict(opening.facts),
        draw=opening.draw,
        repeat_of=opening.repeat_of,
        repeat_reason=opening.repeat_reason,
        # Found by what is not personal; the customer's name is found by anyway.
        words=[request.form[f.name] for f in procedure.fields if not f.personal and request.form.get(f.name)],
    )
