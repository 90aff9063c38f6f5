"""Money: how postings and payments change what a complaint remembers of its ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.complaint import Complaint
from domain.errors import CorruptHistory
from domain.events import Event
from domain.folding import Change, Changes
from domain.postings import PaidOut, PayoutFailed, PayoutHeld, PayoutRetried, PayState, Posted, Posting
from domain.procedure import Procedure


def _posted(_: Procedure, complaint: Complaint, event: Event, fact: Posted) -> dict[str, Any]:
    posting = Posting(
        id=fact.id,
        entry=fact.entry,
        amount=fact.amount,
        currency=fact.currency,
        source=fact.source,
        target=fact.target,
        at=event.at,
        round=complaint.round,
        order=fact.order,
        state=PayState.DUE if fact.pay else PayState.BOOKED,
        reverses=fact.reverses,
        seq=event.seq,
    )
    known = _changed(complaint, fact.reverses, reversed_by=fact.id) if fact.reverses else complaint.postings
    return {"postings": (*known, posting)}


def _pay(state: PayState) -> Change:
    return lambda _p, complaint, _e, fact: {"postings": _changed(complaint, fact.posting, state=state)}


def _retried(_: Procedure, complaint: Complaint, __: Event, fact: PayoutRetried) -> dict[str, Any]:
    posting = complaint.posting(fact.posting)
    attempt = posting.attempt + 1 if posting else 1
    return {"postings": _changed(complaint, fact.posting, state=PayState.DUE, attempt=attempt)}


def _changed(complaint: Complaint, posting_id: str, **changes: Any) -> tuple[Posting, ...]:
    if complaint.posting(posting_id) is None:
        raise CorruptHistory(f"{complaint.ref}: there is no posting {posting_id}")
    return tuple(replace(p, **changes) if p.id == posting_id else p for p in complaint.postings)


CHANGES: Changes = {
    Posted: _posted,
    PaidOut: _pay(PayState.PAID),
    PayoutHeld: _pay(PayState.HELD),
    PayoutFailed: _pay(PayState.FAILED),
    PayoutRetried: _retried,
}
