"""CON-4: what a proposal must rest on, when the customer refuses it, and when a complaint comes back."""

import uuid

import pytest

from domain import commands as c
from domain.commands import Actor
from domain.events import Option
from procedures.loader import load_pack
from tests.domain.test_route import small
from tests.drive import CUSTOMER, SUPERVISOR, Case

OFFER = c.Propose((Option("1", "Sorry"),))
OFFICES = ("vice_president", "quality_manager", "management_representative", "general_manager")
BOSS = Actor("person:boss", ("supervisor", "approver", *OFFICES), ("east",))
RECORD, PHOTO = (str(uuid.UUID(int=number)) for number in (1, 2))
SEEN = {"record": RECORD, "photos": PHOTO, "agreed_with": "Mr Cao", "in_warranty": "true", "freight": "10"}


def straight_to_a_proposal() -> Case:
    """A procedure whose later rounds pass the unit when it has answered once."""
    once = "    when: {outcome.handle: {not: answered}}\n    to: unit:north\n"
    return looked(("    to: [unit:north, same]\n", once))


def looked(change: tuple[str, str]) -> Case:
    """A complaint somebody has had a look at, so that a unit has it now."""
    case = Case(small(change, ("    when: {kind: letter}\n", "")))
    case.do(c.FinishTask("fine"))
    return case


def answered(case: Case) -> Case:
    case.do(c.TakeOrder(case.order))
    case.do(c.AnswerOrder(case.order, "found it"))
    assert case.complaint.step == "propose"
    return case


def test_a_refused_proposal_leaves_the_finding_standing():
    """The customer argues about the remedy, not about what happened: CTR-6, MFG-18."""
    case = answered(straight_to_a_proposal())
    case.do(OFFER)
    case.do(c.Reject("not enough"))
    assert (case.complaint.step, case.complaint.round) == ("propose", 2)
    case.do(OFFER)


def test_what_comes_back_after_its_end_is_verified_again():
    """Something has happened that nobody has looked into; that a unit answered then is no finding now."""
    case = answered(straight_to_a_proposal())
    case.do(OFFER)
    case.do(c.Withdraw("never mind"), CUSTOMER)
    case.do(c.Reopen("It broke again"))
    assert (case.complaint.step, case.complaint.round) == ("handle", 2)
    assert case.refused(OFFER).code == "not_verified"
    answered(case).do(OFFER)


def test_a_dissatisfied_customer_s_complaint_is_verified_again():
    """TEL-14, CRR-9."""
    case = answered(straight_to_a_proposal())
    case.do(OFFER)
    case.do(c.Accept())
    case.do(c.RecordCallback("dissatisfied", comment="It broke again"))
    assert case.complaint.step == "handle"
    answered(case).do(OFFER)


def skipped() -> Case:
    """A complaint that came back, whose route passes every step that verifies: nobody is asked again."""
    once = ("    to: [unit:north, same]\n", "    when: {round: {below: 2}}\n    to: unit:north\n")
    case = answered(looked(once))
    case.do(c.Withdraw("never mind"), CUSTOMER)
    case.do(c.Reopen("It broke again"))
    assert case.complaint.step == "propose"
    return case


def test_where_the_route_passes_the_verification_a_proposal_is_refused_and_an_order_helps():
    case = skipped()
    refusal = case.refused(OFFER)
    assert (refusal.code, "dispatch" in refusal.legal) == ("not_verified", True)
    case.do(c.Dispatch("north"))
    assert case.refused(OFFER).code == "not_verified"
    answered(case)
    assert case.refused(c.Dispatch("north")).code == "wrong_step"
    case.do(OFFER)


@pytest.mark.parametrize("finding", ["misuse", "quality_fault"])
def test_the_manufacturer_looks_again_at_a_machine_that_comes_back(finding):
    """MFG-10: the determination was agreed with the customer, and counts until the remedy is carried out."""
    case = Case(load_pack("manufacturer"), {"category": "quality"}, unit="east")
    case.files = {RECORD: "document", PHOTO: "photo"}
    case.do(c.FinishTask("confirmed"))
    for point in ("correct_use", "remedies"):
        case.do(c.TickGuidance(point))
    case.do(c.FinishTask("not_solved"))
    visit(case, finding)
    agreed(case)
    case.do(c.Reject("not enough"))
    assert (case.complaint.step, case.complaint.round) == ("propose", 2)
    agreed(case)
    case.do(c.Accept())
    case.do(c.Fulfil())
    case.do(c.Reopen("It broke again"), SUPERVISOR)
    assert (case.complaint.step, case.complaint.round) == ("visit", 3)
    visit(case, finding)
    assert case.complaint.step == "propose"


def visit(case: Case, finding: str) -> None:
    case.do(c.AnswerOrder(case.order, "Seen", finding, SEEN), BOSS)
    if case.complaint.step == "corrective":
        said = {"cause": "A mould", "corrective_action": "A new one", "corrective_unit": "east"}
        case.do(c.FinishTask("stated", said), BOSS)


def agreed(case: Case) -> None:
    """Proposed, approved by all four and told."""
    case.do(OFFER, BOSS)
    while case.complaint.step == "approve_quality":
        case.do(c.Approve(), BOSS)
    case.do(c.FinishTask("answered"))
