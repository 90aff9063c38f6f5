"""Words behind a verb become the body of a command."""

from __future__ import annotations

import pytest

from cli_commands.terminal import USAGE, Failure
from cli_commands.values import body_of, form_of, usage


def test_words_fill_the_fields_in_order_and_by_name() -> None:
    assert body_of("dispatch", ["si-alpha", "note=billing of March"]) == {
        "unit": "si-alpha",
        "note": "billing of March",
    }
    assert body_of("reject", ["demand=two months", "too little"]) == {
        "reason": "too little",
        "demand": "two months",
    }


def test_values_get_the_types_of_the_command() -> None:
    body = body_of("record_callback", ["satisfied", "score=9"])
    assert body == {"outcome": "satisfied", "score": 9}
    assert body_of("promise_reply", ["until=2026-12-01T09:00:00+08:00"]) == {
        "until": "2026-12-01T09:00:00+08:00"
    }


def test_a_time_without_offset_is_local_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert body_of("promise_reply", ["2026-12-01 09:00"])["until"] == "2026-12-01T09:00:00+09:00"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_dotted_names_build_lists_and_tables() -> None:
    words = [
        "options.1.text=A refund",
        "options.1.remedies.1.type=refund",
        "options.1.remedies.1.amount=58.00",
        "options.2.text=An apology",
        "grounds=never ordered",
    ]
    body = body_of("propose", words)
    assert [(option["id"], option["text"]) for option in body["options"]] == [
        ("1", "A refund"),
        ("2", "An apology"),
    ]
    assert body["options"][0]["remedies"][0]["amount"] == "58.00"
    assert body_of("classify", ["facts.severity=urgent"]) == {"facts": {"severity": "urgent"}}


def test_a_list_of_words_may_have_commas() -> None:
    assert body_of("add_information", ["again", "attachments=a, b"])["attachments"] == ["a", "b"]
    assert body_of("add_information", ["again", "attachments.1=a"])["attachments"] == ["a"]


def test_only_what_a_person_gives_is_a_field() -> None:
    assert "unit_kind" not in usage("dispatch")
    with pytest.raises(Failure, match="no field 'unit_kind'"):
        body_of("dispatch", ["si-alpha", "unit_kind=partner"])


def test_json_may_be_given_for_a_field() -> None:
    assert body_of("add_information", ["again", 'attachments:=["a", "b"]']) == {
        "text": "again",
        "attachments": ["a", "b"],
    }


@pytest.mark.parametrize(
    ("verb", "words", "said"),
    [
        ("nonsense", [], "no verb 'nonsense': use accept, "),
        ("dispach", [], "no verb 'dispach': did you mean 'dispatch'?"),
        ("accept", ["optoin=1"], "no field 'optoin': did you mean 'option'?"),
        ("accept", ["1", "thanks", "more"], "Nothing of `accept` is left"),
        ("reject", [], "reason"),
        ("record_callback", ["perhaps"], "satisfied"),
        ("record_callback", ["satisfied", "score=many"], "integer"),
        ("propose", ["options:=[1"], "JSON"),
        ("propose", ["options=x", "options.1.text=y"], "does not fit"),
    ],
)
def test_what_cannot_be_a_command_is_said(verb: str, words: list[str], said: str) -> None:
    with pytest.raises(Failure, match=r"\w") as failure:
        body_of(verb, words)
    assert said in str(failure.value)
    assert failure.value.code == USAGE


def test_a_form_is_name_and_value() -> None:
    assert form_of(["product=Game pack", "note=a=b"]) == {"product": "Game pack", "note": "a=b"}
    with pytest.raises(Failure, match="name=value"):
        form_of(["product"])
