"""Money: what is booked, how much to the cent, how often, and that a payment is made once or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest

import wire
from domain import commands as c
from domain.decide import PAYMASTER
from domain.events import Option, Remedy
from domain.money import Money
from domain.postings import PayState, Posting, payment_of
from domain.procedure import Procedure
from procedures.loader import load_procedure
from tests.drive import AGENT, SUPERVISOR, Case

BOOKS = """\
procedure: books
version: "1"
prefix: BKS
title: {en: Books}
languages: [en]
calendar: {timezone: Asia/Shanghai, hours: {mon-fri: ["09:00-17:00"]}}
vocabulary:
  finding: {title: {en: Finding}, words: {fault: {en: Fault}, misuse: {en: Misuse}}}
defaults: {finding: fault}
form:
  wrong_charge: {type: money, title: {en: Wrong charge}}
  freight: {type: money, title: {en: Freight}}
  degree: {type: number, title: {en: Degree}}
steps:
  handle: {kind: handle, title: {en: Handling}, to: [subject, same]}
  propose: {kind: propose, title: {en: Proposal}}
  decide: {kind: decide, title: {en: Decision}, outcomes: {rejected: reopen}}
  fulfil: {kind: fulfil, title: {en: Fulfilment}}
rounds: {start_at: handle}
purposes: {handle: {title: {en: Handle}}}
notices:
  - {on: payout_failed, to: supervisor, text: payout_failed}
reasons:
  satisfied: {title: {en: Settled}, satisfied: true}
  withdrawn: {title: {en: Withdrawn}}
remedies: {refund: {en: Refund}, compensation: {en: Compensation}}
money:
  currency: CNY
  accounts: {carrier: {en: Carrier}}
  entries:
    double: {title: {en: Double refund}, on: fulfilled, amount: {field: wrong_charge, times: 2}, from: organisation, to: customer, pay: true}
    deduction: {title: {en: Deducted}, on: "posted:double", amount: {entry: double}, from: order_unit, to: organisation}
    amends: {title: {en: Compensation}, on: fulfilled, amount: {remedy: [compensation, refund]}, from: organisation, to: customer, per: round}
    share: {title: {en: Share}, on: fulfilled, amount: {field: freight, percent: {field: degree}}, from: order_unit, to: carrier}
    rest: {title: {en: Rest}, on: fulfilled, amount: {rest_of: freight}, from: organisation, to: carrier}
    declined: {title: {en: Declined}, on: declined, amount: {fixed: 1}, unit: points, from: order_unit, to: organisation, per: time}
    bonus: {title: {en: Bonus}, on: flag:unfair, amount: {fixed: 5}, from: unit, to: owner}
flags: {unfair: {en: Unfair}}
texts:
  payout_failed: {en: {subject: "{{ ref }}: {{ posting.title }} {{ posting.amount }}", body: "{{ reason }}"}}
  warned: {en: {subject: a, body: b}}
  escalated: {en: {subject: a, body: b}}
  empty_post: {en: {subject: a, body: b}}
"""  # noqa: E501 one entry a line reads best


def books() -> Procedure:
    """The procedure, as it travels with a complaint: without words."""
    return wire.unpack(wire.pack_rules(load_procedure(BOOKS)))


def settled(facts: dict[str, str], *remedies: Remedy, unit: str = "si") -> Case:
    """A complaint taken to the end of its first round."""
    case = Case(books(), facts, unit=unit)
    go_through(case, *remedies)
    return case


def go_through(case: Case, *remedies: Remedy) -> None:
    case.do(c.AnswerOrder(case.order, "looked into it"))
    case.do(c.Propose((Option("", "we pay", remedies),)))
    case.do(c.Accept())
    case.do(c.Fulfil())


def lines(case: Case) -> list[tuple[str, str, str, str]]:
    return [(p.id, f"{p.amount} {p.currency}", p.source, p.target) for p in case.complaint.postings]


def test_an_amount_is_multiplied_and_booked_from_one_account_to_the_other() -> None:
    case = settled({"wrong_charge": "29.90"})
    assert lines(case) == [
        ("double#1", "59.80 CNY", "organisation", "customer:1"),
        ("deduction#1", "59.80 CNY", "unit:si", "organisation"),
    ]
    assert case.facts("posted")[0].month == "2026-03"


def test_the_month_is_that_of_the_procedures_own_zone() -> None:
    case = Case(books(), {"wrong_charge": "1"}, unit="si")
    case.pass_time(case.now.replace(month=3, day=31, hour=17))  # 1 April, 01:00 in China
    go_through(case)
    assert {fact.month for fact in case.facts("posted")} == {"2026-04"}


@pytest.mark.parametrize(
    ("freight", "degree", "share", "rest"),
    [("100", "33.335", "33.34", "66.66"), ("0.01", "50", "0.01", ""), ("10.01", "45", "4.50", "5.51")],
)
def test_shares_and_rest_add_up_to_the_whole(freight: str, degree: str, share: str, rest: str) -> None:
    case = settled({"freight": freight, "degree": degree})
    booked = {p.entry: p.amount for p in case.complaint.postings}
    assert booked.get("share") == Decimal(share)
    assert booked.get("rest") == (Decimal(rest) if rest else None)
    assert sum(booked.values()) == Decimal(freight)


def test_promised_remedies_count_together_and_nobody_promises_in_another_currency() -> None:
    case = settled(
        {}, Remedy("compensation", "", Decimal("10.10"), "CNY"), Remedy("refund", "", Decimal(5), "CNY")
    )
    assert [p.amount for p in case.complaint.postings] == [Decimal("15.10")]
    case = Case(books(), {}, unit="si")
    case.do(c.AnswerOrder(case.order, "looked into it"))
    dollars = c.Propose((Option("", "we pay", (Remedy("compensation", "", Decimal(10), "USD"),)),))
    refusal = case.refused(dollars)
    assert (refusal.code, dict(refusal.fields)) == ("currency", {"options.1.remedies": "CNY"})


def test_what_is_not_known_is_not_booked_but_seen() -> None:
    case = Case(books(), {})
    case.do(c.Flag("unfair", "because"))
    (missed,) = case.facts("not_posted")
    assert (missed.entry, missed.reason) == ("bonus", "it is not known who unit is")


def test_once_per_complaint_holds_over_rounds_and_per_round_does_not() -> None:
    case = settled({"wrong_charge": "10"}, Remedy("refund", "", Decimal(1), "CNY"))
    case.do(c.Reopen("the fault is back"))
    go_through(case, Remedy("refund", "", Decimal(2), "CNY"))
    assert [(p.id, str(p.amount)) for p in case.complaint.postings] == [
        ("double#1", "20.00"),
        ("deduction#1", "20.00"),
        ("amends#1", "1.00"),
        ("amends#2", "2.00"),
    ]


def test_every_refused_order_counts_points_against_its_own_unit() -> None:
    case = Case(books(), {}, unit="si")
    case.do(c.DeclineOrder(case.order, "not ours"))
    case.do(c.Dispatch("other", "handle"))
    case.do(c.DeclineOrder(case.order, "nor ours"))
    assert lines(case) == [
        ("declined#1", "1.00 points", "unit:si", "organisation"),
        ("declined#2", "1.00 points", "unit:other", "organisation"),
    ]


def posting(case: Case, posting_id: str) -> Posting:
    found = case.complaint.posting(posting_id)
    assert found is not None
    return found


def test_a_payment_is_recorded_once_and_only_the_paymaster_may() -> None:
    case = settled({"wrong_charge": "10"})
    assert [p.id for p in case.complaint.to_pay()] == ["double#1"]
    assert case.refused(c.RecordPayout("double#1", "r"), SUPERVISOR).code == "not_your_role"
    case.do(c.RecordPayout("double#1", receipt="r-1"), PAYMASTER)
    assert posting(case, "double#1").state is PayState.PAID
    assert case.refused(c.RecordPayout("double#1", receipt="r-2"), PAYMASTER).code == "payout_known"
    assert case.refused(c.RetryPayout("double#1"), SUPERVISOR).code == "payout_not_failed"
    assert case.complaint.to_pay() == ()


def test_a_failed_payment_is_told_and_can_be_tried_again_or_confirmed_by_hand() -> None:
    case = settled({"wrong_charge": "10"})
    case.do(c.RecordPayout("double#1", problem="no such account"), PAYMASTER)
    assert case.messages("payout_failed", "supervisor")
    assert "retry_payout" in case.verbs(SUPERVISOR)
    assert "retry_payout" not in case.verbs(AGENT)
    case.do(c.RetryPayout("double#1"), SUPERVISOR)
    assert [p.id for p in case.complaint.to_pay()] == ["double#1"]
    case.do(c.RecordPayout("double#1", problem="still none"), PAYMASTER)
    case.do(c.ConfirmPayout("double#1", "paid at the desk, slip 7"), SUPERVISOR)
    assert case.facts("paid_out")[-1].receipt == "paid at the desk, slip 7"


def test_a_payment_that_is_held_shows_and_is_made_afterwards() -> None:
    case = settled({"wrong_charge": "10"})
    case.do(c.RecordPayout("double#1", held=True), PAYMASTER)
    assert (posting(case, "double#1").state, case.kinds()[-1]) == (PayState.HELD, "payout_held")
    assert payment_of("BKS-1", posting(case, "double#1")).held
    assert [p.id for p in case.complaint.to_pay()] == ["double#1"]
    assert case.do(c.RecordPayout("double#1", held=True), PAYMASTER) == []
    assert case.refused(c.ReversePosting("double#1", "wrong"), SUPERVISOR).code == "being_paid"
    assert case.refused(c.ConfirmPayout("double#1", "by hand"), SUPERVISOR).code == "payout_not_failed"
    case.do(c.RecordPayout("double#1", receipt="r-1"), PAYMASTER)
    assert posting(case, "double#1").state is PayState.PAID


def test_a_reversal_is_a_new_entry_and_nothing_that_is_being_paid_can_be_reversed() -> None:
    case = settled({"wrong_charge": "10"})
    assert case.refused(c.ReversePosting("double#1", "wrong"), SUPERVISOR).code == "being_paid"
    case.do(c.ReversePosting("deduction#1", "the network's fault"), SUPERVISOR)
    assert lines(case)[-1] == ("deduction#2", "20.00 CNY", "organisation", "unit:si")
    assert posting(case, "deduction#1").reversed_by == "deduction#2"
    assert case.refused(c.ReversePosting("deduction#1", "again"), SUPERVISOR).code == "already_reversed"
    assert case.refused(c.ReversePosting("deduction#2", "again"), SUPERVISOR).code == "is_reversal"
    assert case.refused(c.ReversePosting("nothing#1", "x"), SUPERVISOR).code == "no_such_posting"


def test_what_was_taken_back_may_be_booked_anew_under_another_id() -> None:
    case = settled({"wrong_charge": "10"})
    case.do(c.RecordPayout("double#1", problem="no such account"), PAYMASTER)
    case.do(c.ReversePosting("double#1", "the customer wants it on the bill"), SUPERVISOR)
    assert case.refused(c.RetryPayout("double#1"), SUPERVISOR).code == "already_reversed"
    case.do(c.Reopen("another way of paying"))
    go_through(case)
    assert [p.id for p in case.complaint.to_pay()] == ["double#3"]


@pytest.mark.parametrize(
    ("rounding", "currency", "amount", "expected"),
    [
        ("half_up", "CNY", "2.345", "2.35"),
        ("half_even", "CNY", "2.345", "2.34"),
        ("down", "CNY", "2.349", "2.34"),
        ("up", "CNY", "2.341", "2.35"),
        ("half_up", "JPY", "2.5", "3"),
        ("half_up", "KWD", "2.3455", "2.346"),
    ],
)
def test_amounts_are_rounded_as_the_procedure_says(
    rounding: str, currency: str, amount: str, expected: str
) -> None:
    money = Money(currency=currency, entries=(), rounding=rounding)
    assert money.rounded(Decimal(amount), currency) == Decimal(expected)
