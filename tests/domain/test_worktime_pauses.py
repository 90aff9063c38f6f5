"""Pauses, shares of a limit and explanations, on concrete calendars."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest

from domain.worktime import (
    Limit,
    LimitError,
    elapsed,
    explain,
    instant_at_share,
)
from tests.domain.calendars import SHANGHAI, at, due, zoned


class TestPauses:
    def pause(self, *texts: str) -> tuple[datetime, datetime]:
        return at(texts[0]), at(texts[1])

    @pytest.mark.parametrize(
        ("limit", "pauses", "expected"),
        [
            (
                "3wh",
                [("2026-09-21 11:00", "2026-09-21 14:00")],
                "2026-09-21 16:00",
            ),  # 2 of its 3 hours worked
            ("3wh", [("2026-09-21 12:00", "2026-09-21 13:00")], "2026-09-21 14:00"),  # lunch costs nothing
            (
                "3wh",
                [("2026-09-21 08:00", "2026-09-21 10:30")],
                "2026-09-21 14:30",
            ),  # only what is after the start
            ("3wh", [("2026-09-21 14:00", "2026-09-21 15:00")], "2026-09-21 14:00"),  # due as it begins
            ("3wh", [("2026-09-21 13:59", "2026-09-21 15:00")], "2026-09-21 15:01"),
            ("3wh", [("2026-09-21 11:00", "2026-09-21 11:00")], "2026-09-21 14:00"),
            ("3wh", [("2026-09-21 11:30", "2026-09-21 10:30")], "2026-09-21 14:00"),  # reversed is nothing
            (
                "8wh",
                [("2026-09-21 15:00", "2026-09-22 10:00"), ("2026-09-21 14:00", "2026-09-21 16:00")],
                "2026-09-22 16:00",
            ),
            ("3h", [("2026-09-21 11:00", "2026-09-21 14:00")], "2026-09-21 16:00"),
            ("1wd", [("2026-09-21 11:00", "2026-09-21 14:00")], "2026-09-25 10:00"),  # two hours made up
            ("1wd", [("2026-09-21 12:00", "2026-09-21 13:00")], "2026-09-22 18:00"),
            ("1wd", [("2026-09-22 17:00", "2026-09-25 10:00")], "2026-09-25 11:00"),
            ("1d", [("2026-09-21 11:00", "2026-09-21 14:00")], "2026-09-23 03:00"),
        ],
    )
    def test_stop_the_count(self, limit: str, pauses: list[tuple[str, str]], expected: str) -> None:
        assert due("2026-09-21 10:00", limit, pauses=[self.pause(*p) for p in pauses]) == expected

    def test_elapsed_leaves_them_out(self) -> None:
        pauses = [
            self.pause("2026-09-21 11:00", "2026-09-21 14:00"),
            self.pause("2026-09-21 13:00", "2026-09-21 13:30"),
        ]
        span = at("2026-09-21 10:00"), at("2026-09-21 18:00")
        assert elapsed(SHANGHAI, *span, "wh", pauses=pauses) == timedelta(hours=5)
        assert elapsed(SHANGHAI, *span, "wd", pauses=pauses) == timedelta(hours=5)
        assert elapsed(SHANGHAI, *span, "h", pauses=pauses) == timedelta(hours=5)
        assert elapsed(SHANGHAI, span[1], span[0], "h", pauses=pauses) == timedelta(0)
        assert elapsed(SHANGHAI, span[1], span[0], "wh", pauses=pauses) == timedelta(0)


class TestShare:
    @pytest.mark.parametrize(
        ("limit", "share", "expected"),
        [
            ("8wh", 0, "2026-09-21 10:00"),
            ("8wh", 0.5, "2026-09-21 15:00"),
            ("8wh", Fraction(3, 4), "2026-09-21 17:00"),
            ("8wh", 1.0, "2026-09-22 10:00"),
            ("8wh", 1.25, "2026-09-22 12:00"),
            ("10h", 0.8, "2026-09-21 18:00"),
            ("1wd", 0.5, "2026-09-21 18:00"),  # 7 of the 15 hours until the close, and half an hour
            ("1wd", 1, "2026-09-22 18:00"),
            ("1d", 0.5, "2026-09-22 05:00"),
        ],
    )
    def test_is_measured_as_the_limit_is(self, limit: str, share: float | Fraction, expected: str) -> None:
        result = instant_at_share(SHANGHAI, at("2026-09-21 10:00"), Limit.parse(limit), share)
        wanted = at(expected) + (timedelta(0) if (limit, share) != ("1wd", 0.5) else timedelta(hours=15.5))
        assert result == wanted

    def test_without_working_time_in_between_real_time_is_shared(self) -> None:
        night = zoned("UTC", {"sun": [["23:00", "24:00"]]})
        start = at("2026-03-02 10:00", "UTC")
        half = instant_at_share(night, start, Limit.parse("1wd"), 0.5, day_end="same_time")
        assert half == start + timedelta(days=3)
        assert instant_at_share(night, start, Limit.parse("0wd"), 0.5) == start

    @pytest.mark.parametrize("share", [-0.1, float("nan"), float("inf")])
    def test_refuses_no_share(self, share: float) -> None:
        with pytest.raises(LimitError):
            instant_at_share(SHANGHAI, at("2026-09-21 10:00"), Limit.parse("1h"), share)


class TestExplanation:
    def test_tells_the_way_to_the_deadline(self) -> None:
        spans = explain(
            SHANGHAI,
            at("2026-09-30 16:00"),
            Limit.parse("4wh"),
            pauses=[(at("2026-09-30 17:00"), at("2026-09-30 17:30"))],
        )
        told = [
            (
                s.start_at.astimezone(SHANGHAI.zone).strftime("%d %H:%M"),
                s.kind,
                s.counted.seconds // 60,
                s.note,
            )
            for s in spans
        ]
        assert told == [
            ("30 16:00", "working", 60, ""),
            ("30 17:00", "paused", 0, ""),
            ("30 17:30", "working", 30, ""),
            ("30 18:00", "closed", 0, "holiday"),
            ("08 09:00", "working", 150, ""),
        ]
        assert spans[3].dates[0] == date(2026, 10, 1)
        assert len(spans[3].dates) == 5
        assert spans[-1].total == timedelta(hours=4)

    def test_names_special_working_days(self) -> None:
        spans = explain(SHANGHAI, at("2026-09-19 10:00"), Limit.parse("28wh"))
        notes = {(s.note, s.dates[0].isoformat()) for s in spans if s.note}
        assert notes == {
            ("makeup_day", "2026-09-20"),
            ("special_hours", "2026-09-23"),
            ("special_hours", "2026-09-24"),
        }

    def test_real_time_is_one_stretch_between_pauses(self) -> None:
        pauses = [(at("2026-09-21 11:00"), at("2026-09-21 12:00"))]
        spans = explain(SHANGHAI, at("2026-09-21 10:00"), Limit.parse("2h"), pauses=pauses)
        assert [s.kind for s in spans] == ["elapsed", "paused", "elapsed"]
        assert explain(SHANGHAI, at("2026-09-21 10:00"), Limit.parse("0h")) == ()

    def test_a_long_one_is_folded_and_still_sums(self) -> None:
        limit = Limit(100_000, "wh")
        many = [
            (at("2026-09-21 10:00") + timedelta(hours=n), at("2026-09-21 10:05") + timedelta(hours=n))
            for n in range(500)
        ]
        for pauses in ((), many):
            spans = explain(SHANGHAI, at("2026-09-21 10:00"), limit, pauses=pauses)
            assert len(spans) <= 61
            assert [s.kind for s in spans].count("folded") == 1
            assert sum((s.counted for s in spans), timedelta(0)) == limit.duration
            assert all(a.end_at == b.start_at for a, b in pairwise(spans))
