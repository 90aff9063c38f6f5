"""Money: what was booked is taken back by a new entry, and a payment is made once or not at all."""

from __future__ import annotations

from domain import commands as c
from domain.booking import month_of, next_id
from domain.commands import Actor
from domain.draft import Draft
from domain.errors import Refused
from domain.postings import PaidOut, PayoutFailed, PayoutHeld, PayoutRetried, PayState, Posted, Posting
from domain.rules import Rule, Rules, Situation, must_say


def _the_posting(situation: Situation) -> Posting:
    posting = situation.complaint.posting(situation.target)
    if posting is None:
        known = ", ".join(p.id for p in situation.complaint.postings) or "none"
        raise Refused("no_such_posting", f"there is no posting {situation.target!r}; there is {known}")
    return posting


def _may_reverse(situation: Situation) -> None:
    """Closed complaints too: a mistake in the books is often found late."""
    posting = _the_posting(situation)
    if posting.reverses:
        raise Refused("is_reversal", f"{posting.id} takes {posting.reverses} back and stays")
    if posting.reversed_by:
        raise Refused("already_reversed", f"{posting.id} was taken back by {posting.reversed_by}")
    if posting.state is PayState.DUE:
        raise Refused("being_paid", f"{posting.id} is being paid; wait until it is paid or has failed")
    if posting.state is PayState.HELD:
        message = f"{posting.id} is paid as soon as the suspension of {posting.target} ends; reverse it then"
        raise Refused("being_paid", message)


def _reverse(draft: Draft, command: c.ReversePosting, _: Actor) -> None:
    """The books are only added to: a reversal is the same amount the other way round."""
    must_say(command.reason, "reason", "a reason")
    posting = _found(draft, command.posting)
    draft.emit(
        Posted(
            id=next_id(draft.complaint, posting.entry),
            entry=posting.entry,
            amount=posting.amount,
            currency=posting.currency,
            source=posting.target,
            target=posting.source,
            month=month_of(draft.procedure, draft.now),
            order=posting.order,
            reverses=posting.id,
            note=command.reason,
        )
    )


def _failed(situation: Situation) -> None:
    posting = _the_posting(situation)
    if posting.reversed_by:
        raise Refused("already_reversed", f"{posting.id} was taken back by {posting.reversed_by}")
    if posting.state is not PayState.FAILED:
        raise Refused("payout_not_failed", f"{posting.id} is {posting.state.value}; only a failed one is")


def _retry(draft: Draft, command: c.RetryPayout, _: Actor) -> None:
    draft.emit(PayoutRetried(posting=command.posting, entry=_found(draft, command.posting).entry))


def _confirm(draft: Draft, command: c.ConfirmPayout, _: Actor) -> None:
    must_say(command.receipt, "receipt", "what proves the payment")
    entry = _found(draft, command.posting).entry
    draft.emit(PaidOut(posting=command.posting, entry=entry, receipt=command.receipt))


def _is_due(situation: Situation) -> None:
    posting = _the_posting(situation)
    if posting.state not in (PayState.DUE, PayState.HELD):
        raise Refused("payout_known", f"{posting.id} is {posting.state.value} already")


def _record(draft: Draft, command: c.RecordPayout, _: Actor) -> None:
    """TEL-18: what goes to a partner whose settlement is suspended is held, and paid when that ends."""
    posting = _found(draft, command.posting)
    entry = posting.entry
    if command.held:
        if posting.state is PayState.DUE:
            draft.emit(PayoutHeld(posting=command.posting, entry=entry))
    elif command.problem:
        draft.emit(PayoutFailed(posting=command.posting, entry=entry, reason=command.problem))
    else:
        draft.emit(PaidOut(posting=command.posting, entry=entry, receipt=command.receipt))


def _found(draft: Draft, posting_id: str) -> Posting:
    posting = draft.complaint.posting(posting_id)
    if posting is None:
        raise AssertionError("the guard has found the posting")
    return posting


RULES: Rules = {
    c.ReversePosting: Rule(_may_reverse, _reverse, "posting"),
    c.RetryPayout: Rule(_failed, _retry, "posting"),
    c.ConfirmPayout: Rule(_failed, _confirm, "posting"),
    c.RecordPayout: Rule(_is_due, _record, "posting"),
}
