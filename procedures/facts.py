"""What conditions can test: the facts every complaint has and those a procedure adds, with their words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.complaint import Status
from domain.conditions import Op, Test
from domain.facts import ANSWER
from domain.fields import ROUTABLE, FieldType, FormField
from domain.procedure import Procedure
from domain.step import OUTCOMES, StepKind
from procedures.problems import did_you_mean, one_of
from procedures.sheet import Sheet


class Kind(StrEnum):
    """What values a fact has."""

    WORD = "word"
    NUMBER = "number"
    YES_NO = "yes_no"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class KnownFact:
    """The kind of a fact, and its words when it has a closed set of them."""

    kind: Kind
    words: tuple[str, ...] = ()


REPEAT_REASONS = ("late_reply", "unsatisfied", "other")
_NUMBERS = ("round", "rejections", "breaches", "repeat_count", "amount")


def known_facts(procedure: Procedure) -> dict[str, KnownFact]:
    """Every fact a condition of this procedure can test, by name."""
    known = own_facts(procedure)
    for field in all_fields(procedure):
        if field.type in ROUTABLE and not field.personal:
            known[field.name] = _of_field(field)
            if field.type is FieldType.UNIT:
                known |= {f"{field.name}.{what}": KnownFact(Kind.FREE) for what in ("kind", "above")}
    return known | {name: KnownFact(Kind.WORD, words) for name, words in procedure.vocabulary.items()}


def own_facts(procedure: Procedure) -> dict[str, KnownFact]:
    """The facts every complaint has whatever the procedure asks, with the words they have in this one."""
    known = {name: KnownFact(Kind.NUMBER) for name in _NUMBERS}
    known |= {name: KnownFact(Kind.YES_NO) for name in ("major", "repeat")}
    known["step"] = KnownFact(Kind.WORD, tuple(step.name for step in procedure.steps))
    known["status"] = KnownFact(Kind.WORD, tuple(s.value for s in Status if s is not Status.NEW))
    known |= {name: KnownFact(Kind.FREE) for name in ("channel", "unit", "unit_kind")}
    known["repeat_reason"] = KnownFact(Kind.WORD, REPEAT_REASONS)
    listed = (one.role for one in procedure.authority)
    known["beyond_authority"] = KnownFact(Kind.WORD, ("true", "false", *listed))
    known["flag"] = KnownFact(Kind.WORD, procedure.flags)
    known["mark"] = KnownFact(Kind.WORD, procedure.marks)
    known["raised"] = KnownFact(Kind.WORD, tuple(rule.name for rule in procedure.consequences))
    known |= {f"history.{rule.name}": KnownFact(Kind.NUMBER) for rule in procedure.history}
    known["remedy"] = KnownFact(Kind.WORD, procedure.remedies)
    entries = tuple(entry.name for entry in procedure.money.entries) if procedure.money else ()
    known |= {name: KnownFact(Kind.WORD, entries) for name in ("booked", "paid")}
    known["purpose"] = KnownFact(Kind.WORD, tuple(p.name for p in procedure.purposes))
    answers = tuple(outcome for p in procedure.purposes for outcome in p.outcomes)
    known["order_outcome"] = KnownFact(Kind.WORD, answers)
    known |= {f"{ANSWER}{p.name}": KnownFact(Kind.WORD, p.outcomes) for p in procedure.purposes if p.outcomes}
    ends: list[str] = []
    for step in procedure.steps:
        outcomes = tuple(step.outcomes) if step.kind is StepKind.TASK else OUTCOMES[step.kind]
        known[f"outcome.{step.name}"] = KnownFact(Kind.WORD, outcomes)
        ends += outcomes
    known["outcome"] = KnownFact(Kind.WORD, tuple(dict.fromkeys(ends)))
    return known


def all_fields(procedure: Procedure) -> tuple[FormField, ...]:
    """The fields of every form of the procedure."""
    questions = (step.callback.questions for step in procedure.steps if step.callback)
    return (
        *procedure.fields,
        *(f for step in procedure.steps for f in step.requires),
        *(f for purpose in procedure.purposes for f in purpose.requires),
        *(f for q in questions for f in q),
    )


def check_conditions(procedure: Procedure, sheet: Sheet) -> None:
    """Every comparison tests a fact there is, in a way that can be true."""
    known = sheet.facts | known_facts(procedure)
    unroutable = {f.name: f.type for f in all_fields(procedure) if f.name not in known}
    for place, test in sheet.tests:
        fact = known.get(test.fact)
        if fact is not None:
            wrong = _wrong(test, fact)
        elif test.fact in unroutable:
            wrong = (
                f"{test.fact!r} is {unroutable[test.fact].value} or personal, which never decides anything; "
                "use a choice, a number, a date or yes/no"
            )
        else:
            wrong = f"there is no fact {test.fact!r}: {did_you_mean(test.fact, known)}"
        if wrong:
            sheet.findings.add(place, "condition", wrong)


def _wrong(test: Test, fact: KnownFact) -> str:
    compares = test.op in (Op.FROM, Op.BELOW)
    if compares and fact.kind is not Kind.NUMBER:
        return f"{test.fact!r} is not a number, so 'from' and 'below' do not fit"
    if (
        fact.kind is Kind.NUMBER
        and not compares
        and not all(value.lstrip("-").isdecimal() for value in test.values)
    ):
        return f"{test.fact!r} is a number: write for example {test.fact}: {{from: 3}}"
    if fact.kind is Kind.YES_NO and not set(test.values) <= {"true", "false"}:
        return f"{test.fact!r} is true or false"
    if fact.kind is Kind.WORD:
        unknown = next((value for value in test.values if value not in fact.words), None)
        if unknown is not None:
            hint = did_you_mean(unknown, fact.words) if fact.words else f"use {one_of(fact.words)}"
            return f"{test.fact!r} is never {unknown!r}: {hint}"
    return ""


def _of_field(field: FormField) -> KnownFact:
    match field.type:
        case FieldType.CHOICE:
            return KnownFact(Kind.WORD, field.choices)
        case FieldType.NUMBER | FieldType.MONEY:
            return KnownFact(Kind.NUMBER)
        case FieldType.YES_NO:
            return KnownFact(Kind.YES_NO)
        case _:
            return KnownFact(Kind.FREE)
