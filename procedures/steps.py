"""Reading the route: steps, where their outcomes lead, approvals, callbacks and rounds."""

from __future__ import annotations

from domain.guidance import Guidance
from domain.measures import Measure
from domain.procedure import RoundPolicy
from domain.roles import STAFF_ROLES
from domain.step import OUTCOMES, CallbackPolicy, Step, StepKind, Target
from domain.worktime import Limit
from procedures.approvals import read_approvals
from procedures.forms import read_form
from procedures.nodes import Entry, Table
from procedures.offices import read_roles
from procedures.orders import read_planned, read_units
from procedures.problems import did_you_mean, one_of
from procedures.sheet import Sheet, read_condition, read_title, read_titles

_COMMON = ("kind", "title", "when", "outcomes", "guidance")
_KEYS: dict[StepKind, tuple[str, ...]] = {
    StepKind.TASK: ("by", "form"),
    StepKind.HANDLE: ("to", "join", "form", "orders"),
    StepKind.PROPOSE: ("by", "form", "within_authority", "at_least"),
    StepKind.APPROVE: ("approvals", "in_parallel"),
    StepKind.DECIDE: (),
    StepKind.FULFIL: ("by",),
    StepKind.CALLBACK: ("attempts", "retry_after", "first_after", "sample", "questions", "in_hours"),
}
_MUST_SAY: dict[StepKind, tuple[str, ...]] = {
    StepKind.APPROVE: ("refused", "sent_back"),
    StepKind.DECIDE: ("rejected",),
    StepKind.CALLBACK: ("dissatisfied", "unreached"),
}
"""Outcomes that must not simply lead on: the procedure says where they lead."""


def read_steps(sheet: Sheet, entry: Entry | None) -> tuple[Step, ...]:
    """The steps in the order in which they are taken."""
    return tuple(_read_step(sheet, name, key, value) for name, key, value in entry.named()) if entry else ()


def _read_step(sheet: Sheet, name: str, key: Entry, entry: Entry) -> Step:
    sheet.put("step", name, key)
    kind = _read_kind(entry)
    table = entry.table((*_COMMON, *_KEYS[kind]))
    title = table.need("title", "what the step is called")
    in_parallel, join = table.get("in_parallel"), table.get("join")
    within, least = table.get("within_authority"), table.get("at_least")
    outcomes = _read_outcomes(sheet, name, kind, table)
    orders = read_planned(sheet, name, table)
    by = table.get("by")
    if kind is StepKind.TASK and by is None:
        known = one_of((*STAFF_ROLES, *sheet.offices))
        entry.wrong("missing", f"'by' is missing: who does the task, one of owner, {known}")
    return Step(
        name=name,
        kind=kind,
        title=read_title(sheet, title) if title else {},
        when=read_condition(sheet, table.get("when")),
        by=read_roles(sheet, by, with_owner=True, with_chosen=True),
        to=read_units(sheet, table.get("to")),
        join=join.choice(("all", "any", *(order.purpose for order in orders))) if join else "all",
        outcomes=outcomes,
        requires=read_form(sheet, table.get("form")),
        approvals=read_approvals(sheet, table) if kind is StepKind.APPROVE else (),
        in_parallel=in_parallel.yes_no() if in_parallel else False,
        callback=_read_callback(sheet, table) if kind is StepKind.CALLBACK else None,
        within_authority=within.yes_no() if within else False,
        at_least=least.whole(1, 20) if least else 1,
        orders=orders,
        guidance=_read_guidance(sheet, name, kind, table.get("guidance")),
    )


def _read_kind(entry: Entry) -> StepKind:
    kinds = [kind.value for kind in StepKind]
    table = entry.table()
    found = table.need("kind", f"what kind of work it is, {one_of(kinds)}")
    return StepKind(found.choice(kinds)) if found else StepKind.TASK


def _read_outcomes(sheet: Sheet, step: str, kind: StepKind, table: Table) -> dict[str, Target]:
    entry = table.get("outcomes")
    rows = entry.table().rows if entry else {}
    known = OUTCOMES[kind]
    found: dict[str, Target] = {}
    for name, (key, value) in rows.items():
        if known and name not in known:
            key.wrong("outcome", f"a {kind.value} step has no outcome {name!r}: {did_you_mean(name, known)}")
            continue
        if not known and not key.is_word():
            continue
        sheet.put("outcome", f"{step}:{name}", key)
        found[name] = _read_target(sheet, value, titled=None if known else f"outcome.{step}.{name}")
    for name in _MUST_SAY.get(kind, ()):
        if name not in found:
            table.entry.wrong("missing", f"the step {step!r} does not say where the outcome {name!r} leads")
    if kind is StepKind.TASK and not found:
        table.entry.wrong("missing", f"the task {step!r} has no outcomes, so it could never be finished")
    return found


_WITHOUT_END = (StepKind.HANDLE, StepKind.APPROVE)
"""Kinds of steps that nobody finishes as a whole, so that no guidance can keep them open."""


def _read_guidance(sheet: Sheet, step: str, kind: StepKind, entry: Entry | None) -> Guidance | None:
    """``points`` to mind, each with what it says, and whether they are ``required``."""
    if entry is None:
        return None
    table = entry.table(("points", "required"))
    points = table.need("points", "what is to be minded, each with its title")
    required = table.get("required")
    needed = required.yes_no() if required else False
    if required and needed and kind in _WITHOUT_END:
        ending = one_of(k.value for k in StepKind if k not in _WITHOUT_END)
        required.wrong(
            "guidance",
            f"a {kind.value} step ends when others have answered, so its guidance cannot be required; it can "
            f"in {ending}",
        )
    return Guidance(read_titles(sheet, points, f"guidance.{step}"), needed)


def _read_target(sheet: Sheet, entry: Entry, titled: str | None) -> Target:
    """``next``, ``reopen``, ``close: reason`` or ``step: name``, with facts to ``set`` on the way."""
    if not entry.is_table:
        if titled:
            entry.wrong("missing_language", "the outcome of a task needs a title: {go: next, title: {…}}")
        word = entry.choice(("next", "reopen"))
        return Target("reopen" if word == "reopen" else "next")
    table = entry.table(("go", "step", "close", "set", "measures", *(("title",) if titled else ())))
    ways = [key for key in ("go", "step", "close") if table.get(key)]
    if len(ways) != 1:
        entry.wrong(
            "target", "say where it leads in exactly one way: go: next, go: reopen, step: …, close: …"
        )
    if titled:
        title = table.need("title", "what the outcome is called")
        sheet.titles[titled] = read_title(sheet, title) if title else {}
    put = table.get("set")
    facts = tuple((name, _fact(sheet, name, value)) for name, _, value in put.named()) if put else ()
    taken = table.get("measures")
    known = [measure.value for measure in Measure]
    measures = tuple(item.choice(known) for item in taken.items()) if taken else ()
    step, close, go = table.get("step"), table.get("close"), table.get("go")
    if step:
        return Target("step", step.text(), facts, measures)
    if close:
        return Target("close", close.text(), facts, measures)
    reopen = go is not None and go.choice(("next", "reopen")) == "reopen"
    return Target("reopen" if reopen else "next", "", facts, measures)


def _fact(sheet: Sheet, name: str, entry: Entry) -> str:
    sheet.put("set", f"{name}={entry.text()}", entry)
    return entry.text()


def _read_callback(sheet: Sheet, table: Table) -> CallbackPolicy:
    attempts = table.need("attempts", "how often the customer is called before giving up, for example 3")
    retry = table.need("retry_after", "how long to wait before calling again, for example 4wh")
    first, sample, in_hours = table.get("first_after"), table.get("sample"), table.get("in_hours")
    return CallbackPolicy(
        attempts=attempts.whole(1, 50) if attempts else 1,
        retry_after=retry.limit() if retry else Limit(1, "wd"),
        sample=sample.whole(0, 100) if sample else 100,
        first_after=first.limit() if first else None,
        questions=read_form(sheet, table.get("questions")),
        in_hours=in_hours.yes_no() if in_hours else False,
    )


def read_rounds(sheet: Sheet, entry: Entry | None) -> RoundPolicy:
    """Where a new round begins, and how many there may be."""
    if entry is None:
        return RoundPolicy("")
    table = entry.table(("start_at", "limit", "then", "superior_from"))
    start = table.need("start_at", "the step with which a new round begins")
    limit, superior = table.get("limit"), table.get("superior_from")
    then = table.get("then")
    sheet.put("rounds", "start_at", start or entry)
    sheet.put("rounds", "then", then or limit or entry)
    return RoundPolicy(
        start_at=start.text() if start else "",
        limit=limit.whole(0, 1000) if limit else 0,
        then=then.text() if then else "",
        superior_from=superior.whole(0, 1000) if superior else 0,
    )
