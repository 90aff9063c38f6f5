"""Opening a complaint: everything intake checks and finds out, then one transaction, then its workflow."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.commands import Asked, Open
from domain.complaint import Complaint
from domain.conflict import check_named, named_in
from domain.decide import check_opening, decide
from domain.errors import Refused
from domain.forms import contact_problems, placed, problems, routable
from domain.procedure import Procedure
from domain.title import title_of
from services import history, knowledge, naming, repeating
from services.connect import Connections
from services.directory import must_be_known, place_of_unit, unit_of_person
from services.repeating import Claim, Kept
from services.starting import beginning, to_payload
from storage.queries.announcements import Announcement
from storage.queries.knowledge import Entry
from storage.stores import arrivals, intake
from storage.stores import procedures as procedure_store
from storage.stores.arrivals import Alike, Arrival, Earlier
from storage.stores.customers import CustomerData
from storage.stores.intake import Intake

DRAWS = 10_000

TRIED_SECONDS = 60.0
MOST_TRIED = 10_000

_ELSE = ("ref", "draw", "customer", "language", "owner", "received_at")
_DECISIVE = tuple(field.name for field in fields(Open) if field.name not in _ELSE)

ACCEPTED = 201
"""The status of the answer that is kept."""


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
    """What intake answers: the reference, what it repeats, what is announced and known about such matters."""

    ref: str
    procedure: str
    version: str
    repeat_of: str
    repeat_reason: str
    repeat_count: int
    announcements: Sequence[Announcement]
    knowledge: Sequence[Entry]


async def next_ref(connections: Connections, procedure_name: str) -> str:
    """A reference nobody else has: prefix, year, running number. Raises Refused("no_such_procedure")."""
    procedure, _, _ = await connections.catalogue.active(procedure_name)
    prefix = f"{procedure.prefix}-{datetime.now(UTC):%Y}"
    number = await procedure_store.next_number(connections.database, prefix)
    return f"{prefix}-{number:06d}"


async def open_complaint(
    connections: Connections,
    request: Request,
    asked: Asked,
    told: Callable[[Acceptance], Any],
    claim: Claim | None = None,
) -> Kept:
    """Accept a complaint: from the moment this returns it has a reference and is never lost.

    Row, outbox and, for a request that may come again (``claim``), its answer are stored in one transaction;
    the relay starts the workflow, at once if it can. ``told`` makes the answer, of plain JSON types. What
    was answered before is answered again. Raises Refused, with a message for each wrong field, before
    anything is stored.
    """
    procedure, _, fingerprint = await connections.catalogue.active(request.procedure)
    now = datetime.now(UTC)
    opening = await _checked(connections, procedure, request, asked, now)
    with repeating.reuse_refused():
        arrival = await arrivals.find_out(
            connections.database,
            request.customer,
            alike=_alike(procedure, opening.facts, now, asked),
            claim=claim,
        )
    before = repeating.first_answer(arrival.kept)
    if before is not None:
        return before
    if procedure.history:
        counted = await history.counted(connections.database, procedure, opening, now)
        opening = replace(opening, history=counted)
    opening = _completed(opening, await next_ref(connections, request.procedure), arrival)
    acceptance = Acceptance(
        ref=opening.ref,
        procedure=procedure.name,
        version=procedure.version,
        repeat_of=opening.repeat_of,
        repeat_reason=opening.repeat_reason,
        repeat_count=opening.repeat_count,
        announcements=await connections.announced.get((procedure.name, opening.facts.get("category", ""))),
        knowledge=await knowledge.beside(connections, procedure.name, opening.facts),
    )
    answer = told(acceptance)
    row = row_of(procedure, fingerprint, request, opening, now, arrival.newcomer)
    payload = to_payload(beginning(opening, asked))
    if claim is None:
        await intake.accept(connections.database, row, payload)
    elif not await intake.accept_once(
        connections.database, row, payload, claim, status=ACCEPTED, response=answer
    ):
        return await repeating.answered_before(connections, claim)
    connections.accepted.set()
    return Kept(ACCEPTED, answer, again=False)


async def _checked(
    connections: Connections, procedure: Procedure, request: Request, asked: Asked, now: datetime
) -> Open:
    """The opening as far as the request says it, found in order; raises Refused."""
    facts = facts_of(procedure, request)
    places = await naming.checked(connections, procedure.fields, request.form, prefix="form.")
    facts |= routable(procedure.fields, placed(procedure.fields, request.form, places))
    unit, complained_of = await whom_it_is_about(connections, procedure, request)
    place = await place_of_unit(connections, unit)
    if request.owner:
        await must_be_known(connections, request.owner)
    opening = Open(
        ref="",
        facts=facts,
        customer="",
        owner=request.owner or asked.actor.id,
        channel=request.channel,
        language=request.language or procedure.languages[0],
        unit=unit,
        unit_kind=place.kind,
        unit_above=place.above,
        unit_standing=place.standing,
        draw=secrets.randbelow(DRAWS),
        received_at=_received(request.received_at, now),
        complained_of=complained_of,
    )
    _try(connections, procedure, opening, asked, now)
    return opening


def _try(connections: Connections, procedure: Procedure, opening: Open, asked: Asked, now: datetime) -> None:
    """Refuse what the workflow would refuse.

    The whole opening is drafted on trial, unless one with the same words was in order within the last minute:
    then what it says itself is checked, as nothing else can be different.
    """
    same = (procedure.name, procedure.version, asked.actor.roles, *_decisive(opening))
    tried = connections.tried
    if opening.received_at is None and time.monotonic() < tried.get(same, 0.0):
        check_opening(procedure, opening, asked, now)
        return
    decide(procedure, Complaint(), opening, asked, now)
    if len(tried) >= MOST_TRIED:
        tried.clear()
    tried[same] = time.monotonic() + TRIED_SECONDS


def _decisive(opening: Open) -> Iterator[Hashable]:
    """What of an opening its rules look at."""
    for name in _DECISIVE:
        value = getattr(opening, name)
        yield frozenset(value.items()) if isinstance(value, Mapping) else value


async def whom_it_is_about(
    connections: Connections, procedure: Procedure, request: Request
) -> tuple[str, tuple[str, ...]]:
    """The unit complained of, and the persons; where no unit is named it is theirs (MFG-7)."""
    request = replace(request, unit=_subject(procedure, request))
    persons = named_in(procedure.fields, request.form)
    if not persons:
        return request.unit, ()
    check_named(procedure.fields, request.form, prefix="form.")
    units = [await unit_of_person(connections, who) for who in persons] if not request.unit else []
    return request.unit or next(filter(None, units), ""), persons


def _subject(procedure: Procedure, request: Request) -> str:
    """BNK-3: the unit complained of: the one named, or the one in the field for it; both must agree."""
    field = next((f.name for f in procedure.fields if f.subject and request.form.get(f.name)), "")
    filled = request.form.get(field, "") if field else ""
    if filled and request.unit not in ("", filled):
        message = f"the complaint is about {request.unit!r} already: name the same unit, or leave one out"
        raise Refused("form", "the unit complained of is named twice", fields={f"form.{field}": message})
    return request.unit or filled


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
    reached = contact_problems(email=request.customer.email, phone=request.customer.phone)
    wrong |= {f"customer.{name}": message for name, message in reached.items()}
    if wrong:
        raise Refused("form", "some fields are missing or wrong", fields=wrong)
    filled = {name: value for name, value in request.form.items() if value}
    return {**words, **routable(procedure.fields, filled)}


def _alike(procedure: Procedure, facts: Mapping[str, str], now: datetime, asked: Asked) -> Alike | None:
    """TEL-9: what would be repeated, by the procedure's policy: the same matter, within its days."""
    policy = procedure.repeat
    if policy is None or not set(policy.match) <= facts.keys():
        return None
    same = {name: facts[name] for name in policy.match}
    return Alike(procedure.name, same, now - timedelta(days=policy.days), asked.actor.id)


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


def _completed(opening: Open, ref: str, arrival: Arrival) -> Open:
    named = replace(
        opening, ref=ref, customer=f"customer:{arrival.customer_id}" if arrival.customer_id else ""
    )
    earlier = arrival.earlier
    if earlier is None:
        return named
    return replace(
        named,
        repeat_of=earlier.repeat_of or earlier.ref,
        repeat_reason=_reason(earlier),
        repeat_count=earlier.count,
    )


def _named(procedure: Procedure, language: str) -> str:
    """The name of the procedure in a language of it."""
    return procedure.title.get(language) or next(iter(procedure.title.values()), procedure.name)


def row_of(  # noqa: PLR0917 - what of intake is stored
    procedure: Procedure,
    fingerprint: str,
    request: Request,
    opening: Open,
    now: datetime,
    newcomer: Mapping[str, Any] | None = None,
) -> Intake:
    """The row intake stores for a complaint that was found in order, with a ``newcomer`` to be added."""
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
        title=title_of(request.title, request.summary, _named(procedure, opening.language)),
        summary=request.summary,
        owner=opening.owner,
        unit=opening.unit,
        form=dict(request.form),
        facts=dict(opening.facts),
        draw=opening.draw,
        repeat_of=opening.repeat_of,
        repeat_reason=opening.repeat_reason,
        complained_of=opening.complained_of,
        # Found by what is not personal; the customer's name is found by anyway.
        newcomer=newcomer,
        words=[request.form[f.name] for f in procedure.fields if not f.personal and request.form.get(f.name)],
    )
