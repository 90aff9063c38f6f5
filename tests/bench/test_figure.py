"""Figures are judged by their target and by how far their rounds lie apart."""

import json

import pytest

from bench.figure import at_least, at_most, figure, percentile, ratio, unmeasured
from bench.others import Others


def test_a_ratio_is_that_of_the_medians_and_shows_each_round():
    measured = ratio("rate", [8.0, 9.0, 30.0], [10.0, 10.0, 20.0], at_least(0.8))
    assert measured.value == pytest.approx(0.9)
    assert measured.rounds == pytest.approx((0.8, 0.9, 1.5))
    assert measured.ok


@pytest.mark.parametrize(
    ("target", "value", "ok"),
    [
        (at_least(0.8), 0.8, True),
        (at_least(0.8), 0.79, False),
        (at_most(1.2), 1.2, True),
        (at_most(1.2), 1.21, False),
    ],
)
def test_the_bound_itself_meets_a_target(target, value, ok):
    assert figure("it", [value], "x", target).ok is ok


def test_rounds_more_than_a_quarter_apart_are_noisy():
    assert not figure("it", [10, 11, 12], "ms").noisy
    assert figure("it", [10, 11, 13], "ms").noisy
    assert not figure("it", [10], "ms").noisy


def test_what_is_written_can_be_read_and_says_all():
    row = json.loads(json.dumps(figure("it", [1.23456], "s", at_most(2)).as_row()))
    assert row == {
        "name": "it",
        "value": 1.235,
        "unit": "s",
        "target": "<= 2",
        "ok": True,
        "rounds": [1.235],
        "noisy": False,
        "note": "",
    }


def test_percentiles_are_values_that_were_measured():
    values = [float(number) for number in range(1, 61)]
    assert percentile(values, 0.5) == 30
    assert percentile(values, 0.99) == 60
    assert percentile([7.0], 0.99) == 7


def test_what_could_not_be_measured_is_missed_and_written_as_such():
    row = json.loads(json.dumps(unmeasured("burst", "not within 600 s").as_row(), allow_nan=False))
    assert (row["value"], row["ok"], row["note"]) == (None, False, "not within 600 s")


def test_counts_are_not_disturbed_by_other_programs():
    assert not figure("history", [69.0], "events").is_of_time
    assert figure("rate", [69.0], "1/s").is_of_time


def test_what_this_program_and_its_ended_children_used_is_not_others(monkeypatch):
    looks = iter([(0.0, 100.0, 10.0), (10.0, 115.0, 22.0), (20.0, 115.0, 22.5)])
    monkeypatch.setattr(Others, "_look", staticmethod(lambda: next(looks)))
    others = Others()
    assert others.cores() == pytest.approx(0.3)
    assert others.cores() == 0.0
