"""The key under which a provider knows a message: the same on every try, so that it can tell a repetition."""

from __future__ import annotations

import hashlib
import re

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


def provider_key(key: str) -> str:
    """Return ``key`` if it can stand in any header, URL or Message-ID, else ``msg_`` and its SHA-256.

    At most 68 ASCII letters, digits, ``-`` and ``_``: in particular no dot, which separates the parts
    of what a webhook signs, and no ``@``, which separates the parts of a Message-ID.
    """
    if _PLAIN.fullmatch(key):
        return key
    return "msg_" + hashlib.sha256(key.encode()).hexdigest()


def one_line(text: str, most: int = 300) -> str:
    """Return what a provider answered as one line of at most ``most`` characters, to be kept as an error."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
