"""What a role is shown of what somebody filled in along the way."""

from __future__ import annotations

from datetime import UTC, datetime

from domain import events as ev
from domain import roles
from domain.commands import Actor
from procedures.loader import load_pack
from services.masking import mask_answers, seen_by

ANSWERED = ev.Event(
    7,
    datetime(2026, 11, 2, 9, tzinfo=UTC),
    "person:sales",
    ev.OrderAnswered(
        order="1", result="Seen", answers={"agreed_with": "Wang Fang", "freight": "12", "of_old": "?"}
    ),
)


def shown_to(role: str) -> dict[str, str]:
    event = mask_answers(load_pack("manufacturer"), ANSWERED, seen_by(Actor("person:x", (role,))))
    assert isinstance(event.fact, ev.OrderAnswered)
    return dict(event.fact.answers)


def test_personal_fields_of_orders_are_masked_on_the_timeline() -> None:
    assert shown_to(roles.ANALYST) == {"agreed_with": "***", "freight": "12", "of_old": "***"}
    assert shown_to(roles.APPROVER)["agreed_with"] == "***"


def test_who_needs_them_sees_them_as_they_are() -> None:
    for role in (roles.AGENT, roles.HANDLER, roles.SUPERVISOR):
        assert shown_to(role) == ANSWERED.fact.answers  # type: ignore[union-attr]
