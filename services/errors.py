"""What a service can say besides a refusal of the domain: that it cannot say anything now."""

from __future__ import annotations

RETRY_AFTER = 2
"""Seconds after which asking again makes sense, unless something better is known."""


class Unavailable(Exception):
    """Something a request needs is down. Nothing is known to have changed; the same request may be repeated.

    what:        the part that is missing, for example ``temporal`` or ``worker``
    reason:      one English sentence for a person
    retry_after: seconds after which to ask again
    """

    def __init__(self, what: str, reason: str, retry_after: int = RETRY_AFTER) -> None:
        super().__init__(reason)
        self.what = what
        self.reason = reason
        self.retry_after = retry_after
