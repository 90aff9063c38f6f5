"""The money section: every mistake is told with its line, in words that say what would be right."""

from __future__ import annotations

import pytest

from procedures.description import describe
from procedures.loader import check, load_procedure
from tests.domain.test_money import BOOKS

MISTAKES = {
    "currency: CNY": ("currency: yuan", "currency", "CNY"),
    "on: fulfilled, amount: {field: wrong_charge": (
        "on: fulfiled, amount: {field: wrong_charge",
        "trigger",
        "fulfilled",
    ),
    "{field: wrong_charge, times: 2}": ("{field: wrong_chrge}", "amount", "wrong_charge"),
    "amount: {entry: double}": ("amount: {entry: doubel}", "amount", "double"),
    "{remedy: [compensation, refund]}": ("{remedy: gift}", "amount", "gift"),
    "{rest_of: freight}": ("{rest_of: wrong_charge}", "amount", "shares first"),
    "from: unit, to: owner": ("from: unt, to: owner", "account", "unit"),
    "from: order_unit, to: carrier": ("from: carrier, to: carrier", "account", "itself"),
    "{fixed: 5}": ("{fixed: 5, field: freight}", "amount", "exactly one way"),
    "unit: points, from": ("unit: points, pay: true, from", "pay", "cannot be paid"),
    'on: "posted:double", amount': ('on: "posted:deduction", amount', "endless", "for ever"),
    "{on: payout_failed, to: supervisor": ("{on: opened, to: supervisor", "notice", "payout_failed"),
    "amount: {fixed: 1}": ("amount: {fixed: 0}", "range", "more than nothing"),
    "percent: {field: degree}": ("percent: {field: finding}", "amount", "degree"),
    "to: owner}": ("to: chosen:story}", "account", "form field"),
}


def test_the_example_is_sound() -> None:
    assert check(BOOKS) == []


@pytest.mark.parametrize("right", MISTAKES)
def test_mistakes_are_told_by_line(right: str) -> None:
    wrong, code, hint = MISTAKES[right]
    assert right in BOOKS
    text = BOOKS.replace(right, wrong, 1)
    line = 1 + text[: text.index(wrong)].count("\n")
    found = [problem for problem in check(text) if problem.code == code]
    assert found, check(text)
    assert hint in found[0].message
    if code != "notice":
        assert found[0].line == line


def test_money_is_told_in_words() -> None:
    told = describe(load_procedure(BOOKS))["money"]
    assert told["share"]["amount"] == "degree % of freight"
    assert told["double"] == {
        "title": "Double refund",
        "booked on": "fulfilled",
        "amount": "2 times wrong_charge",
        "from": "organisation",
        "to": "customer",
        "how often": "once per complaint",
        "paid out": "yes",
    }
