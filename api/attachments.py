"""Files that belong to a complaint."""

from __future__ import annotations

import uuid
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Path, UploadFile
from fastapi.responses import Response

from api.auth import Caller, Site
from api.complaints import Ref
from api.once import OnceKey
from api.problems import answers
from api.schemas.messages import AttachmentView
from api.texts import Word
from services import attachments

router = APIRouter(prefix="/api/v1/complaints/{ref}/attachments", tags=["attachments"])


@router.get("", summary="List files", responses=answers(404), operation_id="list_attachments")
async def list_attachments(ref: Ref, actor: Caller, site: Site) -> list[AttachmentView]:
    """The files of a complaint, without their content."""
    return [AttachmentView.model_validate(row) for row in await attachments.of_complaint(site, ref, actor)]


@router.post(
    "",
    summary="Add a file",
    status_code=201,
    response_model=AttachmentView,
    responses=answers(404, 413, 415),
    operation_id="add_attachment",
)
async def add_attachment(  # noqa: PLR0917 - the parts of the form beside the usual
    ref: Ref,
    file: Annotated[UploadFile, File(description="At most 10 MB: picture, PDF, office, text, sound, film.")],
    actor: Caller,
    site: Site,
    once: OnceKey,
    evidence: Annotated[
        Word,
        Form(
            description="What it proves: photo, recording, batch_record or document; by content if left out."
        ),
    ] = "",
) -> Response:
    """Add a file; the `id` of the answer is what `attachments` and answers of a form name it by.

    What it is gets decided by its content, not by its name. For example:
    `curl -H "Authorization: Bearer $TOKEN" -F file=@damage.jpg -F evidence=photo …/attachments`
    """
    content = await file.read(attachments.LARGEST + 1)
    once.add(file.filename or "", content, evidence)

    name = file.filename or "file"
    return await once.answer(
        AttachmentView,
        lambda: attachments.add(site, ref, actor, name=name, content=content, evidence=evidence),
        status=201,
    )


@router.get(
    "/{attachment_id}",
    summary="Fetch a file",
    response_class=Response,
    responses={
        **answers(403, 404),
        200: {"content": {"*/*": {}}, "description": "The file."},
    },
    operation_id="fetch_attachment",
)
async def fetch_attachment(
    ref: Ref, attachment_id: Annotated[uuid.UUID, Path()], actor: Caller, site: Site
) -> Response:
    """The content of a file; always as a download, so that a browser runs nothing in it."""
    found = await attachments.content(site, ref, attachment_id, actor)
    return Response(
        found.content,
        media_type=found.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
