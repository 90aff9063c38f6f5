"""Guidance: shown with the step, ticked off once, and not skipped where it is required (HOT-1, HFC-4)."""

import pytest

from domain import commands as c
from domain.events import Option
from procedures.loader import check
from tests.domain.test_route import small
from tests.drive import AGENT, CALLBACK, CUSTOMER, Case
from tests.procedures.test_checker import GOOD

POINTS = "guidance: {required: true, points: {listen: {en: Listen}, calm: {en: Stay calm}}}"


def guided(step: str, required: str = "true"):
    """The checker's good procedure with guidance in one of its steps."""
    points = POINTS.replace("true", required)
    passages = {
        "look": "    when: {kind: letter}\n    by",
        "propose": "propose: {kind: propose, title: {en: Proposal}}",
        "decide": "    kind: decide\n",
        "callback": "    kind: callback\n",
    }
    old = passages[step]
    new = {
        "look": f"    {points}\n    by",
        "propose": f"propose: {{kind: propose, title: {{en: Proposal}}, {points}}}",
    }.get(step, f"{old}    {points}\n")
    return small((old, new))


def at(case, step):
    """Bring the case to a step."""
    while case.complaint.step != step:
        match case.complaint.step:
            case "look":
                case.do(c.FinishTask("fine"))
            case "handle":
                case.do(c.AnswerOrder(case.order, "found"))
            case "propose":
                case.do(c.Propose((Option(text="a new one"),)))
            case "decide":
                case.do(c.Accept())
    return case


FINISH = {
    "look": (c.FinishTask("fine"), AGENT),
    "propose": (c.Propose((Option(text="a new one"),)), AGENT),
    "decide": (c.Accept(), AGENT),
    "callback": (c.RecordCallback("satisfied"), CALLBACK),
}


@pytest.mark.parametrize("step", FINISH)
def test_a_step_is_not_done_before_its_required_guidance_is(step):
    case = at(Case(guided(step)), step)
    command, actor = FINISH[step]
    refusal = case.refused(command, actor)
    assert (refusal.code, set(refusal.fields)) == ("guidance_open", {"listen", "calm"})
    case.do(c.TickGuidance("listen", "told it all"), actor)
    assert set(case.refused(command, actor).fields) == {"calm"}
    case.do(c.TickGuidance("calm"), actor)
    case.do(command, actor)
    assert [(fact.step, fact.point) for fact in case.facts("guidance_ticked")] == [
        (step, "listen"),
        (step, "calm"),
    ]


def test_a_point_is_ticked_once_each_time_the_step_is_entered():
    case = at(Case(guided("propose", "false")), "propose")
    assert case.refused(c.TickGuidance("smile"), AGENT).code == "no_such_point"
    case.do(c.TickGuidance("listen"))
    assert case.refused(c.TickGuidance("listen"), AGENT).code == "already_ticked"
    case.do(FINISH["propose"][0])
    assert case.refused(c.TickGuidance("listen"), AGENT).code == "no_guidance"
    case.do(c.Reject("too little"))
    at(case, "propose")
    case.do(c.TickGuidance("listen"))


def test_a_customer_who_decides_and_a_call_that_reached_nobody_need_no_guidance():
    case = at(Case(guided("decide")), "decide")
    assert "accept" not in case.verbs(AGENT)
    case.do(c.Accept(), CUSTOMER)
    case = at(Case(guided("callback")), "callback")
    case.do(c.RecordCallback("unreached"), CALLBACK)


def test_guidance_of_a_step_that_others_finish_cannot_be_required():
    found = check(GOOD.replace("    to: [unit:north, same]\n", f"    to: same\n    {POINTS}\n"))
    assert [(p.code, "others have answered" in p.message) for p in found] == [("guidance", True)]
    assert (
        check(GOOD.replace("    to: [unit:north, same]\n", f"    {POINTS.replace('true', 'false')}\n")) == []
    )
