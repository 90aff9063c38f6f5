"""Conditions as people read them, in their own language and in the words of the procedure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.conditions import Condition, Op, Test
from domain.facts import ANSWER, OUTCOME
from domain.procedure import Procedure
from procedures.facts import all_fields
from procedures.texts import title_of

_STATE: Mapping[str, Mapping[str, str]] = {
    "channel": {"en": "channel", "zh": "受理渠道"},
    "step": {"en": "step", "zh": "当前环节"},
    "status": {"en": "status", "zh": "状态"},
    "round": {"en": "round", "zh": "处理轮次"},
    "rejections": {"en": "refusals by the customer", "zh": "客户拒绝次数"},
    "breaches": {"en": "missed deadlines", "zh": "超时次数"},
    "major": {"en": "major complaint", "zh": "重大投诉"},
    "repeat": {"en": "repeated complaint", "zh": "重复投诉"},
    "repeat_count": {"en": "complaints about the same matter", "zh": "同一事项投诉次数"},
    "repeat_reason": {"en": "reason of the repetition", "zh": "重复投诉原因"},
    "flag": {"en": "flag", "zh": "标记"},
    "mark": {"en": "mark", "zh": "节点"},
    "remedy": {"en": "remedy", "zh": "补救方式"},
    "amount": {"en": "amount", "zh": "金额"},
    "raised": {"en": "raised", "zh": "已发起事项"},
    "beyond_authority": {"en": "beyond authority", "zh": "超出权限"},
    "booked": {"en": "booked", "zh": "已入账"},
    "paid": {"en": "paid", "zh": "已支付"},
    "unit": {"en": "unit", "zh": "责任单位"},
    "unit_kind": {"en": "kind of unit", "zh": "单位类型"},
    "purpose": {"en": "purpose of the order", "zh": "工单用途"},
    "order_outcome": {"en": "outcome of the order", "zh": "工单结果"},
}
"""What the facts of every complaint are called; facts of a procedure have titles in it."""


@dataclass(frozen=True, slots=True)
class _Grammar:
    """How tests are said: ``{0}`` is the fact, ``{1}`` the values."""

    tests: Mapping[Op, str]
    both: str
    either: str


_ENGLISH = _Grammar(
    {Op.IN: "{0}: {1}", Op.NOT_IN: "{0}: not {1}", Op.FROM: "{0}: at least {1}", Op.BELOW: "{0}: below {1}"},
    both=", ",
    either=" or ",
)
_CHINESE = _Grammar(
    {Op.IN: "{0}为{1}", Op.NOT_IN: "{0}不是{1}", Op.FROM: "{0}达到{1}", Op.BELOW: "{0}低于{1}"},
    both="，且",
    either="或",
)


def spoken(procedure: Procedure, condition: Condition, language: str) -> str:
    """The condition in ``language`` (``zh``, else English around the procedure's own titles).

    Blank for a condition that always holds.
    """
    grammar = _CHINESE if language == "zh" else _ENGLISH
    parts = [_test(procedure, test, language, grammar) for test in condition.tests]
    if condition.any_of:
        alternatives = (spoken(procedure, alternative, language) for alternative in condition.any_of)
        parts.append(grammar.either.join(alternatives))
    return grammar.both.join(parts)


def _test(procedure: Procedure, test: Test, language: str, grammar: _Grammar) -> str:
    fact = _fact(procedure, test.fact, language)
    if test.op is Op.IN and test.values == ("true",):
        return fact
    values = grammar.either.join(_value(procedure, test.fact, value, language) for value in test.values)
    return grammar.tests[test.op].format(fact, values)


def _fact(procedure: Procedure, fact: str, language: str) -> str:
    if fact in _STATE:
        return _STATE[fact].get(language) or _STATE[fact]["en"]
    purpose = next((p for p in procedure.purposes if ANSWER + p.name == fact), None)
    if purpose is not None:
        return purpose.title.get(language) or purpose.title.get(procedure.languages[0]) or fact
    step = next((s for s in procedure.steps if OUTCOME + s.name == fact), None)
    field = next((f for f in all_fields(procedure) if f.name == fact), None)
    titles = step.title if step else field.title if field else procedure.titles.get(fact, {})
    return titles.get(language) or titles.get(procedure.languages[0]) or fact


def _value(procedure: Procedure, fact: str, value: str, language: str) -> str:
    for key in (f"{fact}.{value}", f"field.{fact}.{value}"):
        if key in procedure.titles:
            return title_of(procedure, key, language)
    return value
