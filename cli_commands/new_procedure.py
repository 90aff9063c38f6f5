"""`putright procedure new`: a procedure begun from a few questions, or from options where a script asks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli_commands.terminal import USAGE, Failure, say

if TYPE_CHECKING:
    from procedures.scaffold import Answers

QUESTIONS: Mapping[str, str] = {
    "title": "What is it called? In each language, for example en=Complaints of the corner shop",
    "organisation": "Whose complaints are they (the organisation's name)?",
    "prefix": "How do references begin (up to 8 capital letters and digits)?",
    "timezone": "In which time zone do you work, for example Europe/Dublin or Asia/Shanghai?",
    "hours": "When do you work, for example mon-fri 09:00-13:00 14:00-18:00, sat 09:00-13:00?",
    "holidays": "Whose public holidays do you keep (a country's code such as ie or cn; nothing for none)?",
    "kinds": "Which kinds of complaint are there, for example Goods, Service?",
    "answer": "Within what time must a department answer (8wh working hours, 2wd working days, 15d days)?",
    "result": "Within what time must the customer hear a result?",
    "approval": "From which amount must a supervisor agree (nothing for never)?",
    "calls": "How often is the customer called afterwards until reached (0 for no call)?",
}
"""What is asked, by the name of the option that answers it."""


def new(  # noqa: PLR0917 - one option for each question
    name: Annotated[str, typer.Argument(help="Its name: lower-case letters and digits with hyphens.")],
    title: Annotated[
        list[str] | None, typer.Option(help=QUESTIONS["title"] + "; once for each language.")
    ] = None,
    organisation: Annotated[str | None, typer.Option(help=QUESTIONS["organisation"])] = None,
    prefix: Annotated[str | None, typer.Option(help=QUESTIONS["prefix"])] = None,
    timezone: Annotated[str | None, typer.Option(help=QUESTIONS["timezone"])] = None,
    hours: Annotated[str | None, typer.Option(help=QUESTIONS["hours"])] = None,
    holidays: Annotated[str | None, typer.Option(help=QUESTIONS["holidays"])] = None,
    kinds: Annotated[str | None, typer.Option(help=QUESTIONS["kinds"])] = None,
    answer: Annotated[str | None, typer.Option(help=QUESTIONS["answer"])] = None,
    result: Annotated[str | None, typer.Option(help=QUESTIONS["result"])] = None,
    approval: Annotated[str | None, typer.Option(help=QUESTIONS["approval"])] = None,
    calls: Annotated[str | None, typer.Option(help=QUESTIONS["calls"])] = None,
    *,
    out: Annotated[Path | None, typer.Option(help="The file to write.", show_default="NAME.yaml")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; what is not said is usual.")] = False,
) -> None:
    """Begin a procedure: answer some questions and get a complete file to go on from.

    What is said by an option is not asked; without a terminal nothing is.

    \b
    putright procedure new corner-shop
    putright procedure new corner-shop --title "en=Complaints of the corner shop" --kinds "Goods, Service"
    """
    from procedures.scaffold import draft

    given: dict[str, Any] = {
        "title": title or None, "organisation": organisation, "prefix": prefix, "timezone": timezone,
        "hours": hours, "holidays": holidays, "kinds": kinds, "answer": answer, "result": result,
        "approval": approval, "calls": calls,
    }  # fmt: skip
    path = out or Path(f"{name}.yaml")
    if path.exists():
        raise Failure(f"{path} is there already; choose another name, or --out another file.", USAGE)
    ask = not yes and sys.stdin.isatty()
    answers = _named(name)
    for option in QUESTIONS:
        answers = _answered(answers, option, given[option], ask=ask)
    path.write_text(draft(answers), encoding="utf-8")
    say(f"wrote {path}: complete, and yours to change.", style="green")
    say(f"Next: putright procedure check {path}, then putright procedure load {path}")


def _named(name: str) -> Answers:
    from procedures.scaffold import Answers

    usual = Answers(name, "".join(filter(str.isalnum, name)).upper()[:8], {"en": name})
    if wrong := _problems(usual):
        raise Failure("\n".join([f"{name!r} cannot be its name:", *wrong]), USAGE)
    return usual


def _answered(answers: Answers, option: str, said: Any, *, ask: bool) -> Answers:
    """The answers with one more: by option, by asking until it can be used, or as usual."""
    if said is None and not ask:
        return answers
    while True:
        text = said if said is not None else _asked(option, answers)
        try:
            found = PUT[option](answers, text)
        except ValueError as error:
            wrong = [str(error)]
        else:
            if not (wrong := _problems(found)):
                return found
        if said is not None:
            raise Failure("\n".join([f"--{option} {text!r} cannot be used:", *wrong]), USAGE)
        say("\n".join(wrong), style="red")


def _asked(option: str, answers: Answers) -> str:
    usual = {
        "title": f"en={answers.titles['en']}" if "en" in answers.titles else "",
        "organisation": answers.organisation,
        "prefix": answers.prefix,
        "timezone": answers.timezone,
        "hours": answers.hours,
        "holidays": answers.holidays,
        "kinds": "Other",
        "answer": answers.answer_within,
        "result": answers.result_within,
        "approval": answers.approval_from,
        "calls": str(answers.calls),
    }
    return str(typer.prompt(QUESTIONS[option], default=usual[option]))


def _problems(answers: Answers) -> list[str]:
    """What stands against a draft with these answers, in words, without lines of a file that is not there."""
    from domain.errors import Refused
    from procedures.scaffold import draft, problems

    try:
        return [f"  {problem.message}" for problem in problems(draft(answers))]
    except Refused as refusal:
        return [f"  {refusal.reason}"]


def _titles(answers: Answers, said: str | list[str]) -> Answers:
    """``en=…`` for each language; where no language is said, English."""
    titles = {}
    for one in [said] if isinstance(said, str) else said:
        language, equals, title = one.partition("=")
        titles.update({language.strip(): title.strip()} if equals else {"en": one.strip()})
    if not all(titles.values()):
        raise ValueError("  a title is missing: write for example en=Complaints of the corner shop")
    return replace(answers, titles=titles)


def _kinds(answers: Answers, said: str) -> Answers:
    """``Goods, Service``; with a slash in each language in turn: ``Goods / 商品, Service / 服务``."""
    from procedures.scaffold import word_for

    kinds: dict[str, dict[str, str]] = {}
    for one in filter(None, map(str.strip, said.split(","))):
        titles = dict(zip(answers.titles, map(str.strip, one.split("/")), strict=False))
        kinds[word_for(next(iter(titles.values())), kinds)] = titles
    if not kinds:
        raise ValueError("  name at least one kind, for example Goods, Service")
    return replace(answers, kinds=kinds)


def _calls(answers: Answers, said: str) -> Answers:
    if not said.isdecimal() or int(said) > 20:
        raise ValueError("  write a number from 0 to 20")
    return replace(answers, calls=int(said))


def _hours(answers: Answers, said: str) -> Answers:
    if not all(len(part.split()) > 1 for part in said.split(",")):
        raise ValueError("  write days and hours: mon-fri 09:00-13:00 14:00-18:00, sat 09:00-13:00")
    return replace(answers, hours=said)


def _text(field: str) -> Callable[[Answers, str], Answers]:
    def put(answers: Answers, said: str) -> Answers:
        changed: dict[str, Any] = {field: said.strip()}
        return replace(answers, **changed)

    return put


PUT: Mapping[str, Callable[[Answers, Any], Answers]] = {
    "title": _titles,
    "organisation": _text("organisation"),
    "prefix": _text("prefix"),
    "timezone": _text("timezone"),
    "hours": _hours,
    "holidays": _text("holidays"),
    "kinds": _kinds,
    "answer": _text("answer_within"),
    "result": _text("result_within"),
    "approval": _text("approval_from"),
    "calls": _calls,
}
