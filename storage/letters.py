"""Letters: the rows of the outbox for one recipient, the same text on every channel they are told by."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.messages import ChannelName, Notify
from domain.procedure import Procedure
from storage.canonical import clean
from storage.holders import ALERT, Resolver, Told
from storage.telling import Moment, Texts, structured, variables

_NAMESPACE = uuid.UUID("6f1c1f0e-6f1b-5a55-9c57-3e1d5f0b8a11")


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes the messages of one complaint."""

    texts: Texts
    procedure: Procedure
    customer_name: str
    portal_link: str

    def rows(self, moment: Moment, notice: Notify, told: Told, resolver: Resolver) -> list[dict[str, Any]]:
        """One row of ``messages`` for each channel of the recipient."""
        complaint, recipient = moment.complaint, told.recipient
        language = recipient.language or complaint.language
        if language not in self.procedure.languages:
            language = self.procedure.languages[0]
        order = complaint.order(notice.order)
        unit_id = resolver.unit_of(order) if order else ""
        unit = resolver.directory.units.get(unit_id)
        title = unit.title(language) if unit else unit_id
        given = variables(self.texts, self.procedure, moment, notice, language=language, unit_title=title)
        given |= {
            "customer_name": self.customer_name,
            "recipient_name": recipient.name,
            "portal_link": self.portal_link,
        }
        if told.template == ALERT:
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
            "data": structured(moment, notice, told.template, unit_id),
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
            rendered = self.texts.render(self.procedure, told.template, language, given)
        except ValueError as error:
            about = (told.template.replace("_", " "), given["reason"], given["text"])
            title = f"{given['ref']}: {about[0]}"
            return title, f"{given['ref']}: {', '.join(part for part in about if part)}", f"text: {error}"
        return rendered.subject, rendered.body, ""


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
