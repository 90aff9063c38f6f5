"""Messages to people and systems: what is to be told, to whom, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the holders of some posts about the event with sequence ``seq``.

    ``to``: posts (see ``domain.roles.POSTS``), roles, or ``customer``; who that is gets looked up
    when the message is sent. ``order`` and ``clock`` name what it is about.
    """

    seq: int
    template: str
    to: tuple[str, ...]
    order: str = ""
    clock: str = ""


EMPTY_POST = "empty_post"
"""Template of the alert that nobody is there for what would have gone to a post or unit."""


@dataclass(frozen=True, slots=True)
class SendRequest:
    """What the sending activity is asked to do: the notices one recording of a complaint caused.

    ``carried``: the run before this one asked for it already and continued as a new one, so somebody may
    just be sending.
    """

    ref: str
    notices: tuple[Notify, ...]
    carried: bool = False


class MessageState(StrEnum):
    """How far a message has come; a failed one can be sent again by hand."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class ChannelName(StrEnum):
    """The ways a message can go."""

    EMAIL = "email"
    SMS = "sms"
    CHAT = "chat"
    WEBHOOK = "webhook"
    IN_APP = "in_app"


PUBLISHED = ("phone", "email", "web", "address")
"""How customers can reach a unit that says so (BNK-1)."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One holder of a post, with the address for each channel they are told by.

    ``post`` is why they are told; ``stand_in`` that the post was empty and the duty owner got it.
    """

    id: str
    name: str
    language: str
    post: str
    addresses: Mapping[ChannelName, str]
    stand_in: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient on one channel; ``key`` is the same on every try.

    ``data`` is the structured form for webhooks; ``subject`` and ``body`` are for people.
    """

    id: str
    key: str
    ref: str
    seq: int
    template: str
    channel: ChannelName
    recipient: str
    address: str
    subject: str
    body: str
    data: Mapping[str, str] = field(default_factory=dict)
    tries: int = 0
    state: MessageState = MessageState.PENDING
