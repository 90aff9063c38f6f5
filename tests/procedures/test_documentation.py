"""The pages about procedures: generated parts are current, the example loads, nothing goes unmentioned."""

import re
from dataclasses import replace

import pytest

from domain import commands as c
from domain.complaint import STATUS_OF
from domain.fields import FieldType
from domain.roles import POSTS, STAFF_ROLES
from domain.step import OUTCOMES, StepKind
from domain.triggers import PREFIXES, SIMPLE
from procedures import diagram, loader
from procedures.deadlines import _KEYS as CLOCK_KEYS
from procedures.loader import load_pack, packs
from procedures.texts import VARIABLES
from tests.drive import Case

GUIDE = (diagram.DOCS / "writing-a-procedure.md").read_text("utf-8")


def test_no_generated_part_is_stale():
    assert diagram.stale() == [], "run `python -m procedures.diagram`"


def test_a_changed_procedure_makes_its_page_stale_and_writing_mends_it(tmp_path, monkeypatch):
    for path in diagram.generated():
        copy = tmp_path / path.relative_to(diagram.DOCS)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text("utf-8").replace("answered", "ansered"), encoding="utf-8")
    monkeypatch.setattr(diagram, "DOCS", tmp_path)
    assert len(diagram.stale()) == len(packs()) + 1
    diagram.write_docs()
    assert diagram.stale() == []


def test_a_page_without_markers_is_refused():
    with pytest.raises(ValueError, match="once each"):
        diagram.renewed("nothing here", "part")


@pytest.mark.parametrize("name", packs())
def test_the_picture_of_a_pack_shows_every_step_and_every_outcome_of_its_route(name):
    procedure = load_pack(name)
    picture = diagram.procedure_diagram(procedure)
    arrows = [line for line in picture.split("\n") if "-->" in line]
    for step in procedure.steps:
        assert any(line.strip().startswith(f"{step.name} -->") for line in arrows)
        assert any(re.search(rf"--> {step.name}( |$)", line) for line in arrows)
        for outcome in step.outcomes:
            assert any(line.strip().startswith(f"{step.name} -->") and outcome in line for line in arrows)


def test_the_life_of_a_complaint_shows_every_status_and_outcome():
    picture = diagram.life_diagram([load_pack(name) for name in packs()])
    for kind in StepKind:
        assert f"{STATUS_OF[kind].value} -->" in picture
        assert all(outcome in picture for outcome in OUTCOMES[kind])


@pytest.mark.parametrize(
    "words",
    [SIMPLE.values(), [f"`{p}:" for p in PREFIXES], OUTCOMES, FieldType, POSTS, STAFF_ROLES, CLOCK_KEYS],
)
def test_the_guide_names_every_word_of_the_language(words):
    assert [word for word in words if str(getattr(word, "value", word)) not in GUIDE] == []


def test_the_guide_names_every_key_and_every_variable():
    assert [key for key in loader._KEYS if f"`{key}" not in GUIDE and f"\n{key}:" not in GUIDE] == []
    assert [name for name in VARIABLES if f"`{name}`" not in GUIDE] == []


def test_the_worked_case_of_the_telecom_page_is_what_happens():
    pack = load_pack("telecom-si")
    case = Case(pack, {**pack.defaults, "matter": "charges"})
    case.do(c.Dispatch(unit="si"))
    case.pass_time("1d")
    local = [
        (event.at.astimezone(pack.calendar.zone).strftime("%H:%M"), event.fact.to[0])
        for event in case.events
        if getattr(event.fact, "clock", "") == "reply#1" and hasattr(event.fact, "to")
    ]
    assert local[:2] == [("18:00", "handler"), ("21:00", "unit_head")]


def test_a_title_with_marks_of_the_drawing_language_breaks_no_picture():
    pack = load_pack("courier")
    steps = (replace(pack.steps[0], title={"en": 'a "b": c; #d'}), *pack.steps[1:])
    assert "state \"a 'b'  c, d\" as handle" in diagram.procedure_diagram(replace(pack, steps=steps))
