"""What is personal in an event: everything somebody wrote, unless it is known to be a code."""

from dataclasses import is_dataclass, replace
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import pytest

from domain import commands as c
from domain import events as ev
from domain.evolve import refold
from domain.personal import CODES, FORMS, REDACTED, WORDS, anonymous, anonymous_actor, impersonal, text_fields
from domain.postings import Posted
from domain.retention import Retention
from procedures.loader import check, load_pack, load_procedure
from tests.drive import CUSTOMER, Case
from tests.procedures.test_checker import GOOD

COURIER = load_pack("courier")


def inside(kind: Any) -> set[type]:
    """The dataclasses a type holds, at any depth."""
    found = {kind} if is_dataclass(kind) and isinstance(kind, type) else set()
    parts = get_type_hints(kind).values() if found else get_args(kind)
    return found.union(*(inside(part) for part in parts)) if parts else found


@pytest.mark.parametrize(
    "kind", sorted(set().union(*map(inside, get_args(ev.Fact))), key=lambda k: k.__name__)
)
def test_every_text_of_every_event_is_known_as_words_or_as_a_code(kind: type) -> None:
    """A new field is taken out by default; whoever adds it says here which of the two it is."""
    unknown = set(text_fields(kind)) - WORDS - CODES - FORMS
    assert not unknown, f"add {unknown} of {kind.__name__} to WORDS or CODES in domain/personal.py"


def test_what_somebody_wrote_goes_and_what_is_counted_stays() -> None:
    refund = ev.Remedy("compensation", "to the account of Ms Wang", Decimal("80.00"), "CNY")
    fact = ev.Proposed((ev.Option("1", "Ms Wang gets 80 yuan", (refund,)),), grounds="she called twice")
    assert anonymous(COURIER, fact) == ev.Proposed(
        (ev.Option("1", REDACTED, (ev.Remedy("compensation", REDACTED, Decimal("80.00"), "CNY"),)),), REDACTED
    )
    assert anonymous(COURIER, ev.Closed("satisfied", "thanks, Ms Wang")) == ev.Closed("satisfied", REDACTED)
    assert anonymous(COURIER, ev.NoteAdded("")) == ev.NoteAdded("")
    assert anonymous(COURIER, ev.InformationAdded("my name", ("id-1",))).attachments == ("id-1",)


def test_an_account_does_not_say_which_customer() -> None:
    posted = Posted("refund#1", "refund", Decimal("5.00"), "CNY", "unit:north", "customer:17", "2026-11")
    assert (anonymous(COURIER, posted).source, anonymous(COURIER, posted).target) == (
        "unit:north",
        "customer",
    )


def test_of_forms_the_impersonal_part_stays() -> None:
    told = {"type": "loss", "responsibility": "company", "waybill": "W1", "sender": "Wang Fang", "else": "x"}
    assert impersonal(COURIER, told) == {
        **told,
        "waybill": REDACTED,
        "sender": REDACTED,
        "else": REDACTED,
    }
    fact = ev.StepFinished("handle", "answered", {"degree": "full", "place": "the door of 5 Elm Road"}, "")
    assert anonymous(COURIER, fact).answers == {"degree": "full", "place": REDACTED}


def test_who_acted_stays_unless_it_is_a_customer() -> None:
    acted = ("customer:17", "customer", "person:li", "clock")
    assert [anonymous_actor(by) for by in acted] == ["customer", "customer", "person:li", "clock"]


def test_an_anonymous_complaint_folds_to_the_same_figures() -> None:
    case = Case(COURIER, {**COURIER.defaults, "type": "delay"}, unit="depot")
    case.do(c.Dispatch("depot"))
    case.do(c.AnswerOrder("1", "Ms Wang is right", answers={"responsibility": "company", "degree": "full"}))
    case.do(c.Propose((ev.Option("1", "Sorry, Ms Wang", (ev.Remedy("apology", "by letter"),)),)))
    case.do(c.Reject("Wang wants more", "a new vase"), CUSTOMER)
    events = [replace(event, fact=anonymous(COURIER, event.fact)) for event in case.events]
    folded = refold(COURIER, events)
    same = ("status", "step", "round", "facts", "rejections", "breaches", "clocks", "outcomes", "opened_at")
    assert [getattr(folded, name) for name in same] == [getattr(case.complaint, name) for name in same]
    assert "Wang" not in repr(folded)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("{keep: 1095d, then: anonymise}", Retention(1095)),
        ("{keep: 780w, then: delete}", Retention(5460, "delete")),
    ],
)
def test_retention_is_written_in_days_or_weeks(written: str, kept: Retention) -> None:
    assert load_procedure(f"{GOOD}retention: {written}\n").retention == kept


@pytest.mark.parametrize(
    ("written", "code", "message"),
    [
        ("{keep: 36h, then: delete}", "limit", "days or weeks"),
        ("{keep: 0d, then: delete}", "limit", "days or weeks"),
        ("{keep: for ever, then: delete}", "limit", "1095d or 520w"),
        ("{keep: 30d, then: shred}", "word", "'shred' is not possible"),
        ("{keep: 30d}", "missing", "'then' is missing"),
        ("{then: delete}", "missing", "'keep' is missing"),
    ],
)
def test_a_retention_that_cannot_be_is_told_with_its_line(written: str, code: str, message: str) -> None:
    (problem,) = check(f"{GOOD}retention: {written}\n")
    assert (problem.code, problem.line) == (code, GOOD.count("\n") + 1)
    assert message in problem.message
