"""Messages people read in Putright itself: the stored row is the message, so there is nothing to send."""

from __future__ import annotations

from domain.messages import Message


class InAppChannel:
    """Always succeeds: the person sees the message as soon as its row is there."""

    async def send(self, message: Message) -> str:
        """Return the receipt ``stored``."""
        return "stored"
