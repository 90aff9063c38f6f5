"""Notices: who is told of what, and in which words."""

from __future__ import annotations

from dataclasses import dataclass

from domain.conditions import ALWAYS, Condition


@dataclass(frozen=True, slots=True)
class Notice:
    """Who is told what when something happens. ``on`` is a trigger, ``to`` posts or ``customer``."""

    on: str
    to: tuple[str, ...]
    template: str
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Text:
    """One message in one language. To customers the parts are always sent in this order (CON-1)."""

    subject: str
    thanks: str = ""
    apology: str = ""
    body: str = ""
    closing: str = ""
