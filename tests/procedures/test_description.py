"""Procedures in words, and what changed between two of them."""

from dataclasses import replace

import pytest

from procedures.description import describe, diff, in_words
from procedures.loader import PACKS, load_pack, load_procedure, packs

COURIER = load_pack("courier")
SOURCE = (PACKS / "courier.yaml").read_text("utf-8")


def changed(*passages):
    """What the comparison says when passages of the courier pack are replaced."""
    text = SOURCE
    for old, new in passages:
        assert old in text
        text = text.replace(old, new, 1)
    return diff(COURIER, load_procedure(text))


@pytest.mark.parametrize("name", packs())
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_part_is_described_in_both_languages(name, language):
    pack = load_pack(name)
    said = describe(pack, language)
    assert said["steps"].keys() == {step.name for step in pack.steps}
    assert said["clocks"].keys() == {rule.name for rule in pack.clocks}
    assert said["steps"]["decide"]["title"] == pack.step("decide").title[language]
    assert all(text for rows in said.values() for row in rows.values() for text in row.values())


def test_conditions_read_like_sentences():
    assert in_words(COURIER.step("approve_jointly").when) == "complexity is complex or major"
    assert in_words(COURIER.clock("verification").limits[2][0]) == "type is loss or attitude"
    assert describe(COURIER)["general"]["procedure"]["major"] == (
        "rejections from 2 or declared_value from 20000 or flag is extortion"
    )


def test_the_same_procedure_has_no_changes():
    assert changed() == []


def test_changes_are_told_one_a_line():
    assert changed(("    limit: 2wh\n", "    limit: 3wh\n")) == [
        "clocks: hand_over: limit was '2wh', is '3wh'"
    ]
    assert changed(("attempts: 3", "attempts: 5")) == [
        "steps: callback: calls was '3 attempts, 1wd apart, 100% of cases', "
        "is '5 attempts, 1wd apart, 100% of cases'"
    ]
    assert changed(('"08:00-20:00"', '"09:00-20:00"'))[0].startswith(
        "general: calendar: hours was 'mon 08:00"
    )
    assert changed(("then: anonymise", "then: delete")) == [
        "general: procedure: kept was '1095 days after closing, then anonymised', "
        "is '1095 days after closing, then deleted'"
    ]
    assert changed(("superior_from: 3", "superior_from: 4")) == [
        "general: procedure: superior unit was 'from round 3', is 'from round 4'"
    ]


def test_what_came_and_went_and_moved():
    without = replace(COURIER, clocks=COURIER.clocks[1:])
    assert diff(COURIER, without) == ["clocks: hand_over is gone"]
    assert diff(without, COURIER) == ["clocks: hand_over is new"]
    steps = (COURIER.steps[0], *reversed(COURIER.steps[1:3]), *COURIER.steps[3:])
    assert [line.partition(" is now")[0] for line in diff(COURIER, replace(COURIER, steps=steps))] == [
        "steps: the order"
    ]
