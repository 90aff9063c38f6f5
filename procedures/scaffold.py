"""Beginning a procedure: from a few answers to a complete file that the checker has nothing against."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.errors import Refused
from procedures.loader import check
from procedures.problems import Problem

SPOKEN = ("en", "zh")
"""Languages the shared texts and the usual titles are there in."""

_USUAL: Mapping[str, Mapping[str, str]] = {
    "kind": {"en": "Kind", "zh": "类别"},
    "what": {"en": "What it is about", "zh": "事由"},
    "handle": {"en": "Looking into it", "zh": "核实处理"},
    "propose": {"en": "Proposal", "zh": "处理方案"},
    "approve": {"en": "Approval", "zh": "审批"},
    "decide": {"en": "The customer's decision", "zh": "客户确认"},
    "fulfil": {"en": "Keeping the promise", "zh": "兑现承诺"},
    "callback": {"en": "A call afterwards", "zh": "回访"},
    "look": {"en": "Look into it", "zh": "核实"},
    "dispatch": {"en": "Given to a department", "zh": "派单"},
    "answer": {"en": "Answer of the department", "zh": "部门答复"},
    "result": {"en": "Result for the customer", "zh": "答复客户"},
    "satisfied": {"en": "settled to your satisfaction", "zh": "已按您的意愿解决"},
    "unreached": {"en": "settled; we could not reach you", "zh": "已处理，未能联系到您"},
    "withdrawn": {"en": "withdrawn by you", "zh": "您已撤诉"},
    "held": {"en": "our position stands, as explained to you", "zh": "经解释，维持原处理意见"},
    "apology": {"en": "Apology", "zh": "致歉"},
    "explanation": {"en": "Explanation", "zh": "解释说明"},
    "repair": {"en": "Repair or replacement", "zh": "维修或更换"},
    "refund": {"en": "Refund", "zh": "退款"},
    "compensation": {"en": "Compensation", "zh": "赔偿"},
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody who begins a procedure says. ``titles`` and ``kinds`` by language.

    ``approval_from``: from which amount a supervisor must agree; empty for never. ``calls``: how often the
    customer is tried to be reached afterwards; 0 for no call.
    """

    name: str
    prefix: str
    titles: Mapping[str, str]
    organisation: str = ""
    timezone: str = "Europe/London"
    hours: str = "mon-fri 09:00-17:00"
    holidays: str = ""
    kinds: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: {"other": {"en": "Other"}})
    answer_within: str = "2wd"
    result_within: str = "5wd"
    approval_from: str = ""
    calls: int = 2


def word_for(title: str, taken: Iterable[str] = ()) -> str:
    """A name made of a title: ``Lost parcel`` becomes ``lost_parcel``; a number where no letter is left."""
    word = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:30]
    if not word or not word[0].isalpha():
        word = f"kind_{len(list(taken)) + 1}"
    return word


def draft(answers: Answers) -> str:
    """The procedure as a file, with comments that say what can be changed.

    Raises Refused("languages") for a language that neither has the usual titles nor the shared texts.
    """
    languages = tuple(answers.titles)
    if unknown := [one for one in languages if one not in SPOKEN]:
        raise Refused(
            "languages",
            f"there are no ready texts in {', '.join(unknown)}; begin in en or zh, then translate the file",
        )
    writer = _Writer(languages)
    parts = [
        _head(answers, languages),
        _calendar(answers),
        writer.vocabulary(answers.kinds),
        writer.steps(answers),
        writer.clocks(answers),
        writer.rest(answers),
    ]
    return "\n".join(parts)


def problems(text: str) -> list[Problem]:
    """What the checker has against a draft, for example a time zone that there is not."""
    return check(text)


def _quoted(text: str) -> str:
    """A text as YAML reads it back, whatever is in it."""
    return json.dumps(text, ensure_ascii=False)


def _head(answers: Answers, languages: tuple[str, ...]) -> str:
    titles = ", ".join(f"{language}: {_quoted(title)}" for language, title in answers.titles.items())
    lines = [
        "# What each key means is told in docs/writing-a-procedure.md.",
        "# After every change: putright procedure check, then raise the version.",
        "",
        f"procedure: {answers.name}",
        'version: "1"',
        "extends: base # the usual notices and texts; write one of the same name to replace it",
        f"prefix: {answers.prefix} # the beginning of every reference",
        f"title: {{{titles}}}",
        f"languages: [{', '.join(languages)}]",
    ]
    if answers.organisation:
        lines.insert(-2, f"organisation: {_quoted(answers.organisation)}")
    return "\n".join(lines) + "\n"


def _calendar(answers: Answers) -> str:
    """``mon-fri 09:00-12:00 13:00-17:00, sat 09:00-12:00`` as a calendar."""
    days = {}
    for part in answers.hours.split(","):
        day, *spans = part.split()
        days[day] = ", ".join(_quoted(span) for span in spans)
    hours = ", ".join(f"{day}: [{spans}]" for day, spans in days.items())
    lines = ["calendar:", f"  timezone: {answers.timezone}", f"  hours: {{{hours}}}"]
    if answers.holidays:
        lines.append(f"  holidays: {answers.holidays}")
    if answers.holidays == "cn":
        lines.append("  makeup: cn # make-up workdays")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes what has titles, in the languages of the procedure."""

    languages: tuple[str, ...]

    def title(self, name: str) -> str:
        """One of the usual titles, as YAML."""
        return self.given(_USUAL[name])

    def given(self, titles: Mapping[str, str]) -> str:
        """A title somebody gave; where a language is missing, the one there is."""
        first = next(iter(titles.values()))
        named = (f"{one}: {_quoted(titles.get(one, first))}" for one in self.languages)
        return f"{{{', '.join(named)}}}"

    def vocabulary(self, kinds: Mapping[str, Mapping[str, str]]) -> str:
        """The kinds of complaint, and what is asked when one is opened."""
        words = "\n".join(f"      {name}: {self.given(titles)}" for name, titles in kinds.items())
        return (
            "# The words a route or a deadline may depend on.\n"
            f"vocabulary:\n  kind:\n    title: {self.title('kind')}\n    words:\n{words}\n\n"
            f"defaults: {{kind: {next(iter(kinds))}}}\n\n"
            "# What is asked when a complaint is opened.\n"
            f"form:\n  about: {{type: text, title: {self.title('what')}, required: true}}\n"
        )

    def steps(self, answers: Answers) -> str:
        """The route, from the first order to the last call."""
        after = "  # The customer is called; who is not satisfied starts a new round.\n"
        calls = (
            f"  callback:\n    kind: callback\n    title: {self.title('callback')}\n"
            f"    attempts: {answers.calls}\n    retry_after: 1wd\n"
            "    outcomes: {dissatisfied: reopen, unreached: {close: unreached}}\n"
        )
        approve = (
            f"  approve:\n    kind: approve\n    title: {self.title('approve')}\n"
            f"    when: {{amount: {{from: {answers.approval_from}}}}}\n"
            "    approvals: {supervisor: {by: supervisor}}\n"
            "    outcomes: {refused: {step: propose}, sent_back: {step: propose}}\n"
        )
        return (
            "# The route, from top to bottom.\nsteps:\n"
            f"  handle: # departments answer the orders they are given\n    kind: handle\n"
            f"    title: {self.title('handle')}\n    to: same # in a new round: who had it before\n"
            f"  propose:\n    kind: propose\n    title: {self.title('propose')}\n"
            "    by: [agent, handler, unit_head, supervisor]\n"
            f"{approve if answers.approval_from else ''}"
            f"  decide: # the customer says yes or no\n    kind: decide\n    title: {self.title('decide')}\n"
            "    outcomes: {rejected: reopen}\n"
            f"  fulfil:\n    kind: fulfil\n    title: {self.title('fulfil')}\n"
            "    when: {remedy: [repair, refund, compensation]}\n    by: [agent, handler, supervisor]\n"
            f"{after + calls if answers.calls else ''}"
            "\nrounds: {start_at: handle}\n\n"
            f"purposes:\n  handle: {{title: {self.title('look')}}}\n"
        )

    def clocks(self, answers: Answers) -> str:
        """The deadlines and who is told when one is missed."""
        return (
            "# Deadlines: 8wh are working hours, 2wd working days, 24h hours, 15d days.\nclocks:\n"
            f"  dispatch:\n    title: {self.title('dispatch')}\n    starts: opened\n    stops: dispatched\n"
            "    limit: 4wh\n    ladder: [{at: due, tell: [owner, supervisor]}]\n"
            f"  answer:\n    title: {self.title('answer')}\n    per: order\n    starts: dispatched\n"
            f"    stops: [answered, declined, recalled]\n    limit: {answers.answer_within}\n    ladder:\n"
            "      - {at: 75%, tell: handler}\n      - {at: due, tell: unit_head}\n"
            "      - {at: after 1wd, tell: supervisor}\n"
            f"  result:\n    title: {self.title('result')}\n    starts: opened\n    stops: entered:decide\n"
            f"    rearm: true # a new round has a new deadline\n    limit: {answers.result_within}\n"
            "    ladder: [{at: 80%, tell: owner}, {at: due, tell: [owner, supervisor]}]\n"
        )

    def rest(self, answers: Answers) -> str:
        """Notices, endings and remedies."""
        approval = "  - {on: entered:approve, to: supervisor, text: approval_needed}\n"
        unreached = f"  unreached: {{title: {self.title('unreached')}}}\n"
        remedies = "".join(
            f"  {name}: {self.title(name)}\n"
            for name in ("apology", "explanation", "repair", "refund", "compensation")
        )
        return (
            "# Who is told, beside what base.yaml tells.\nnotices:\n"
            f"{approval if answers.approval_from else ''}"
            "  - {on: entered:decide, to: customer, text: proposal}\n\n"
            "# How a complaint may end.\nreasons:\n"
            f"  satisfied: {{title: {self.title('satisfied')}, satisfied: true}}\n"
            f"{unreached if answers.calls else ''}"
            f"  withdrawn: {{title: {self.title('withdrawn')}}}\n"
            f"  held: {{title: {self.title('held')}, by: supervisor, needs_note: true}}\n\n"
            f"# What can be promised.\nremedies:\n{remedies}"
        )
