"""Consequences and history: every mistake is told with its line, in words that say what would be right."""

from __future__ import annotations

import pytest

from procedures.description import describe
from procedures.loader import check, load_procedure
from tests.domain.test_consequences import GUILD

MISTAKES = {
    '    on: "outcome:sort:valid"\n  talk': ('    on: "outcome:sort:vaild"\n  talk', "trigger", "valid"),
    "about: order_unit": ("about: orderunit", "unit", "order_unit"),
    "history.alike: {from: 2}": ("history.alikes: {from: 2}", "condition", "history.alike"),
    "criticism: {on:": ("critisism: {on:", "consequence", "criticism"),
    "measures: suspend": ("measures: suspended", "word", "suspend"),
    "same: [unit, matter]": ("same: [unit, mater]", "condition", "matter"),
    "with: {verdict: valid}": ("with: {verdict: good}", "condition", "valid"),
    "consequence: talk,": ("consequence: talks,", "consequence", "talk"),
    "ended: [improved]": ("ended: [better]", "reason", "improved"),
    'press: {on: "flag:press",': ('press: {when: {major: true},', "missing", "'on' is missing"),
    "  - {on: \"raised:talk\", to:": ("  - {on: \"raised:tlk\", to:", "trigger", "talk"),
    "        kind: task\n        title: {en: The talk}": (
        "        kind: decide\n        title: {en: The talk}", "no_customer", "a consequence has none",
    ),
    "    by: supervisor\n    ways": ("    by: superviser\n    ways", "role", "supervisor"),
    "    title: {en: Criticism}": ("    titel: {en: Criticism}", "unknown_key", "title"),
}  # fmt: skip


def test_the_example_is_sound() -> None:
    assert check(GUILD) == []


@pytest.mark.parametrize("right", MISTAKES)
def test_mistakes_are_told_by_line(right: str) -> None:
    wrong, code, hint = MISTAKES[right]
    assert GUILD.count(right) == 1
    text = GUILD.replace(right, wrong)
    found = [problem for problem in check(text) if problem.code == code]
    assert found, check(text)
    assert hint in found[0].message
    at = text.index(wrong)
    first = 1 + text.count("\n", 0, at)
    assert first - 1 <= found[0].line <= first + wrong.count("\n") + 2, found[0]


def test_a_case_cannot_tell_a_customer() -> None:
    notice = "- {on: opened, to: customer, text: talk}"
    title = "  criticism:\n    title: {en: Criticism}\n"
    text = GUILD.replace(title, f"{title}    notices:\n      {notice}\n")
    (problem,) = check(text)
    assert problem.code == "no_customer"
    assert text.splitlines()[problem.line - 1].strip() == notice


@pytest.mark.rule("BNK-3")
def test_only_a_unit_asked_for_at_intake_is_what_a_complaint_is_about() -> None:
    form = (
        "form:\n  branch: {type: unit, title: {en: Branch}, subject: true, required: true}\nsteps:\n  handle:"
    )
    assert check(GUILD.replace("steps:\n  handle:", form)) == []
    for wrong, right in ((form.replace("type: unit", "type: text"), "type unit"), (None, "at intake")):
        late = "form: {branch: {type: unit, title: {en: Branch}, subject: true}}, to: subject}"
        text = GUILD.replace("steps:\n  handle:", wrong) if wrong else GUILD.replace("to: subject}", late)
        (problem,) = check(text)
        assert right in problem.message


def test_consequences_are_told_in_words() -> None:
    said = describe(load_procedure(GUILD))
    talk = said["consequences"]["talk"]
    assert talk["raised"].startswith("on breached or outcome:sort:valid when purpose is handle or ")
    assert "press: on flag:press" in talk["raised"]
    assert (talk["about"], talk["raised by"]) == ("order_unit", "supervisor")
    assert "measures: suspend" in talk["steps: confirm"]
    assert said["history"]["talks"] == {
        "counts": "cases of talk",
        "with the same": "unit",
        "ended": "improved",
        "within": "365 days",
    }
