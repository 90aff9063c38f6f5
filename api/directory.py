"""Units, people, tokens, and who the caller is."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response
from pydantic import Field

from api.auth import Caller, Site, one_of
from api.once import OnceKey
from api.problems import answers
from api.schemas.directory import MeView, NewTokenView, PersonView, TokenView, UnitView
from api.texts import Instant, Strict, Word
from domain.roles import ADMINISTRATOR
from services import access, directory

router = APIRouter(prefix="/api/v1", tags=["directory"])
administrators = [Depends(one_of(ADMINISTRATOR))]


class TokenBody(Strict):
    """A token to be made, for a person or for a system."""

    person: Word = Field(default="", examples=["demo-agent"])
    system: Word = Field(default="", description="Name of a system, if it is for one.", examples=[""])
    roles: list[Word] = Field(min_length=1, max_length=10, examples=[["agent"]])
    units: list[Word] = Field(default=[], max_length=100, examples=[[]])
    note: Word = Field(default="", examples=["the desk's second screen"])
    expires_at: Instant | None = Field(default=None, examples=["2099-01-01T00:00:00Z"])


@router.get("/me", summary="Who am I", responses=answers(), operation_id="me")
async def me(actor: Caller) -> MeView:
    """Who the caller is, with roles and units."""
    return MeView(id=actor.id, roles=list(actor.roles), units=list(actor.units))


@router.get("/units", summary="List units", responses=answers(), operation_id="list_units")
async def list_units(actor: Caller, site: Site) -> list[UnitView]:
    """All units, also dissolved ones."""
    return [UnitView.model_validate(unit) for unit in await directory.units(site)]


@router.get(
    "/people",
    summary="List people",
    responses=answers(403, 404),
    operation_id="list_people",
    dependencies=administrators,
)
async def list_people(
    actor: Caller,
    site: Site,
    unit: Annotated[Word, Query(description="Only those with a post in this unit.")] = "",
    role: Annotated[Word, Query(description="Only those with this role, office or post.")] = "",
    q: Annotated[Word, Query(description="Words in id, name, e-mail or phone.")] = "",
) -> list[PersonView]:
    """Everybody who works with complaints, with their posts."""
    found = await directory.people(site, unit=unit, role=role, q=q)
    return [PersonView.model_validate(person) for person in found]


@router.get(
    "/tokens",
    summary="List tokens",
    responses=answers(403),
    operation_id="list_tokens",
    dependencies=administrators,
)
async def list_tokens(actor: Caller, site: Site) -> list[TokenView]:
    """All tokens that were given, without the tokens themselves."""
    return [TokenView.model_validate(token) for token in await access.tokens(site)]


@router.post(
    "/tokens",
    summary="Make a token",
    status_code=201,
    response_model=NewTokenView,
    responses=answers(403),
    operation_id="make_token",
    dependencies=administrators,
)
async def make_token(body: TokenBody, actor: Caller, site: Site, once: OnceKey) -> Response:
    """Make a bearer token. It is shown this once and kept nowhere: a repeated request is told its id only."""
    return await once.answer(
        NewTokenView,
        lambda: access.give_token(
            site,
            roles=body.roles,
            units=body.units,
            person=body.person.removeprefix("person:"),
            system=body.system,
            note=body.note,
            expires_at=body.expires_at,
            request_id=once.request_id,
        ),
        status=201,
        told_once=("token",),
    )


@router.post(
    "/tokens/{token_id}/revoke",
    summary="Revoke a token",
    status_code=204,
    response_class=Response,
    responses=answers(403, 404),
    operation_id="revoke_token",
    dependencies=administrators,
)
async def revoke_token(
    token_id: Annotated[uuid.UUID, Path()], actor: Caller, site: Site, once: OnceKey
) -> Response:
    """End a token at once; ending it twice changes nothing."""
    return await once.done(lambda: access.revoke_token(site, token_id))
