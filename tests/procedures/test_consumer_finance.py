"""The consumer-finance pack through the pure domain: its three limits and every way a complaint can go."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from domain import commands as c
from domain.clocks import why
from domain.events import Option, Remedy
from procedures.loader import load_pack
from tests.drive import CUSTOMER, SUPERVISOR, Case

PACK = load_pack("consumer-finance")
OPENED = datetime(2026, 3, 2, 15, tzinfo=UTC)  # Monday 10:00 in New York
MIDNIGHT = {"first": datetime(2026, 3, 18, 4, tzinfo=UTC), "final": datetime(2026, 5, 2, 4, tzinfo=UTC)}


def opened(**opening):
    return Case(PACK, PACK.defaults, at=OPENED, **opening)


def responded(case, *remedies):
    if not case.complaint.open_orders():
        case.do(c.Dispatch(unit="cards"))
    case.do(c.AnswerOrder(order=case.order, result="The fee was charged twice."))
    case.do(c.Propose(options=(Option("1", "We explain.", remedies or (Remedy("explanation"),)),)))
    return case


def test_the_shortest_way_takes_four_commands():
    case = responded(opened())
    case.do(c.Accept())
    assert case.complaint.closing_reason == "satisfied"
    assert [m.template for m in case.told] == ["opened", "dispatched", "proposal", "closed"]


def test_an_order_goes_out_by_itself_when_intake_named_the_company():
    case = opened(unit="cards", unit_kind="company")
    assert [(o.unit, o.unit_kind) for o in case.complaint.orders] == [("cards", "company")]


def test_fifteen_and_sixty_calendar_days_by_the_clock_of_new_york():
    case = opened()
    assert case.clock("first_response").due_at == MIDNIGHT["first"]  # summer time has begun in between
    assert case.clock("final_response").due_at == MIDNIGHT["final"]


def test_work_in_progress_is_a_first_response_and_not_the_final_one():
    case = opened()
    case.do(c.InformCustomer(text="We are investigating."))
    assert case.clock("first_response").met
    assert case.has_clock("final_response")
    responded(case)
    assert case.clock("final_response").met


def test_both_ladders_climb_when_nobody_answers():
    case = opened()
    case.do(c.Dispatch(unit="cards"))
    case.pass_time("70d")
    assert [f.clock for f in case.facts("clock_breached")] == ["first_response#1", "final_response#1"]
    climbed = [(f.clock, f.to) for e in case.events if hasattr(f := e.fact, "to")]
    assert [to for clock, to in climbed if clock == "first_response#1"] == [
        ("owner", "handler"),
        ("unit_head",),
        ("supervisor",),
    ]
    assert [to for clock, to in climbed if clock == "final_response#1"] == [
        ("handler",),
        ("owner", "unit_head"),
        ("superior_head", "supervisor"),
        ("administrator",),
    ]


def test_the_rungs_ring_in_the_days_they_name():
    case = opened()
    case.do(c.Dispatch(unit="cards"))
    case.pass_time("75d")
    days = {
        rule: [(at - OPENED).days for at, _ in case.ladder(rule)]
        for rule in ("first_response", "final_response")
    }
    assert days == {"first_response": [10, 13, 15], "final_response": [30, 48, 60, 67]}


def test_more_time_counts_on_from_the_end_of_the_last_day():
    case = opened()
    case.do(c.AskExtension("first_response#1", "15d", "The files are in an archive."))
    case.do(c.GrantExtension("first_response#1"))
    clock = case.clock("first_response")
    assert clock.due_at == datetime(2026, 4, 2, 4, tzinfo=UTC)  # 30 days in all
    spans = why(clock, PACK.clock("first_response"), PACK.calendar)
    assert (spans[0].start_at, spans[-1].end_at) == (OPENED, clock.due_at)
    assert all(a.end_at == b.start_at for a, b in pairwise(spans))


def test_a_declined_order_is_dispatched_again_within_a_working_day():
    case = opened()
    case.do(c.Dispatch(unit="cards"))
    case.do(c.DeclineOrder("1", "A loan."))
    assert case.clock("redispatch").due_at == datetime(2026, 3, 3, 22, tzinfo=UTC)  # Tuesday 17:00
    case.pass_time("2wd")
    assert [to for _, to in case.ladder("redispatch")] == [("supervisor",)]


@pytest.mark.parametrize(("amount", "major"), [("49999.99", False), ("50000", True)])
def test_a_large_amount_in_dispute_is_major(amount, major):
    assert Case(PACK, {**PACK.defaults, "amount_disputed": amount}).complaint.major is major


def test_sixty_days_of_silence_close_as_explained_and_are_no_breach():
    case = responded(opened())
    case.pass_time("59d")
    assert case.complaint.step == "decide"
    case.pass_time("2d")
    assert case.complaint.closing_reason == "explained"
    assert case.complaint.breaches == 0
    assert len(case.facts("clock_expired")) == 1


def test_refused_twice_starts_new_rounds_with_fresh_limits():
    case = responded(opened(), Remedy("explanation"))
    for round_ in (2, 3):
        case.pass_time("5d")
        case.do(c.Reject(reason="The fee is still there."))
        assert case.complaint.round == round_
        assert not case.has_clock("feedback")
        assert case.clock("first_response").started_at == case.now
        assert [o.unit for o in case.complaint.open_orders()] == ["cards"]
        responded(case)
    assert case.complaint.major
    case.do(c.Accept())
    assert case.complaint.closing_reason == "satisfied"


@pytest.mark.rule("CON-2")
def test_money_is_approved_first_and_given_whatever_the_customer_says_then():
    case = responded(opened(), Remedy("monetary_relief", "", Decimal("35.00"), "USD"))
    assert case.complaint.step == "approve"
    case.do(c.RefuseApproval("Not our fee."))
    assert case.complaint.step == "propose"
    case.do(
        c.Propose(options=(Option("1", "Credit.", (Remedy("monetary_relief", "", Decimal("35"), "USD"),)),))
    )
    case.do(c.Approve())
    assert case.complaint.step == "fulfil"
    case.do(c.Fulfil(note="Credited."))
    case.pass_time("61d")
    assert case.complaint.closing_reason == "explained"


def test_the_legal_limits_do_not_pause():
    case = opened()
    case.do(c.Hold(reason="Documents are on their way."))
    assert case.clock("first_response").due_at == MIDNIGHT["first"]


def test_withdrawn_and_duplicate():
    case = opened()
    case.do(c.Withdraw(reason="Solved."), CUSTOMER)
    assert case.complaint.closing_reason == "withdrawn"
    case = opened()
    case.do(c.Close("duplicate", "See CFP-2026-000001"), SUPERVISOR)
    assert case.complaint.closing_reason == "duplicate"


def test_a_complaint_received_earlier_counts_from_then():
    case = opened(received_at=datetime(2026, 2, 27, 15, tzinfo=UTC))
    assert case.clock("first_response").due_at == datetime(2026, 3, 15, 4, tzinfo=UTC)
