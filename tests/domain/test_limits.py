"""Limits: how they are written, read and refused."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.limits import counts_working_time
from domain.worktime import (
    Limit,
    LimitError,
)


class TestLimit:
    @pytest.mark.parametrize("text", ["24h", "8wh", "3wd", "15d", "8w", "1.5h", "90m", "30wm", "0h", "0.5ws"])
    def test_is_read_and_written_the_same(self, text: str) -> None:
        assert str(Limit.parse(text)) == text

    def test_normalises_its_amount(self) -> None:
        assert Limit.parse(" 1.50h ") == Limit(Decimal("1.5"), "h")
        assert Limit.parse("8.0wh") == Limit(8, "wh")
        assert str(Limit.parse("000100000wh")) == "100000wh"

    @pytest.mark.parametrize(
        "text",
        [
            "0.5wd",
            "1.5d",
            "0.1w",
            "-3h",
            "3x",
            "",
            "h",
            "3",
            "3 wh",
            "3H",
            "1e3h",
            "infh",
            "١h",
            "1.h",
            "3wm h",
            None,
        ],
    )
    def test_refuses_nonsense(self, text: str) -> None:
        with pytest.raises(LimitError):
            Limit.parse(text)

    @pytest.mark.parametrize(
        ("amount", "unit"),
        [(-1, "h"), (1.5, "h"), (True, "h"), (1, "y"), (Decimal("NaN"), "h"), (Decimal("Infinity"), "wh")],
    )
    def test_refuses_wrong_parts(self, amount: object, unit: str) -> None:
        with pytest.raises(LimitError):
            Limit(amount, unit)

    def test_refuses_less_than_a_microsecond(self) -> None:
        with pytest.raises(LimitError, match="microsecond"):
            Limit.parse("0.0000001s")

    def test_knows_its_length(self) -> None:
        assert Limit.parse("1.5wh").duration == timedelta(minutes=90)
        assert Limit.parse("8w").days == 56
        with pytest.raises(LimitError, match="no fixed length"):
            _ = Limit.parse("3wd").duration
        with pytest.raises(LimitError, match="too long"):
            _ = Limit.parse("999999999999999h").duration
        assert [counts_working_time(Limit.parse(t).unit) for t in ("1wh", "1wd", "1h", "1d")] == [1, 1, 0, 0]
