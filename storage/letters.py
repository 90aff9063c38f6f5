"""Letters: the rows of the outbox for one recipient, the same text on every channel they are told by."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.complaint import Complaint
from domain.events import Event, Fact
from domain.messages import EMPTY_POST, ChannelName, Notify
from domain.procedure import Procedure
from storage.canonical import clean
from storage.holders import Resolver, Told

_NAMESPACE = uuid.UUID("6f1c1f0e-6f1b-5a55-9c57-3e1d5f0b8a11")


class Rendered(Protocol):
    """A message ready to be sent."""

    @property
    def subject(self) -> str:
        """One line."""

    @property
    def body(self) -> str:
        """Plain text."""


class Render(Protocol):
    """Makes the text of a message; ``procedures.texts.render`` is one."""

    def __call__(
        self, procedure: Procedure, template: str, language: str, variables: Mapping[str, Any], /
    ) -> Rendered:
        """The message in that language, else the procedure's first; ValueError if it cannot be made."""


class Variables(Protocol):
    """Gathers what a text is filled with; ``procedures.variables.variables`` is one."""

    def __call__(
        self,
        procedure: Procedure,
        complaint: Complaint,
        fact: Fact,
        language: str,
        /,
        *,
        order: str,
        clock: str,
        unit_names: Mapping[str, str],
        customer_name: str,
        recipient_name: str,
        portal_link: str,
    ) -> dict[str, Any]:
        """Every variable for one message about ``fact``; ``complaint`` is the state after it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An event of a complaint, the state right after it, and the event's hash."""

    event: Event
    complaint: Complaint
    hash: bytes


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes the messages of one complaint."""

    render: Render
    variables: Variables
    procedure: Procedure
    customer_name: str
    portal_link: str

    def rows(self, moment: Moment, notice: Notify, told: Told, resolver: Resolver) -> list[dict[str, Any]]:
        """One row of ``messages`` for each channel of the recipient."""
        complaint, recipient = moment.complaint, told.recipient
        language = recipient.language or complaint.language
        if language not in self.procedure.languages:
            language = self.procedure.languages[0]
        given = self.variables(
            self.procedure,
            complaint,
            moment.event.fact,
            language,
            order=notice.order,
            clock=notice.clock,
            unit_names={unit.id: unit.title(language) for unit in resolver.directory.units.values()},
            customer_name=self.customer_name,
            recipient_name=recipient.name,
            portal_link=self.portal_link,
        )
        if told.template == EMPTY_POST != notice.template:
            given |= {"reason": recipient.post, "text": notice.template}
        subject, body, problem = self._text(told, language, given)
        common = {
            "ref": complaint.ref,
            "seq": moment.event.seq,
            "template": told.template,
            "recipient": recipient.id,
            "recipient_name": recipient.name,
            "post": recipient.post,
            "stand_in": recipient.stand_in,
            "subject": subject,
            "body": body,
            "data": _structured(moment, notice, told.template, resolver),
            "last_error": problem,
        }
        return [
            _on_channel(common, moment.hash, channel, address)
            for channel, address in recipient.addresses.items()
        ]

    def _text(self, told: Told, language: str, given: Mapping[str, Any]) -> tuple[str, str, str]:
        """Subject and body, and what was wrong with the text.

        A text that cannot be made must not keep the message back: it goes out saying only what it is about.
        """
        try:
            rendered = self.render(self.procedure, told.template, language, given)
        except ValueError as error:
            about = (told.template.replace("_", " "), given["reason"], given["text"])
            subject = f"{given['ref']}: {about[0]}"
            return subject, f"{given['ref']}: {', '.join(part for part in about if part)}", f"text: {error}"
        return rendered.subject, rendered.body, ""


def _structured(moment: Moment, notice: Notify, template: str, resolver: Resolver) -> dict[str, str]:
    """The same for machines: what webhooks carry. Nothing personal, instants in UTC."""
    complaint, event = moment.complaint, moment.event
    clock = complaint.clock(notice.clock)
    order = complaint.order(notice.order)
    data = {
        "ref": complaint.ref,
        "seq": str(event.seq),
        "event": event.fact.kind,
        "at": event.at.isoformat(),
        "template": template,
        "status": complaint.status.value,
        "round": str(complaint.round),
        "order": notice.order,
        "unit": resolver.unit_of(order) if order else "",
        "purpose": order.purpose if order else "",
        "clock": clock.rule if clock else "",
        "due_at": clock.due_at.isoformat() if clock and clock.due_at else "",
    }
    return {name: value for name, value in data.items() if value}


def _on_channel(
    common: Mapping[str, Any], event_hash: bytes, channel: ChannelName, address: str
) -> dict[str, Any]:
    """The row for one channel.

    Its key is the same on every try, and another when another event takes the place of this one.
    """
    told = "\n".join((common["template"], common["recipient"], channel.value)).encode()
    key = hashlib.sha256(event_hash + told).hexdigest()[:40]
    row: dict[str, Any] = clean({**common, "key": key, "channel": channel.value, "address": address})
    return {**row, "id": uuid.uuid5(_NAMESPACE, key)}
