"""TEL-21: orders a route would give by itself to a unit that another case has suspended meanwhile."""

from domain import commands as c
from domain.commands import Asked
from domain.complaint import Complaint
from domain.decide import drafted
from domain.events import Option, Place
from procedures.loader import load_pack, load_procedure
from tests.domain.test_consequences import GUILD, PROCEDURE
from tests.drive import AGENT, Case, handler_of

TWO = GUILD.replace(
    "to: subject}\n  sort", "orders: {handle: {to: subject}, audit: {to: 'unit:audit'}}}\n  sort"
).replace("purposes: {handle", "purposes: {audit: {title: {en: Audit}}, handle")


def opened(procedure=PROCEDURE, **standing: str) -> Case:
    """A complaint about north, whose first step gives it an order, while these units stand otherwise."""
    return Case(procedure, {"matter": "fees", "verdict": "open"}, unit="north", standing=standing)


def test_a_suspended_unit_gets_no_order_by_itself_and_somebody_is_alerted():
    case = opened(north="suspended")
    (fact,) = case.facts("order_withheld")
    assert (fact.unit, fact.purpose, fact.standing) == ("north", "handle", "suspended")
    assert (case.complaint.orders, case.complaint.step) == ((), "handle")
    (alert,) = case.messages("empty_post")
    assert alert.to == ("dispatcher", "duty")
    case.standing = {}
    case.do(c.Dispatch("south"))
    case.do(c.AnswerOrder(case.order, "looked into it"))
    assert case.complaint.step == "sort"


def test_what_is_known_now_counts_more_than_what_stood_at_intake():
    """Lifted by another case since: by rule and by hand it gets orders again."""
    case = Case(PROCEDURE, {"matter": "fees", "verdict": "open"}, unit="north", unit_standing="suspended")
    assert case.facts("order_withheld") and not case.complaint.orders
    case.standing = {"north": ""}
    case.do(c.Dispatch("north"))
    assert [order.unit for order in case.complaint.orders] == ["north"]
    by_place = Case(PROCEDURE, {"matter": "fees", "verdict": "open"}, unit="north", unit_standing="suspended")
    asked = Asked(AGENT, places={"north": Place()})
    assert drafted(PROCEDURE, by_place.complaint, c.Dispatch("north"), asked, by_place.now).events


def test_a_step_waits_for_the_order_that_was_withheld_beside_one_that_was_given():
    case = opened(load_procedure(TWO), north="suspended")
    assert [order.purpose for order in case.complaint.orders] == ["audit"]
    case.do(c.AnswerOrder(case.order, "in order"), handler_of("audit"))
    assert case.complaint.step == "handle"
    case.standing = {}
    case.do(c.Dispatch("south", "handle"))
    case.do(c.AnswerOrder(case.order, "looked into it"))
    assert case.complaint.step == "sort"


def test_the_units_to_ask_about_are_those_the_route_gives_an_order_to():
    case = opened()
    draft = drafted(case.procedure, case.complaint, c.AddNote("x"), Asked(AGENT), case.now)
    assert draft.unasked == set()
    opening = c.Open("GLD-2", {"matter": "fees"}, "", "person:x", "web", "en", unit="north")
    fresh = drafted(PROCEDURE, Complaint(), opening, Asked(AGENT), case.now)
    assert fresh.unasked == {"north"}
    told = drafted(PROCEDURE, Complaint(), opening, Asked(AGENT), case.now, {"north": ""})
    assert told.unasked == set()


def test_only_procedures_that_suspend_units_ask_about_them():
    measured = {name: load_pack(name).measured for name in ("telecom-si", "banking-association", "courier")}
    assert measured == {"telecom-si": True, "banking-association": False, "courier": False}
    assert PROCEDURE.measured and all(one.measured for one in PROCEDURE.nested.values())


def test_the_telecom_operator_dispatches_again_within_the_time_for_a_declined_order():
    case = Case(load_pack("telecom-si"), {"kind": "complaint"}, unit="si-east")
    case.do(c.Dispatch("si-east"))
    case.do(c.AnswerOrder(case.order, "done"), handler_of("si-east"))
    case.do(c.Propose((Option("1", "Sorry"),)))
    case.standing = {"si-east": "suspended"}
    case.do(c.Reject("no"))
    assert (case.complaint.step, len(case.complaint.orders)) == ("handle", 1)
    assert case.has_clock("redispatch")
    assert case.messages("order_withheld", "duty") and not case.messages("empty_post")
    case.do(c.Dispatch("si-west"))
    assert not case.has_clock("redispatch")
