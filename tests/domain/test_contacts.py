"""Contacts change after notice: counted on the calendar of whoever asks for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.contacts import check_announced, first_possible
from domain.errors import Refused
from domain.worktime import Limit
from tests.drive import MONDAY
from tests.storage.cases import small_procedure

ASKING = replace(small_procedure(), contact_notice=Limit.parse("15wd"))
FIRST = datetime(2026, 3, 23, 1, 0, tzinfo=UTC)
"""15 working days after Monday 2 March: three weeks later, at the same time of day."""


@pytest.mark.rule("TEL-3")
def test_a_change_is_announced_fifteen_working_days_ahead() -> None:
    assert first_possible([ASKING], MONDAY) == FIRST
    check_announced(FIRST, [ASKING], MONDAY)
    with pytest.raises(Refused) as refused:
        check_announced(FIRST - timedelta(seconds=1), [ASKING], MONDAY)
    assert refused.value.code == "too_soon"
    assert FIRST.isoformat() in refused.value.fields["effective_at"]


def test_whoever_asks_for_the_longest_notice_counts_and_nobody_asking_lets_it_hold_at_once() -> None:
    longer = replace(ASKING, contact_notice=Limit.parse("30d"))
    assert first_possible([ASKING, longer, small_procedure()], MONDAY) == MONDAY + timedelta(days=30)
    check_announced(MONDAY, [small_procedure()], MONDAY)
    with pytest.raises(Refused) as refused:
        check_announced(MONDAY + timedelta(days=4000), [], MONDAY)
    assert refused.value.code == "too_far"
