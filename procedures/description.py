"""A procedure in words: what each part says, structured for pages, the command line and comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.approval import Approval
from domain.authority import Authority
from domain.clockrule import ClockRule, Rung
from domain.conditions import Condition, Op, Test
from domain.consequence import Consequence, HistoryRule, Way, case_procedure
from domain.fields import FormField
from domain.money import Amount, MoneyEntry
from domain.notice import Notice
from domain.procedure import Procedure
from domain.purpose import Purpose
from domain.retention import Retention
from domain.step import Step, StepKind, Target
from domain.workcalendar import WEEKDAYS, Hours, written
from procedures.graph import outcomes_of
from procedures.problems import one_of

DONE = {"anonymise": "anonymised", "delete": "deleted"}
"""What retention does, as it is told afterwards."""

Rows = dict[str, dict[str, str]]
"""Named things, each with what is to be said about it."""


def describe(procedure: Procedure, language: str = "en") -> dict[str, Rows]:
    """The procedure in sections (``general``, ``facts``, ``form``, ``steps``, ``orders``, ``clocks``,
    ``money``, ``consequences``, ``history``, ``notices``, ``endings``, ``authority``,
    ``outside``, ``texts``): what is in each, by name, in words, without empty values.

    Titles are in ``language``, else in the procedure's first one; the words around them are English.
    """
    sections = {
        "general": {"procedure": _general(procedure, language), "calendar": _calendar(procedure)},
        "facts": {
            name: {
                "title": _in(procedure.titles.get(name, {}), language),
                "words": ", ".join(words),
                "unless given": procedure.defaults.get(name, ""),
            }
            for name, words in procedure.vocabulary.items()
        },
        "form": {field.name: _field(field, language) for field in procedure.fields},
        "steps": {step.name: _step(procedure, step, language) for step in procedure.steps},
        "orders": {purpose.name: _purpose(purpose, language) for purpose in procedure.purposes},
        "clocks": {rule.name: _clock(rule, language) for rule in procedure.clocks},
        "money": {entry.name: _entry(procedure, entry, language) for entry in procedure.money.entries}
        if procedure.money
        else {},
        "consequences": {one.name: _consequence(procedure, one, language) for one in procedure.consequences},
        "history": {rule.name: _history(rule) for rule in procedure.history},
        "notices": _notices(procedure.notices),
        "endings": {
            reason.name: {
                "title": _in(reason.title, language),
                "by hand": one_of(reason.by) if reason.by else "",
                "note": "needed" if reason.needs_note else "",
                "satisfied": "yes" if reason.satisfied else "",
                "final": "yes" if reason.final else "",
                "refers outside": "yes" if reason.refer else "",
            }
            for reason in procedure.reasons
        },
        "authority": {one.role: _authority(one) for one in procedure.authority},
        "outside": {
            way.name: {"title": _in(way.title, language), "when": in_words(way.when)}
            for way in procedure.ways
        },
        "texts": {
            f"{name}.{tongue}": {"subject": text.subject, "thanks": text.thanks, "apology": text.apology,
                                 "body": text.body, "closing": text.closing}
            for name, tongues in procedure.texts.items()
            for tongue, text in tongues.items()
        },
    }  # fmt: skip
    return {
        section: {name: {key: text for key, text in row.items() if text} for name, row in rows.items()}
        for section, rows in sections.items()
    }


def diff(old: Procedure, new: Procedure, language: str = "en") -> list[str]:
    """What changed from one procedure to the other, a readable line each; empty when they say the same."""
    before, after = describe(old, language), describe(new, language)
    changes: list[str] = []
    for section, rows in after.items():
        earlier = before[section]
        changes += [f"{section}: {name} is gone" for name in earlier if name not in rows]
        changes += [f"{section}: {name} is new" for name in rows if name not in earlier]
        for name in rows:
            changes += _changes(f"{section}: {name}", earlier.get(name), rows[name])
        common = [name for name in rows if name in earlier]
        if common != [name for name in earlier if name in rows]:
            changes.append(f"{section}: the order is now {', '.join(rows)}")
    return changes


def in_words(condition: Condition) -> str:
    """A condition as a sentence part: ``severity is urgent or difficult and round from 3``."""
    parts = [_test(test) for test in condition.tests]
    if condition.any_of:
        parts.append(" or ".join(in_words(alternative) for alternative in condition.any_of))
    return " and ".join(parts)


def rung_in_words(rung: Rung) -> str:
    """When and whom: ``75%: handler``, ``due: unit_head``, ``after 4h: superior_head``."""
    when = f"{rung.share}%" if rung.share else f"after {rung.after}" if rung.after else "due"
    return f"{when}: {', '.join(rung.to)}"


def target_in_words(target: Target) -> str:
    """Where an outcome leads, with the facts set on the way."""
    where = {
        "next": "next step",
        "reopen": "new round",
        "step": f"step {target.name}",
        "close": f"closed as {target.name}",
    }
    put = ", ".join(f"{name} becomes {value}" for name, value in target.put)
    taken = f"measures: {', '.join(target.measures)}" if target.measures else ""
    added = "; ".join(part for part in (put, taken) if part)
    return f"{where[target.go]} ({added})" if added else where[target.go]


def limits_in_words(rule: ClockRule) -> str:
    """The limits of a clock in the order in which they are tried."""
    until = [f"the day in {rule.until}"] if rule.until else []
    return "; ".join(
        [
            *until,
            *(
                f"{limit} when {in_words(when)}" if in_words(when) else str(limit)
                for when, limit in rule.limits
            ),
        ]
    )


def _changes(where: str, before: Mapping[str, str] | None, after: Mapping[str, str]) -> list[str]:
    if before is None:
        return []
    found = []
    for key in (*before, *(key for key in after if key not in before)):
        was, now = before.get(key, "nothing"), after.get(key, "nothing")
        if was != now:
            found.append(f"{where}: {key} was {was!r}, is {now!r}")
    return found


def _general(procedure: Procedure, language: str) -> dict[str, str]:
    rounds, repeat = procedure.rounds, procedure.repeat
    allowed = f"up to {rounds.limit}, then {rounds.then}" if rounds.limit else "without limit"
    return {
        "name": procedure.name,
        "version": procedure.version,
        "title": _in(procedure.title, language),
        "organisation": procedure.organisation,
        "top unit": procedure.top_unit,
        "contact notice": str(procedure.contact_notice or ""),
        "references": f"{procedure.prefix}-…",
        "languages": ", ".join(procedure.languages),
        "offices": ", ".join(
            _in(procedure.titles.get(f"office.{office}", {}), language) for office in procedure.offices
        ),
        "new round": f"at {rounds.start_at}, {allowed}",
        "superior unit": f"from round {rounds.superior_from}" if rounds.superior_from else "",
        "major": " or ".join(in_words(condition) for condition in procedure.major),
        "repeat": f"same {', '.join(repeat.match)} within {repeat.days} days" if repeat else "",
        "marks": ", ".join(procedure.marks),
        "flags": ", ".join(procedure.flags),
        "remedies": ", ".join(procedure.remedies),
        "external ways": "; ".join(_in(title, language) for title in procedure.external_ways),
        "archived by": ", ".join(procedure.archive),
        "kept": _kept(procedure.retention),
        "flags that need an attachment": ", ".join(
            f"{flag} ({one_of(kinds)})" if kinds else flag for flag, kinds in procedure.proven_flags.items()
        ),
    }


def _kept(policy: Retention | None) -> str:
    if policy is None:
        return "for ever"
    return f"{policy.days} days after closing, then {DONE[policy.then]}"


def _calendar(procedure: Procedure) -> dict[str, str]:
    calendar = procedure.calendar
    hours = {day: _hours(spans) for day, spans in zip(WEEKDAYS, calendar.weekly, strict=True) if spans}
    return {
        "time zone": calendar.timezone,
        "hours": "; ".join(f"{day} {text}" for day, text in hours.items()),
        "holidays": ", ".join(day.isoformat() for day in calendar.holidays),
        "make-up workdays": ", ".join(day.isoformat() for day in calendar.makeup_days),
        "other hours": "; ".join(f"{day} {_hours(spans) or 'closed'}" for day, spans in calendar.date_hours),
        "certain until": calendar.known_until.isoformat() if calendar.known_until else "",
    }


def _hours(hours: Hours) -> str:
    return ", ".join(f"{opens}-{closes}" for opens, closes in written(hours))


def _field(field: FormField, language: str) -> dict[str, str]:
    return {
        "title": _in(field.title, language),
        "type": field.type.value,
        "required": "yes" if field.required else "",
        "when": in_words(field.when),
        "personal": "yes" if field.personal else "",
        "choices": ", ".join(field.choices),
        "evidence": one_of(field.evidence) if field.evidence else "",
    }


def _form(fields: Iterable[FormField]) -> str:
    return ", ".join(field.name + ("*" if field.required else "") for field in fields)


def _step(procedure: Procedure, step: Step, language: str) -> dict[str, str]:
    policy = step.callback
    approvals = (_approval(approval) for approval in step.approvals)
    return {
        "title": _in(step.title, language),
        "kind": step.kind.value,
        "when": in_words(step.when),
        "by": ", ".join(step.by) + (" (within their authority)" if step.within_authority else ""),
        "goes to": ", ".join(step.to),
        "solutions": f"at least {step.at_least}" if step.at_least > 1 else "",
        "guidance": ", ".join(step.guidance.points) + (" (required)" if step.guidance.required else "")
        if step.guidance
        else "",
        "orders": "; ".join(
            f"{order.purpose} to {one_of(order.to)}"
            + (f" when {in_words(order.when)}" if in_words(order.when) else "")
            for order in step.orders
        ),
        "waits for": step.join if step.kind is StepKind.HANDLE else "",
        "form": _form(step.requires),
        "approvals": "; ".join(approvals) + (" (at the same time)" if step.in_parallel else ""),
        "calls": (
            f"{policy.attempts} attempts, {policy.retry_after} apart, {policy.sample}% of cases"
            + (", in working hours" if policy.in_hours else "")
        )
        if policy
        else "",
        "first call": f"after {policy.first_after}" if policy and policy.first_after else "",
        "questions": _form(policy.questions) if policy else "",
        "outcomes": "; ".join(
            f"{outcome}: {target_in_words(target)}"
            for outcome, target in outcomes_of(procedure, step).items()
        ),
    }


def _approval(approval: Approval) -> str:
    each = " of each unit that answered" if approval.each else ""
    late = f" (late: {one_of(approval.substitute)})" if approval.substitute else ""
    when = f" when {in_words(approval.when)}" if in_words(approval.when) else ""
    return f"{approval.name} by {one_of(approval.by)}{each}{late}{when}"


def _authority(one: Authority) -> dict[str, str]:
    amount = "any amount" if one.amount is None else f"up to {one.amount}"
    return {"may settle": amount, "when": in_words(one.when)}


def _purpose(purpose: Purpose, language: str) -> dict[str, str]:
    follow = (
        f"{outcome}: {name} {_by_whom(whom)}".strip() for outcome, (name, whom) in purpose.follow.items()
    )
    return {
        "title": _in(purpose.title, language),
        "goes to": ", ".join(purpose.to),
        "by": ", ".join(purpose.by),
        "form": _form(purpose.requires),
        "outcomes": ", ".join(purpose.outcomes),
        "then": "; ".join(follow),
    }


def _by_whom(whom: str) -> str:
    """Who gets an order that follows."""
    if whom in ("same", "superior"):
        return f"by the {whom} unit"
    return f"by {whom}" if whom else ""


def _clock(rule: ClockRule, language: str) -> dict[str, str]:
    return {
        "title": _in(rule.title, language),
        "for each": rule.per,
        "limit": limits_in_words(rule),
        "starts": ", ".join(rule.starts),
        "stops": ", ".join(rule.stops),
        "ladder": "; ".join(rung_in_words(rung) for rung in rule.ladder),
        "day ends": "" if rule.day_end == "close" else "at the same time of day",
        "pauses": "" if rule.pausable else "never",
        "new round": "starts afresh" if rule.rearm else "",
        "when due": f"the step ends as {rule.expires}" if rule.expires else "",
    }


def _entry(procedure: Procedure, entry: MoneyEntry, language: str) -> dict[str, str]:
    currency = procedure.money.currency if procedure.money else ""
    return {
        "title": _in(entry.title, language),
        "booked on": ", ".join(entry.on),
        "when": in_words(entry.when),
        "amount": amount_in_words(entry.amount, entry.unit or currency),
        "from": one_of(entry.source),
        "to": one_of(entry.target),
        "how often": "every time" if entry.per == "time" else f"once per {entry.per}",
        "paid out": "yes" if entry.pay else "",
    }


def amount_in_words(amount: Amount, unit: str) -> str:
    """How much an entry is: ``2 times wrong_charge``, ``degree % of freight``, ``1 points``."""
    if amount.fixed is not None:
        base = f"{amount.fixed} {unit}"
    elif amount.rest_of:
        base = f"what the shares leave of {amount.rest_of}"
    elif amount.entry:
        base = f"what {amount.entry} booked"
    else:
        base = amount.field or f"what was promised for {one_of(amount.remedies)}"
    if amount.percent_field or amount.percent is not None:
        base = f"{amount.percent_field or amount.percent} % of {base}"
    return base if amount.times == 1 else f"{amount.times} times {base}"


def _consequence(procedure: Procedure, rule: Consequence, language: str) -> dict[str, str]:
    case = procedure.nested.get(case_procedure(procedure.name, rule.name))
    parts = describe(case, language) if case else {}
    told = {
        f"{section}: {name}": "; ".join(f"{key} {text}" for key, text in row.items())
        for section in ("steps", "clocks", "consequences")
        for name, row in parts.get(section, {}).items()
    }
    return {
        "title": _in(rule.title, language),
        "raised": "; ".join(_way(way) for way in rule.ways if way.on),
        "about": rule.ways[0].about,
        "raised by": ", ".join(rule.by),
    } | told


def _way(way: Way) -> str:
    when = f" when {in_words(way.when)}" if in_words(way.when) else ""
    about = f", about {way.about}" if way.about != "unit" else ""
    return f"{way.name + ': ' if way.name else ''}on {one_of(way.on)}{when}{about}"


def _history(rule: HistoryRule) -> dict[str, str]:
    having = ", ".join(f"{name} is {value}" for name, value in rule.having.items())
    return {
        "counts": f"cases of {rule.consequence}" if rule.consequence else "complaints",
        "with the same": ", ".join(rule.same),
        "with": having,
        "ended": one_of(rule.ended) if rule.ended else "",
        "within": f"{rule.days} days",
    }


def _notices(notices: Iterable[Notice]) -> Rows:
    rows: Rows = {}
    for notice in notices:
        name = f"{notice.on} → {', '.join(notice.to)}"
        told = f"{notice.template} when {in_words(notice.when)}" if in_words(notice.when) else notice.template
        row = rows.setdefault(name, {"text": ""})
        row["text"] = "; ".join(filter(None, (row["text"], told)))
    return rows


def _test(test: Test) -> str:
    values = one_of(test.values)
    match test.op:
        case Op.IN if values == "true":
            return test.fact
        case Op.IN:
            return f"{test.fact} is {values}"
        case Op.NOT_IN:
            return f"{test.fact} is not {values}"
        case Op.FROM:
            return f"{test.fact} from {values}"
        case _:
            return f"{test.fact} below {values}"


def _in(titles: Mapping[str, str], language: str) -> str:
    return titles.get(language) or next(iter(titles.values()), "")
