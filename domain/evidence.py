"""Evidence: files as answers in forms, each of the kind the field asks for (MFG-10, CTR-2, CON-3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from domain.fields import FormField

_ANY_TEXT = ("application/pdf", "text/")
_OFFICE = ("application/vnd.", "application/msword")

KINDS: Mapping[str, tuple[str, ...]] = {
    "photo": ("image/",),
    "recording": ("audio/", "video/"),
    "batch_record": (*_ANY_TEXT, *_OFFICE, "image/"),
    "document": (*_ANY_TEXT, *_OFFICE, "image/"),
}
"""Kinds of evidence, with the beginnings of the media types such a file can have."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST = 50
"""Files in one field; what has more is sent as fewer files."""

ATTACHED = "this complaint's attachments"
ADD_FIRST = "add the file to the attachments first and name the id it gets"
"""Words for whoever typed something else where files are asked for."""


def usual_kind(media_type: str) -> str:
    """What a file of a media type is unless somebody says more: photo, recording or document."""
    if media_type.startswith("image/"):
        return "photo"
    return "recording" if media_type.startswith(("audio/", "video/")) else "document"


def fits(kind: str, media_type: str) -> bool:
    """Whether a file of that media type can be evidence of a kind; False for a kind there is not."""
    return media_type.startswith(KINDS.get(kind, ()))


def ids_in(value: str) -> tuple[str, ...]:
    """The ids of attachments in an answer, as typed: separated by commas or blanks."""
    return tuple(part.lower() for part in re.split(r"[,\s]+", value) if part)


def could_be_files(value: str) -> bool:
    """Whether an answer consists of nothing but ids, so that it is worth looking them up."""
    ids = ids_in(value)
    return bool(ids) and len(ids) <= MOST and all(_ID.fullmatch(one) for one in ids)


def wrong_files(field: FormField, value: str, files: Mapping[str, str]) -> str | None:
    """What is wrong with the answer to a file field; None when nothing is.

    ``files`` are the complaint's attachments among those named, by id with their kind of evidence. No
    record without its proof (MFG-10): a file of another complaint, or of another kind, does not count.
    """
    ids = ids_in(value)
    if not could_be_files(value):
        return f"ids of {ATTACHED} with commas between, at most {MOST}; {ADD_FIRST}"
    if len(set(ids)) < len(ids):
        return "the same file is named twice"
    unknown = [one for one in ids if one not in files]
    if unknown:
        return f"this complaint has no file {', '.join(unknown)}; {ADD_FIRST}"
    wanted = " or ".join(field.evidence)
    other = [f"{one} is a {files[one]}" for one in ids if field.evidence and files[one] not in field.evidence]
    if other:
        return f"evidence of the kind {wanted} is needed; {', '.join(other)}"
    if len(ids) < field.at_least:
        return f"at least {field.at_least} files are needed"
    return None
