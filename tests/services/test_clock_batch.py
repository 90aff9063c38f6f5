"""The batch of `putright clock`: one answer for every line, in the form of the line, whatever it holds."""

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.worktime import CalendarError, LimitError
from services.clock_batch import LineError, calendar_from_options, compute_one, run_line, run_lines

OFFICE = [["09:00", "12:00"], ["13:00", "18:00"]]
BASE: dict[str, Any] = {
    "id": "a-1",
    "timezone": "Europe/Berlin",
    "weekly_hours": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), OFFICE),
    "holidays": ["2026-04-03", "2026-04-06"],
    "extra_workdays": [],
    "op": "add_working_seconds",
    "start": "2026-03-27T17:00:00",
    "amount": 7200,
}


def line(**changes: Any) -> dict[str, Any]:
    """The base line with changes; None removes a field."""
    return {name: value for name, value in (BASE | changes).items() if value is not None}


def result(**changes: Any) -> Any:
    answer = run_line(line(**changes))
    assert set(answer) == {"id", "result"}, answer
    return answer["result"]


def error(**changes: Any) -> str:
    answer = run_line(line(**changes))
    assert set(answer) == {"id", "error"}, answer
    return answer["error"]


class TestForms:
    @pytest.mark.parametrize(
        ("start", "expected"),
        [
            ("2026-03-27T17:00:00", "2026-03-30T10:00:00"),
            ("2026-03-27 17:00:00", "2026-03-30 10:00:00"),
            ("2026-03-27T17:00", "2026-03-30T10:00:00"),
            ("2026-03-27T17:00:00.250000", "2026-03-30T10:00:00.250000"),
            ("2026-03-27T16:00:00Z", "2026-03-30T08:00:00Z"),
            ("2026-03-27T17:00:00+01:00", "2026-03-30T09:00:00+01:00"),
            ("2026-03-28T00:00:00+0800", "2026-03-30T16:00:00+08:00"),
            ("2026-03-27T11:00:00-05:00", "2026-03-30T03:00:00-05:00"),
            ("2026-03-27", "2026-03-27"),
        ],
    )
    def test_an_instant_is_written_as_it_was_asked(self, start: str, expected: str) -> None:
        assert result(start=start) == expected

    @pytest.mark.parametrize(
        ("start", "expected"),
        [
            ("2026-04-02", "2026-04-08"),
            ("2026-04-02T20:15:00", "2026-04-08T20:15:00"),
            ("2026-03-27T20:15:00Z", "2026-03-31T19:15:00Z"),  # 21:15 in Berlin before and after the change
        ],
    )
    def test_working_days_keep_the_clock_time(self, start: str, expected: str) -> None:
        assert result(op="add_working_days", start=start, amount=2) == expected

    @pytest.mark.parametrize(
        "start", ["2026-03-27T17:00", "2026-03-29T02:30:00", "2026-03-29", "2026-03-27T17:00:00z"]
    )
    @pytest.mark.parametrize("op", ["add_working_days", "add_working_seconds"])
    def test_a_zero_amount_returns_the_start_as_written(self, start: str, op: str) -> None:
        assert result(op=op, start=start, amount=0) == start

    def test_seconds_are_whole_where_they_are(self) -> None:
        whole = result(op="working_seconds_between", end="2026-03-30T10:00:00")
        assert (whole, type(whole)) == (7200, int)
        assert result(op="working_seconds_between", end="2026-03-27T17:00:00.5") == 0.5
        assert result(op="working_seconds_between", end="2026-03-01") == 0
        assert result(op="working_seconds_between", start="2026-04-01", end="2026-04-08") == 3 * 8 * 3600

    def test_amounts_may_be_fractions(self) -> None:
        assert result(amount=0.5) == "2026-03-27T17:00:00.500000"
        assert result(amount=60.0) == "2026-03-27T17:01:00"
        assert result(amount=0.1 + 0.2) == "2026-03-27T17:00:00.300000"

    @pytest.mark.parametrize("identity", ["x", 7, None, 1.5, ["a"], {"b": 1}])
    def test_the_id_comes_back(self, identity: Any) -> None:
        assert run_line(BASE | {"id": identity})["id"] == identity


class TestCalendars:
    def test_makeup_days_without_hours_take_those_of_the_first_weekday_listed(self) -> None:
        weekly = {"fri": [["10:00", "11:00"]], "mon": [["08:00", "09:00"]]}
        days = {"extra_workdays": ["2026-03-28"], "holidays": ["2026-03-28"]}
        assert result(weekly_hours=weekly, amount=60, **days) == "2026-03-28T10:01:00"
        own = {"extra_workday_hours": [["20:00", "21:00"]]}
        assert result(weekly_hours=weekly, amount=60, **days, **own) == "2026-03-28T20:01:00"
        assert result(weekly_hours=weekly | {"sat": [["07:00", "08:00"]]}, amount=60, **days, **own) == (
            "2026-03-28T07:01:00"
        )

    def test_hours_of_one_date(self) -> None:
        assert (
            result(date_hours={"2026-03-30": [], "2026-03-31": [["22:00", "02:00"]]}) == "2026-03-31T23:00:00"
        )

    def test_nights(self) -> None:
        assert result(weekly_hours={"fri": [["22:00", "06:00"]]}, amount=7 * 3600) == "2026-03-28T05:00:00"


class TestPauses:
    pauses = (
        ["2026-03-27T17:30:00", "2026-03-30T09:30:00"],
        ["2026-03-30T08:30:00Z", "2026-03-30T11:00:00+02:00"],
    )

    def test_deadline(self) -> None:
        assert result(op="deadline_with_pauses", pauses=self.pauses) == "2026-03-30T11:30:00"
        assert result(op="deadline_with_pauses", pauses=[]) == "2026-03-30T10:00:00"

    def test_deadline_of_a_limit(self) -> None:
        ask = {"op": "deadline_with_pauses", "amount": None, "pauses": self.pauses}
        assert result(**ask, limit="2wh") == "2026-03-30T11:30:00"
        assert result(**ask, limit="0wd") == "2026-03-27T17:00:00"
        assert result(**ask | {"pauses": []}, limit="1wd") == "2026-03-30T18:00:00"
        assert result(**ask | {"pauses": []}, limit="1wd", day_end="same_time") == "2026-03-30T17:00:00"
        assert "limit" in error(**ask, limit="2 hours")
        assert "limit" in error(**ask, limit=7)
        assert error(**ask, limit="1wd", day_end="noon")

    def test_elapsed(self) -> None:
        assert result(op="elapsed_with_pauses", end="2026-03-30T12:00:00", pauses=self.pauses) == 9000

    @pytest.mark.parametrize(
        "pauses",
        [7, "x", {"a": 1}, [["2026-03-27"]], [["2026-03-27", None]], [["2026-03-27", "later"]], ["ab"]],
    )
    def test_bad_pauses(self, pauses: Any) -> None:
        assert "pause" in error(op="deadline_with_pauses", pauses=pauses)


class TestErrors:
    @pytest.mark.parametrize("name", ["timezone", "weekly_hours", "op", "start", "amount"])
    def test_missing_fields_are_named(self, name: str) -> None:
        assert name in error(**{name: None})

    def test_a_missing_end_is_named(self) -> None:
        assert error(op="working_seconds_between") == "end is missing"
        assert error(op="elapsed_with_pauses", pauses=[]) == "end is missing"

    @pytest.mark.parametrize(
        ("changes", "part"),
        [
            ({"op": "subtract"}, "op"),
            ({"op": ["add"]}, "op"),
            ({"timezone": "Mars/Olympus"}, "timezone"),
            ({"timezone": 5}, "timezone"),
            ({"weekly_hours": {}}, "working time"),
            ({"weekly_hours": {"mon": []}}, "working time"),
            ({"weekly_hours": []}, "weekly_hours"),
            ({"weekly_hours": {"mon": [["09:00", "25:00"]]}}, "weekly_hours.mon.0"),
            ({"weekly_hours": {"mon": [["09:00"]]}}, "weekly_hours.mon.0"),
            ({"weekly_hours": {"mon": 9}}, "weekly_hours.mon"),
            ({"weekly_hours": {"funday": OFFICE}}, "funday"),
            ({"holidays": ["2026-13-01"]}, "holidays.0"),
            ({"extra_workdays": ["tomorrow"]}, "extra_workdays.0"),
            ({"extra_workday_hours": [["1", "2"]]}, "extra_workday_hours.0"),
            ({"date_hours": {"2026-03-30": [["x", "y"]]}}, "date_hours.2026-03-30.0"),
            ({"start": "yesterday"}, "start"),
            ({"start": "2026-02-30T10:00:00"}, "start"),
            ({"start": "2026-02-30"}, "start"),
            ({"start": "2026-02-03T25:00:00"}, "start"),
            ({"start": "2026-02-03T10:00:00+99:00"}, "start"),
            ({"start": 20260203}, "start"),
            ({"start": "2026-W07-1"}, "start"),
            ({"start": "0001-01-01"}, "years"),
            ({"start": "9999-12-31T00:00:00Z"}, "years"),
            ({"amount": "7200"}, "amount"),
            ({"amount": True}, "amount"),
            ({"amount": math.inf}, "amount"),
            ({"amount": math.nan}, "amount"),
            ({"amount": -1}, "zero or more"),
            ({"amount": 10**30}, "working time left"),
            ({"amount": 10**4000}, ""),
            ({"amount": 1.5, "op": "add_working_days"}, "whole"),
            ({"amount": -1, "op": "add_working_days"}, "zero or more"),
            ({"op": "working_seconds_between", "end": "soon"}, "end"),
        ],
    )
    def test_what_is_wrong_is_said(self, changes: dict[str, Any], part: str) -> None:
        assert part in error(**changes)

    def test_a_surprise_is_an_error_too(self) -> None:
        assert "cannot be computed" in error(holidays={1, 2})
        assert run_line([1])["error"]


class TestLines:
    def test_one_answer_for_every_line_in_order(self) -> None:
        given_lines = [
            json.dumps(line(id=1)),
            "not json",
            "",
            "[1, 2]",
            "7",
            json.dumps(line(id=2)) + "\n",
            '{"id": 3, "amount": NaN}',
            '{"id": 4, "amount": 1e999}',
            '{"id": 1e999}',
            "[" * 100_000,
            b"\xff\xfe",
            ("\ufeff" + json.dumps(line(id="投诉"))).encode(),
            "{" + json.dumps("x" * 10)[:-1],
            '{"id": ' + "9" * 5000 + "}",
        ]
        answers = [json.loads(text) for text in run_lines(given_lines)]
        assert len(answers) == len(given_lines)
        assert [a["id"] for a in answers if "result" in a] == [1, 2, "投诉"]
        assert all(a["result"] == "2026-03-30T10:00:00" for a in answers if "result" in a)
        assert answers[1]["error"].startswith("line 2: not JSON")
        assert answers[3]["error"] == "line 4: a line is a JSON object"
        assert answers[7]["id"] == 4
        assert all(isinstance(a["error"], str) and a["error"] for a in answers if "result" not in a)

    def test_answers_come_as_lines_arrive(self) -> None:
        def lines() -> Any:
            yield json.dumps(BASE)
            pytest.fail("the second line was read before the first was answered")

        assert json.loads(next(run_lines(lines())))["id"] == "a-1"

    @settings(max_examples=150, deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from(
                [*BASE, "end", "pauses", "limit", "date_hours", "extra_workday_hours", "day_end"]
            ),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                lambda inner: (
                    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
                ),
                max_leaves=6,
            )
            | st.sampled_from(["2026-03-27", "deadline_with_pauses", "elapsed_with_pauses", "3wd"]),
        )
    )
    def test_nothing_makes_it_stop(self, changes: dict[str, Any]) -> None:
        given_line = BASE | changes
        answer = run_line(given_line)
        assert set(answer) in ({"id", "result"}, {"id", "error"})
        (text,) = run_lines([json.dumps(given_line)])
        assert "\n" not in text
        assert set(json.loads(text)) in ({"id", "result"}, {"id", "error"})


class TestOne:
    calendar = calendar_from_options(
        "Asia/Shanghai",
        ["mon-fri 09:00-12:00,13:00-18:00", "sat 10:00-12:00"],
        ["2026-03-04"],
        years=range(2026, 2027),
    )

    def test_a_deadline_with_its_explanation(self) -> None:
        answer = compute_one(
            self.calendar, "2026-03-03T17:00", "3wh", pauses=[("2026-03-05T09:00", "2026-03-05T09:30")]
        )
        assert answer.due_at == datetime(2026, 3, 5, 3, 30, tzinfo=UTC)
        assert answer.local(answer.due_at).isoformat() == "2026-03-05T11:30:00+08:00"
        told = answer.to_data()
        assert json.loads(json.dumps(told)) == told
        assert (told["limit"], told["due"]) == ("3wh", "2026-03-05T11:30:00+08:00")
        assert [(s["kind"], s["counted"], s["note"]) for s in told["spans"]] == [
            ("working", 3600, ""),
            ("closed", 0, "holiday"),
            ("paused", 0, ""),
            ("working", 7200, ""),
        ]
        assert told["spans"][1]["dates"] == ["2026-03-04"]

    def test_takes_datetimes_too(self) -> None:
        start = datetime(2026, 3, 7, 1, tzinfo=UTC)
        assert compute_one(self.calendar, start, "1wh").due_at == datetime(2026, 3, 7, 3, tzinfo=UTC)

    def test_refuses_nonsense(self) -> None:
        with pytest.raises(LineError):
            compute_one(self.calendar, "soon", "1wh")
        with pytest.raises(LimitError):
            compute_one(self.calendar, "2026-03-03", "soon")

    @pytest.mark.parametrize("hours", [[], ["mon-fri"], ["mon-fri 9-5"], ["someday 09:00-10:00"]])
    def test_refuses_bad_options(self, hours: list[str]) -> None:
        with pytest.raises(CalendarError):
            calendar_from_options("UTC", hours, years=range(2026, 2027))
