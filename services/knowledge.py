"""Knowledge: written from closed cases, shown wherever a matter like it comes up (TEL-15, CTR-7)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.commands import Actor
from domain.errors import Refused
from domain.procedure import Procedure
from services import reading
from services.connect import Connections
from storage.queries import knowledge as knowledge_queries
from storage.queries.knowledge import Entry
from storage.queries.pages import Page
from storage.stores import knowledge as knowledge_store

SHOWN = 20
"""Entries shown beside a complaint; who wants more searches."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as written: title and content by language; ``from_ref`` the case it was learnt from."""

    procedure: str
    title: Mapping[str, str]
    content: Mapping[str, str]
    about: Mapping[str, str] = field(default_factory=dict)
    from_ref: str = ""


async def publish(connections: Connections, draft: Draft, actor: Actor) -> Entry:
    """Publish an entry; in use at once.

    Raises Refused: no_such_procedure, form (a language or a word is missing or wrong), not_found, not_closed.
    """
    procedure, _, _ = await connections.catalogue.active(draft.procedure)
    wrong = _wrong(procedure, draft)
    if wrong:
        raise Refused("form", "some fields are missing or wrong", fields=wrong)
    learnt_from = await _learnt_from(connections, draft, actor) if draft.from_ref else ""
    entry = await knowledge_store.publish(
        connections.database,
        procedure=draft.procedure,
        about=draft.about,
        title=draft.title,
        content=draft.content,
        from_ref=learnt_from,
        by=actor.id,
        at=datetime.now(UTC),
    )
    connections.known.forget()
    return entry


def _wrong(procedure: Procedure, draft: Draft) -> dict[str, str]:
    """An entry says the same in every language of the procedure, and is about words of its vocabulary."""
    wrong: dict[str, str] = {}
    for name, texts in (("title", draft.title), ("content", draft.content)):
        for language in procedure.languages:
            if not texts.get(language, "").strip():
                wrong[f"{name}.{language}"] = "needed: the procedure has this language"
        for language in texts:
            if language not in procedure.languages:
                wrong[f"{name}.{language}"] = f"languages are {', '.join(procedure.languages)}"
    for name, word in draft.about.items():
        words = procedure.vocabulary.get(name)
        if words is None:
            wrong[f"about.{name}"] = f"facts are {', '.join(procedure.vocabulary)}"
        elif word not in words:
            wrong[f"about.{name}"] = f"one of {', '.join(words)}"
    return wrong


async def _learnt_from(connections: Connections, draft: Draft, actor: Actor) -> str:
    """The closed case an entry was learnt from; not one about a person, who reads entries too (MFG-7).

    Raises Refused: not_found, form (a case of another procedure), not_closed.
    """
    case = await reading.case(connections, draft.from_ref, actor)
    if case.procedure.name != draft.procedure:
        raise Refused(
            "form",
            f"{draft.from_ref} is a case of {case.procedure.name}",
            fields={"from_ref": f"a case of {draft.procedure}"},
        )
    if case.complaint.open:
        raise Refused(
            "not_closed", f"{draft.from_ref} is still open: what it teaches is known when it is closed"
        )
    return "" if case.complaint.complained_of else draft.from_ref


async def retire(connections: Connections, entry_id: uuid.UUID, why: str, actor: Actor) -> Entry:
    """Take an entry out of use; it stays to be read. Raises Refused: missing, not_found, already_retired."""
    if not why.strip():
        raise Refused("missing", "a reason is needed", fields={"reason": "a reason is needed"})
    now = datetime.now(UTC)
    changed = await knowledge_store.retire(connections.database, entry_id, by=actor.id, why=why, at=now)
    entry = await knowledge_queries.one(connections.database, entry_id)
    if entry is None:
        raise Refused("not_found", "there is no such entry")
    if not changed:
        raise Refused("already_retired", "this entry is out of use already")
    connections.known.forget()
    return entry


async def beside(connections: Connections, procedure: str, facts: Mapping[str, str]) -> Sequence[Entry]:
    """What is known about complaints with these facts: the more closely it fits, the earlier it stands."""
    fitting = [entry for entry in await connections.known.get(procedure) if entry.fits(facts)]
    return sorted(fitting, key=lambda entry: -len(entry.about))[:SHOWN]


async def search(
    connections: Connections,
    *,
    procedure: str = "",
    about: Sequence[str] = (),
    q: str = "",
    retired: bool = False,
    after: str = "",
    limit: int = 50,
) -> Page[Entry]:
    """Entries that fit all that is asked; ``about`` are words such as ``type:damage``. Raises Refused."""
    pairs = dict(one.partition(":")[::2] for one in about)
    if not all(pairs.values()):
        raise Refused("invalid", "say what it is about", fields={"about": "fact:word, such as type:damage"})
    try:
        return await knowledge_queries.found(
            connections.database,
            procedure=procedure,
            about=pairs,
            q=q,
            retired=retired,
            after=after,
            limit=limit,
        )
    except ValueError as error:
        raise Refused("invalid", "this is not where a page ended", fields={"after": str(error)}) from error
