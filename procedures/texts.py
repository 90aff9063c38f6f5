"""Turning the texts of a procedure into messages: Jinja2 in a sandbox, with a closed set of variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from domain.draft import AGREED_STOPS
from domain.fields import ROUTABLE
from domain.procedure import Procedure
from procedures.facts import all_fields

VARIABLES: Mapping[str, str] = {
    "ref": "the complaint's reference",
    "title": "the title of the procedure",
    "organisation": "the name of the organisation",
    "facts": "facts of the complaint by name, in the reader's language: facts.kind",
    "order": "the order it is about: order.id, order.unit, order.note, order.due (blank when none)",
    "clock": "the deadline it is about: clock.title, clock.due (blank when none)",
    "due": "until when each deadline runs, by its name: due.reply (blank when it does not)",
    "options": "the solutions offered, each with id, text and remedies (a list of texts)",
    "answers": "what was filled in with what just happened, by field: answers.reply (blank when nothing)",
    "grounds": "why these solutions were offered",
    "accepted": "the solution the customer accepted: accepted.id, accepted.text (blank when none)",
    "reason": "why: of a refusal, a return, a reopening, or the title of the closing reason",
    "text": "what was written: to the customer, in a note, in an answer",
    "at": "the instant agreed with the customer: of a visit or a promised reply (blank when none)",
    "round": "the number of the round",
    "consequence": "what was raised: consequence.ref, consequence.title (blank when nothing)",
    "parent": "in the case of a consequence, the reference of the complaint that raised it",
    "posting": "the money it is about: posting.title, posting.amount (blank when none)",
    "portal_link": "the customer's private page",
    "customer_name": "the customer's name",
    "recipient_name": "the name of whoever gets this message",
    "external_ways": "the authorities a customer can turn to, a list of texts",
    "referred_to": "those of them the customer is referred to at the end, a list of texts",
    "ending": "the name of the closing reason (blank while it is open), to be compared in {% if %}",
    "final": "whether the end is final: it cannot be opened again",
}
"""What a text can use, with what it means."""

CUSTOMER_ORDER = ("thanks", "apology", "body", "closing")
"""CON-1: thanks and apology come before anything else, whatever the procedure writes."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to be sent."""

    subject: str
    body: str


class TextError(ValueError):
    """A text cannot be rendered: it does not compile, or uses something that is not there."""


def render(procedure: Procedure, template: str, language: str, variables: Mapping[str, Any]) -> Rendered:
    """The message ``template`` in ``language``, else in the procedure's first language.

    ``variables`` holds every name of ``VARIABLES`` (see ``procedures.variables``). Values are put in as they
    are: the body is plain text. Raises TextError when there is no such text or it does not render.
    """
    by_language = procedure.texts.get(template)
    if not by_language:
        raise TextError(f"{procedure.name} has no text {template!r}")
    text = by_language.get(language) or by_language[procedure.languages[0]]
    parts = [render_part(getattr(text, part), variables).strip() for part in CUSTOMER_ORDER]
    subject = " ".join(render_part(text.subject, variables).split())
    return Rendered(subject, "\n\n".join(part for part in parts if part))


def render_part(source: str, variables: Mapping[str, Any]) -> str:
    """One part of a text with its variables filled in; raises TextError."""
    try:
        return compiled(source).render(variables)
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise TextError(str(error)) from error


@lru_cache(maxsize=2048)
def compiled(source: str) -> jinja2.Template:
    """The compiled template; raises jinja2.TemplateSyntaxError."""
    try:
        return _ENVIRONMENT.from_string(source)
    except RecursionError as error:
        raise jinja2.TemplateSyntaxError("too many brackets lie in each other", 1) from error


FILTERS = (
    "capitalize", "default", "first", "int", "join", "last", "length", "list", "lower", "reject", "replace",
    "round", "select", "sort", "title", "trim", "truncate", "unique", "upper",
)  # fmt: skip
"""The filters a text may use: none makes a long text of a short one."""


class _Environment(ImmutableSandboxedEnvironment):
    """A text has nothing to compute: no calls, and no arithmetic by which few words become many."""

    intercepted_binops = frozenset(("*", "**", "%"))

    def call_binop(self, _: Any, operator: str, __: Any, ___: Any) -> Any:
        """Raises SecurityError."""
        raise SecurityError(f"a text cannot compute with {operator}")

    def is_safe_callable(self, _: Any) -> bool:
        """No: neither methods nor macros."""
        return False


_ENVIRONMENT = _Environment(
    undefined=jinja2.StrictUndefined,
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals.clear()
"""No ranges, cyclers or namespaces either."""
_ENVIRONMENT.filters = {name: _ENVIRONMENT.filters[name] for name in FILTERS}


def title_of(procedure: Procedure, key: str, language: str) -> str:
    """The title kept under ``key`` (``kind.complaint``, ``remedy.refund``), else the last word of the key."""
    titles = procedure.titles.get(key, {})
    return titles.get(language) or titles.get(procedure.languages[0]) or key.rpartition(".")[2]


def translated_facts(procedure: Procedure, facts: Mapping[str, str], language: str) -> dict[str, str]:
    """The facts as people read them; every name of the vocabulary and of the forms is there, else blank."""
    fields = [f for f in all_fields(procedure) if f.type in ROUTABLE and not f.personal]
    choices = {f.name for f in fields if f.choices}
    shown = dict.fromkeys((*procedure.vocabulary, *(f.name for f in fields)), "")
    for name, value in facts.items():
        if name in procedure.vocabulary:
            shown[name] = title_of(procedure, f"{name}.{value}", language)
        elif name in choices:
            shown[name] = title_of(procedure, f"field.{name}.{value}", language)
        else:
            shown[name] = value
    return shown


def sample_variables(procedure: Procedure, language: str) -> dict[str, Any]:
    """Plausible values for every variable: what the checker tries each text with, and previews show."""
    facts = {name: words[0] for name, words in procedure.vocabulary.items() if words}
    routable = {f.name: (f.choices[0] if f.choices else "1") for f in all_fields(procedure)}
    ways = (*procedure.external_ways, *(way.title for way in procedure.ways))
    option = {"id": "1", "text": "…", "remedies": ["…"]}
    return {
        "ref": f"{procedure.prefix}-2026-000001",
        "title": procedure.title.get(language, ""),
        "organisation": procedure.organisation,
        "facts": translated_facts(procedure, {**routable, **facts}, language),
        "order": {"id": "1", "unit": "…", "note": "…", "due": "2026-11-21 18:00"},
        "clock": {"title": "…", "due": "2026-11-21 18:00"},
        "due": dict.fromkeys((*(rule.name for rule in procedure.clocks), *AGREED_STOPS), "2026-11-21 18:00"),
        "options": [option],
        "accepted": option,
        "reason": "…",
        "text": "…",
        "at": "2026-11-21 18:00",
        "round": 1,
        "consequence": {"ref": f"{procedure.prefix}-2026-000001-1", "title": "…"},
        "parent": f"{procedure.prefix}-2026-000001",
        "posting": {"title": "…", "amount": "200.00 CNY"},
        "portal_link": "https://example.org/c/…",
        "customer_name": "…",
        "recipient_name": "…",
        "external_ways": [way.get(language, "") for way in ways],
        "answers": {f.name: "…" for f in all_fields(procedure)},
        "grounds": "…",
        "referred_to": [way.get(language, "") for way in ways],
        "ending": "",
        "final": False,
    }


__all__ = ["VARIABLES", "Rendered", "TextError", "render", "sample_variables", "title_of"]
