"""Checking the texts: there in every language, in the right order of parts, and renderable."""

from __future__ import annotations

import jinja2

from domain.notice import Text
from domain.procedure import Procedure
from domain.step import StepKind
from procedures.problems import Place, did_you_mean, one_of
from procedures.sheet import Sheet
from procedures.texts import VARIABLES, TextError, compiled, render_part, sample_variables
from procedures.wording import PARTS

ALWAYS_NEEDED = ("warned", "escalated", "empty_post")
"""Texts every ladder uses without a notice; the last one tells the duty owner that nobody held a post."""


def used_texts(procedure: Procedure) -> set[str]:
    """The names of the texts that can ever be sent."""
    return {*ALWAYS_NEEDED, *(notice.template for notice in procedure.notices)}


def check_texts(procedure: Procedure, sheet: Sheet) -> None:
    """Note texts that are missing, missing in a language, out of order, or that do not render."""
    _check_there(procedure, sheet)
    results = _results_for_customers(procedure)
    for name, languages in procedure.texts.items():
        place = sheet.place("text", name)
        missing = [language for language in procedure.languages if language not in languages]
        if missing:
            sheet.findings.add(
                place, "missing_language", f"the text {name!r} is missing in {one_of(missing)}"
            )
        for language, text in languages.items():
            where = f"{name}.{language}"
            if name in results and not (text.thanks and text.apology):
                message = (
                    f"{name!r} tells a customer a result, so it begins with thanks and an apology (CON-1): "
                    "write 'thanks:' and 'apology:'"
                )
                sheet.findings.add(sheet.place("text", where), "courtesy", message)
            _check_parts(procedure, sheet, where, language, text)


def _check_there(procedure: Procedure, sheet: Sheet) -> None:
    places = dict.fromkeys(ALWAYS_NEEDED, Place(_file(sheet), 1))
    for notice, place in zip(procedure.notices, sheet.notices, strict=True):
        if notice.template:
            places.setdefault(notice.template, place)
    for name, place in places.items():
        if name not in procedure.texts:
            hint = did_you_mean(name, procedure.texts) if procedure.texts else "write it under 'texts'"
            sheet.findings.add(place, "missing_text", f"there is no text {name!r}: {hint}")


def _results_for_customers(procedure: Procedure) -> set[str]:
    """The texts that tell a customer a result."""
    telling = {"proposed", "answered", "approved", "fulfilled", "closed"}
    deciding = {f"entered:{step.name}" for step in procedure.steps if step.kind is StepKind.DECIDE}
    return {
        notice.template
        for notice in procedure.notices
        if "customer" in notice.to
        and (notice.on in telling | deciding or notice.on.startswith(("finished:", "outcome:")))
    }


def _check_parts(procedure: Procedure, sheet: Sheet, where: str, language: str, text: Text) -> None:
    sample = sample_variables(procedure, language)
    if not any(getattr(text, part) for part in PARTS[1:]):
        sheet.findings.add(
            sheet.place("text", where), "empty", f"the text {where!r} has a subject and nothing else"
        )
    for part in PARTS:
        source = getattr(text, part)
        if not source:
            continue
        place = sheet.place("text", f"{where}.{part}")
        try:
            compiled(source)
            render_part(source, sample)
        except jinja2.TemplateSyntaxError as error:
            sheet.findings.add(place, "template", f"{where}.{part} is not understood: {error.message}")
        except TextError as error:
            message = f"{where}.{part} cannot be filled in: {error}; a text can use {one_of(VARIABLES)}"
            sheet.findings.add(place, "template", message)


def _file(sheet: Sheet) -> str:
    return next(iter(sheet.places.values())).file if sheet.places else "procedure.yaml"
