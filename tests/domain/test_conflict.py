"""Conflict of interest: whoever is complained of neither sees nor handles the complaint."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from api.verbs import EXAMPLES
from domain import commands as c
from domain.commands import COMMANDS, Actor
from domain.decide import allowed_actions
from domain.errors import Refused
from domain.fields import FieldType, FormField
from domain.procedure import Procedure
from domain.roles import STAFF_ROLES, may_see
from domain.step import Step, StepKind, Target
from tests.drive import AGENT, Case
from tests.storage.cases import small_procedure

LI = Actor("person:li", STAFF_ROLES, ("network", "sales"))
WHO = FormField("employee", FieldType.PERSON, {"en": "Employee"}, complained_of=True)


def about_li(**opening: Any) -> Case:
    return Case(small_procedure(), {"severity": "high"}, **{"complained_of": ("person:li",), **opening})


@pytest.mark.rule("MFG-7")
def test_whoever_is_complained_of_may_do_nothing_whatever_their_roles() -> None:
    case = about_li()
    assert not may_see(case.complaint, LI)
    assert may_see(case.complaint, replace(LI, id="person:other"))
    assert allowed_actions(case.procedure, case.complaint, LI) == ()
    assert case.refused(c.AddNote("I was never there"), LI).code == "not_found"
    assert case.refused(c.TakeOrder(case.order), LI).code == "not_found"


@pytest.mark.rule("MFG-7")
@pytest.mark.parametrize("verb", COMMANDS)
def test_every_command_is_refused_as_if_there_were_no_complaint(verb: str) -> None:
    command = TypeAdapter(COMMANDS[verb]).validate_python(EXAMPLES[verb])
    refusal = about_li().refused(command, LI)
    assert (refusal.code, refusal.legal) == ("not_found", ())


@pytest.mark.rule("MFG-7")
def test_nobody_tracks_a_complaint_about_themselves() -> None:
    for opening in ({"opened_by": LI}, {"owner": LI.id}):
        with pytest.raises(Refused) as refused:
            about_li(**opening)
        assert refused.value.code == "conflict_of_interest"
    assert about_li().refused(c.AssignOwner(LI.id)).code == "conflict_of_interest"


@pytest.mark.rule("MFG-7")
def test_who_is_complained_of_may_be_found_out_later() -> None:
    case = Case(_asking(), {"severity": "high"}, opened_by=LI)
    assert may_see(case.complaint, LI)
    case.do(c.FinishTask("done", {"employee": "li"}), AGENT)
    assert case.complaint.complained_of == ("person:li",)
    assert not may_see(case.complaint, LI)


def _asking() -> Procedure:
    done = {"done": Target("next")}
    first = Step("look", StepKind.TASK, {"en": "Look"}, by=("agent",), requires=(WHO,), outcomes=done)
    return small_procedure(steps=(first, *small_procedure().steps))


@pytest.mark.rule("MFG-7")
def test_whoever_is_complained_of_is_not_chosen_for_anything() -> None:
    who = FormField("responsible", FieldType.PERSON, {"en": "Responsible"})
    look = replace(_asking().steps[0], requires=(WHO, who))
    for opening, answers in (({"complained_of": (LI.id,)}, {}), ({}, {"employee": "li"})):
        case = Case(small_procedure(steps=(look, *small_procedure().steps)), {"severity": "high"}, **opening)
        refusal = case.refused(c.FinishTask("done", {"responsible": "li", **answers}), AGENT)
        assert refusal.code == "conflict_of_interest"
        assert list(refusal.fields) == ["answers.responsible"]
        case.do(c.FinishTask("done", {"responsible": "wu", **answers}), AGENT)
