"""Who asks, and what comes with every command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.events import Place

LOOKED_UP: Mapping[str, bool] = {"looked_up": True}
"""Metadata of a field that nobody fills in who asks: it is looked up before the command is decided."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. ``roles`` as in ``domain.roles``; ``units`` are those the actor works for."""

    id: str
    roles: tuple[str, ...]
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What comes with every command: the actor, an id for repeats, the sequence last seen by the caller.

    ``files`` are those attachments the command names that belong to this complaint, each with its kind of
    evidence, and ``places`` where the units its answers name stand in the directory, as whoever passes the
    command on has found them: the domain cannot look them up. ``away``: the roles whose holders are all
    away, as ``role`` or ``role:unit``.
    """

    actor: Actor
    request_id: str = ""
    expected_seq: int | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    away: frozenset[str] = frozenset()
