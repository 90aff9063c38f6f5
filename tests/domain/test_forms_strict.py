"""What is a date or a number in a form, and what is only taken for one by a lenient reader."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.fields import FieldType, FormField
from domain.forms import contact_problems, problems
from tests.domain.test_until import procedure
from tests.drive import AGENT, Case

DAY = FormField("day", FieldType.DATE, {"en": "Day"})
COUNT = FormField("count", FieldType.NUMBER, {"en": "Count"})
PRICE = FormField("price", FieldType.MONEY, {"en": "Price"})


@pytest.mark.parametrize(
    "day", ["2026-W01", "2026-W01-1", "20261101", "２０２６-11-01", " 2026-11-01", "2026-2-3"]
)
def test_a_date_is_written_in_one_way(day: str) -> None:
    assert list(problems((DAY,), {"day": day}, {})) == ["day"]
    assert not problems((DAY,), {"day": "2028-02-29"}, {})


@pytest.mark.parametrize(
    "number", ["1_000", "٣", "１２", " 12", "12 ", "+12\n", "1e3", "0x10", "1,000", ".", "-"]
)
def test_a_number_is_written_in_digits(number: str) -> None:
    assert list(problems((COUNT,), {"count": number}, {})) == ["count"]
    assert list(problems((PRICE,), {"price": number}, {})) == ["price"]
    for right in ("12", "12.50", "0.5", "007"):
        assert not problems((COUNT, PRICE), {"count": right, "price": right}, {})
    assert not problems((COUNT,), {"count": "-3"}, {})


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2200-01-01"])
def test_a_day_nobody_means_is_refused_where_a_clock_runs_to_it(day: str) -> None:
    case = Case(procedure())
    refusal = case.refused(c.FinishTask("sent", {"reply_by": day}), AGENT)
    assert refusal.code in ("too_far", "in_the_past", "time")


@pytest.mark.parametrize(
    "address",
    [
        "a<b>@c.de",
        "a@b.c;x",
        "a@b..c",
        "a@b.c\u202e",
        "a@b",
        "@b.c",
        "a b@c.de",
        "a@.c",
        "a@b.",
        '"a"@b.c',
        "a,b@c.d",
    ],
)
def test_an_address_nobody_could_be_reached_by_is_no_address(address: str) -> None:
    assert list(contact_problems(email=address, phone="")) == ["email"]
    for right in ("wang.fang@example.org", "o'neil+bill@mail.example.co.uk", "用户@例子.公司"):
        assert not contact_problems(email=right, phone="")
