"""Keeping the directory: units, people, posts, absences, contacts."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response
from pydantic import Field, StrictBool

from api.auth import Caller, Site, one_of
from api.once import OnceKey
from api.problems import answers
from api.schemas.directory import PersonDetailView, UnitDetailView
from api.texts import Instant, Strict, Word
from domain.roles import ADMINISTRATOR
from services import directory, organising

router = APIRouter(prefix="/api/v1", tags=["directory"])
administrators = [Depends(one_of(ADMINISTRATOR))]

UnitId = Annotated[Word, Path(examples=["north-desk"])]
PersonId = Annotated[Word, Path(examples=["li-na"])]
Addresses = Annotated[dict[Word, Word], Field(max_length=10, examples=[{"sms": "+86 10 5555 0142"}])]


class UnitBody(Strict):
    """A unit as it shall be."""

    name: dict[Word, Word] = Field(max_length=10, examples=[{"en": "Northern desk", "zh": "北区服务台"}])
    kind: Word = Field(default="", examples=["department"])
    parent_id: Word | None = Field(default=None, description="The unit above it.", examples=[None])
    addresses: Addresses = Field(default={})
    published: dict[Word, Word] = Field(
        default={},
        max_length=10,
        description="How customers reach it.",
        examples=[{"phone": "+86 10 5555 0100"}],
    )
    webhook_url: Word = Field(default="", examples=[""])
    webhook_secret: Word | None = Field(default=None, description="Stays as it is when left out.")
    active_from: Instant | None = Field(default=None, description="When a new unit begins; now, if left out.")


class UntilBody(Strict):
    """From when on; now, if left out."""

    at: Instant | None = Field(default=None, examples=["2026-12-31T16:00:00Z"])


class PersonBody(Strict):
    """A person as they shall be."""

    name: Word = Field(examples=["Li Na"])
    language: Word = Field(default="", examples=["zh"])
    email: Word = Field(default="", examples=["li.na@company.example"])
    phone: Word = Field(default="", examples=["+86 10 5555 0142"])
    addresses: Addresses = Field(default={})
    active: StrictBool = Field(default=True, description="Who is not has no access any more.")


class PostBody(Strict):
    """A post somebody shall hold."""

    role: Word = Field(examples=["handler"])
    unit_id: Word | None = Field(default=None, description="Null: everywhere.", examples=[None])
    rank: Literal["A", "B"] = "A"
    valid_from: Instant | None = Field(default=None, description="Now, if left out.")
    valid_to: Instant | None = None


class EndPostBody(Strict):
    """A post somebody shall hold no longer."""

    role: Word = Field(examples=["handler"])
    unit_id: Word | None = Field(default=None, examples=[None])
    at: Instant | None = Field(default=None, description="Now, if left out.")


class AbsenceBody(Strict):
    """When somebody is away."""

    starts_at: Instant = Field(examples=["2027-02-01T01:00:00Z"])
    ends_at: Instant = Field(examples=["2027-02-08T01:00:00Z"])
    reason: Word = Field(default="", examples=["annual leave"])


class ContactBody(Strict):
    """How somebody will be reached; what is left out stays as it is."""

    email: Word | None = Field(default=None, examples=["li.na@new.example"])
    phone: Word | None = Field(default=None, examples=[None])
    effective_at: Instant = Field(examples=["2027-03-01T01:00:00Z"])


@router.get("/units/{unit_id}", summary="Read a unit", responses=answers(404), operation_id="read_unit")
async def read_unit(unit_id: UnitId, actor: Caller, site: Site) -> UnitDetailView:
    """A unit with its addresses and who holds which post in it."""
    return UnitDetailView.model_validate(await directory.unit(site, unit_id, actor.id))


@router.put(
    "/units/{unit_id}",
    summary="Add or change a unit",
    responses=answers(403),
    operation_id="put_unit",
    dependencies=administrators,
)
async def put_unit(unit_id: UnitId, body: UnitBody, actor: Caller, site: Site) -> UnitDetailView:
    """Add a unit, or change the one with that id; doing it twice changes nothing."""
    new = organising.NewUnit(**body.model_dump())
    return UnitDetailView.model_validate(await organising.put_unit(site, unit_id, new))


@router.post(
    "/units/{unit_id}/dissolve",
    summary="Dissolve a unit",
    response_model=UnitDetailView,
    responses=answers(403, 404, 409),
    operation_id="dissolve_unit",
    dependencies=administrators,
)
async def dissolve_unit(
    unit_id: UnitId, body: UntilBody, actor: Caller, site: Site, once: OnceKey
) -> Response:
    """Let a unit exist no longer than an instant. Its history stays; it gets no orders from then on."""
    return await once.answer(UnitDetailView, lambda: organising.dissolve_unit(site, unit_id, body.at))


@router.get(
    "/people/{person_id}",
    summary="Read a person",
    responses=answers(403, 404),
    operation_id="read_person",
    dependencies=administrators,
)
async def read_person(person_id: PersonId, actor: Caller, site: Site) -> PersonDetailView:
    """Somebody with posts, absences, and the contact data announced for later."""
    return PersonDetailView.model_validate(await directory.person(site, person_id))


@router.put(
    "/people/{person_id}",
    summary="Add or change a person",
    responses=answers(403),
    operation_id="put_person",
    dependencies=administrators,
)
async def put_person(person_id: PersonId, body: PersonBody, actor: Caller, site: Site) -> PersonDetailView:
    """Add a person, or change the one with that id. E-mail and phone change only after the notice due."""
    new = organising.NewPerson(**body.model_dump())
    return PersonDetailView.model_validate(await organising.put_person(site, person_id, new, actor))


@router.post(
    "/people/{person_id}/posts",
    summary="Give a post",
    response_model=PersonDetailView,
    responses=answers(403, 404),
    operation_id="give_post",
    dependencies=administrators,
)
async def give_post(
    person_id: PersonId, body: PostBody, actor: Caller, site: Site, once: OnceKey
) -> Response:
    """Let somebody hold a post, as A or as B who steps in when no A is there (BNK-2)."""
    return await once.answer(
        PersonDetailView, lambda: organising.put_post(site, person_id, **body.model_dump())
    )


@router.post(
    "/people/{person_id}/posts/end",
    summary="End a post",
    response_model=PersonDetailView,
    responses=answers(403, 404),
    operation_id="end_post",
    dependencies=administrators,
)
async def end_post(
    person_id: PersonId, body: EndPostBody, actor: Caller, site: Site, once: OnceKey
) -> Response:
    """Let somebody hold a post no longer than an instant."""
    return await once.answer(
        PersonDetailView, lambda: organising.end_post(site, person_id, **body.model_dump())
    )


@router.post(
    "/people/{person_id}/absences",
    summary="Note an absence",
    response_model=PersonDetailView,
    responses=answers(403, 404),
    operation_id="note_absence",
)
async def note_absence(
    person_id: PersonId, body: AbsenceBody, actor: Caller, site: Site, once: OnceKey
) -> Response:
    """Note when somebody is away; meanwhile B is told. One's own, or anybody's as an administrator."""
    return await once.answer(
        PersonDetailView, lambda: organising.put_absence(site, person_id, actor, **body.model_dump())
    )


@router.post(
    "/people/{person_id}/absences/end",
    summary="End an absence",
    response_model=PersonDetailView,
    responses=answers(403, 404),
    operation_id="end_absence",
)
async def end_absence(
    person_id: PersonId, body: UntilBody, actor: Caller, site: Site, once: OnceKey
) -> Response:
    """Somebody is back; what was ahead is off as well."""
    return await once.answer(
        PersonDetailView, lambda: organising.end_absences(site, person_id, actor, body.at)
    )


@router.post(
    "/people/{person_id}/contact",
    summary="Announce a change of contact",
    response_model=PersonDetailView,
    responses=answers(403, 404),
    operation_id="announce_contact",
)
async def announce_contact(
    person_id: PersonId, body: ContactBody, actor: Caller, site: Site, once: OnceKey
) -> Response:
    """Announce how somebody will be reached; the old contact holds until then (TEL-3)."""
    return await once.answer(
        PersonDetailView, lambda: organising.announce_contact(site, person_id, actor, **body.model_dump())
    )
