"""The knowledge base: publish, search, retire."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response
from pydantic import Field

from api.auth import Caller, Site, one_of
from api.complaints import After, Limit
from api.once import OnceKey
from api.present import listed
from api.problems import answers
from api.schemas.base import Page
from api.schemas.knowledge import KnowledgeView
from api.texts import Strict, Text, Word
from domain.roles import ADMINISTRATOR, AGENT, ANALYST, SUPERVISOR, UNIT_HEAD
from services import knowledge

router = APIRouter(prefix="/api/v1/knowledge", tags=["knowledge"])
writers = [Depends(one_of(AGENT, SUPERVISOR, UNIT_HEAD, ANALYST, ADMINISTRATOR))]

ByLanguage = dict[Word, Text]


class KnowledgeBody(Strict):
    """An entry to be published, in every language of the procedure."""

    procedure: Word = Field(examples=["courier"])
    about: dict[Word, Word] = Field(
        default={}, description="Facts of the complaints it is about.", examples=[{"type": "damage"}]
    )
    title: ByLanguage = Field(examples=[{"en": "A parcel was wet", "zh": "包裹受潮"}])
    content: ByLanguage = Field(
        examples=[{"en": "Ask for photos of box and goods.", "zh": "请客户提供外箱和物品照片。"}]
    )
    from_ref: Word = Field(default="", description="The closed case it was learnt from.", examples=[""])


class RetireBody(Strict):
    """Why an entry is taken out of use."""

    reason: Text = Field(examples=["the rule has changed"])


@router.get(
    "",
    summary="Search the knowledge base",
    response_model=Page[KnowledgeView],
    responses=answers(),
    operation_id="search_knowledge",
)
async def search_knowledge(  # noqa: PLR0917 - one argument for each filter
    actor: Caller,
    site: Site,
    q: Annotated[Word, Query(description="Words in any language; all must occur.", examples=["wet"])] = "",
    procedure: Annotated[Word, Query(examples=["courier"])] = "",
    about: Annotated[list[Word] | None, Query(description="Such as `type:damage`; repeatable.")] = None,
    retired: Annotated[bool, Query(description="Those no longer in use instead.")] = False,
    after: After = "",
    limit: Limit = 50,
) -> Response:
    """Entries that fit everything asked, the newest first."""
    page = await knowledge.search(
        site, procedure=procedure, about=about or (), q=q, retired=retired, after=after, limit=limit
    )
    return listed(page)


@router.post(
    "",
    summary="Publish knowledge",
    status_code=201,
    response_model=KnowledgeView,
    responses=answers(403, 404, 409),
    operation_id="publish_knowledge",
    dependencies=writers,
)
async def publish_knowledge(body: KnowledgeBody, actor: Caller, site: Site, once: OnceKey) -> Response:
    """Publish an entry; from now on it stands beside complaints it is about, at intake and later."""

    draft = knowledge.Draft(body.procedure, body.title, body.content, body.about, body.from_ref)
    return await once.answer(KnowledgeView, lambda: knowledge.publish(site, draft, actor), status=201)


@router.post(
    "/{entry}/retire",
    summary="Retire knowledge",
    response_model=KnowledgeView,
    responses=answers(403, 404, 409),
    operation_id="retire_knowledge",
    dependencies=writers,
)
async def retire_knowledge(
    entry: Annotated[uuid.UUID, Path()], body: RetireBody, actor: Caller, site: Site, once: OnceKey
) -> Response:
    """Take an entry out of use, with a reason; it stays to be read."""

    return await once.answer(KnowledgeView, lambda: knowledge.retire(site, entry, body.reason, actor))
