"""Files of a complaint: what may come in, judged by its content, and who may have it."""

from __future__ import annotations

import io
import struct
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.commands import Actor, Asked
from domain.errors import Refused
from domain.evidence import KINDS, could_be_files, fits, ids_in, usual_kind
from domain.roles import CUSTOMER, STAFF_ROLES, SYSTEM
from services.connect import Connections
from services.masking import FILES
from services.reading import must_see
from storage.queries import attachments as attachment_queries
from storage.queries.attachments import Attachment, Content
from storage.stores import attachments as attachment_store

LARGEST = 10 * 1024 * 1024
LONGEST_NAME = 200

_SIGNATURES: Sequence[tuple[bytes, int, str]] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"%PDF-", 0, "application/pdf"),
    (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"\xff\xfa", 0, "audio/mpeg"),
    (b"\xff\xf3", 0, "audio/mpeg"),
    (b"\xff\xf2", 0, "audio/mpeg"),
    (b"OggS", 0, "audio/ogg"),
    (b"ftyphei", 4, "image/heic"),
    (b"ftyphev", 4, "image/heic"),
    (b"ftypmif1", 4, "image/heic"),
    (b"ftypmsf1", 4, "image/heic"),
    (b"ftypavi", 4, "image/avif"),
    (b"ftypM4A ", 4, "audio/mp4"),
    (b"ftypqt  ", 4, "video/quicktime"),
    (b"ftyp3g", 4, "video/3gpp"),
    (b"ftyp", 4, "video/mp4"),
    (b"#!AMR", 0, "audio/amr"),
    (b"\x1aE\xdf\xa3", 0, "video/webm"),
)
"""Beginnings by which a file is known: bytes, where they stand, and what it is then; the first that fits.

Why they stand here: docs/architecture.md, "What a file is".
"""

_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
"""What a container of that family holds, by the word behind its length."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_PARTS = {
    "word/": f"{_OFFICE}wordprocessingml.document",
    "xl/": f"{_OFFICE}spreadsheetml.sheet",
    "ppt/": f"{_OFFICE}presentationml.presentation",
}
"""Folders by which a ZIP file is known as an office document."""


def media_type(content: bytes) -> str | None:
    """What a file is by its content; None when it is nothing that is taken."""
    for mark, place, kind in _SIGNATURES:
        if content[place : place + len(mark)] == mark:
            return kind
    if content.startswith(b"RIFF") and content[8:12] in _RIFF:
        return _RIFF[content[8:12]]
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if b"\x00" in content:
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "text/plain"


def _office(content: bytes) -> str | None:
    """Which office document a ZIP file is, by the names in its table of contents; nothing is unpacked."""
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for part, kind in _PARTS.items() if any(n.startswith(part) for n in names)), None)


async def of_complaint(connections: Connections, ref: str, actor: Actor) -> Sequence[Attachment]:
    """The files of a complaint the actor may see, oldest first."""
    await must_see(connections, ref, actor)
    return await attachment_queries.of_complaint(connections.database, ref)


async def add(
    connections: Connections, ref: str, actor: Actor, *, name: str, content: bytes, evidence: str = ""
) -> Attachment:
    """Keep a file. Raises Refused: not_found, invalid (empty), too_large, media_type, evidence."""
    await must_see(connections, ref, actor)
    if not {*STAFF_ROLES, SYSTEM}.intersection(actor.roles):
        raise Refused("not_your_role", "files are added by staff")
    return await keep(connections, ref, actor.id, name=name, content=content, evidence=evidence)


async def keep(
    connections: Connections, ref: str, by: str, *, name: str, content: bytes, evidence: str = ""
) -> Attachment:
    """Keep a file of a complaint whoever brings it may see; ``evidence`` is what it is meant to prove with.

    Unless somebody says so, a picture is a photo, sound and film are recordings, all else is a document.
    """
    if not content:
        raise Refused("invalid", "the file is empty", fields={"file": "must not be empty"})
    if len(content) > LARGEST:
        raise Refused("too_large", f"a file has at most {LARGEST // 2**20} MB")
    kind = media_type(content)
    if kind is None:
        raise Refused("media_type", "only pictures, PDF, office files, text, sound and film are taken")
    if evidence and evidence not in KINDS:
        raise Refused(
            "evidence", f"evidence is one of {', '.join(KINDS)}", fields={"evidence": "unknown kind"}
        )
    if evidence and not fits(evidence, kind):
        wanted = ", ".join(KINDS[evidence])
        raise Refused(
            "evidence",
            f"this file is {kind}; a {evidence} is {wanted}",
            fields={"evidence": f"not a {evidence}"},
        )
    return await attachment_store.add(
        connections.database,
        ref,
        name=plain_name(name),
        media_type=kind,
        content=content,
        added_by=by,
        evidence=evidence or usual_kind(kind),
    )


def plain_name(name: str) -> str:
    """A file's name without folders, and without characters nobody sees, some of which turn it around."""
    shown = "".join(letter for letter in name if letter.isprintable())
    return shown.rpartition("/")[2].rpartition("\\")[2].strip(" .")[-LONGEST_NAME:] or "file"


async def content(connections: Connections, ref: str, attachment_id: uuid.UUID, actor: Actor) -> Content:
    """A file with its content. Raises Refused: not_found, not_your_role."""
    await must_see(connections, ref, actor)
    if not FILES.intersection(actor.roles):
        raise Refused("not_your_role", f"files are for the roles {', '.join(sorted(FILES - {CUSTOMER}))}")
    found = await attachment_queries.content(connections.database, ref, attachment_id)
    if found is None:
        raise Refused("not_found", f"{ref} has no such file")
    connections.reads.note(actor, "file", (ref,), masked=False)
    return found


async def with_files(connections: Connections, ref: str, command: Any, asked: Asked) -> Asked:
    """``asked`` with those attachments of the complaint which the command names, for the domain to judge.

    A command that names none costs no look-up; whatever a caller claims about files is not believed.
    """
    ids = list(getattr(command, "attachments", ()))
    for answer in getattr(command, "answers", {}).values():
        if could_be_files(answer):
            ids += ids_in(answer)
    named = [uuid.UUID(one) for one in ids if could_be_files(one)]
    found = await attachment_queries.kinds(connections.database, ref, named) if named else {}
    return replace(asked, files=found)
