"""Procedures as they travel: small, and readable for ever."""

import hashlib
import zlib

import pytest

import wire
from procedures.loader import load_pack, packs


def test_what_was_packed_against_never_changes() -> None:
    assert hashlib.sha256(wire.TYPICAL).hexdigest() == (
        "b145abf9ad5300f2b5fc16cd707ddb2f0f1a491f1a3101f212df5c8c72e9c686"
    )


@pytest.mark.parametrize("name", packs())
def test_rules_travel_small_and_whole(name: str) -> None:
    rules = wire.rules_of(load_pack(name))
    packed = wire.pack(rules)
    assert wire.unpack(packed) == rules
    assert len(packed) < 3500
    plain = zlib.compress(wire.PROCEDURE.dump_json(rules, exclude_defaults=True), level=9)
    assert len(packed) < 0.8 * len(plain)


def test_what_was_packed_without_is_read_still() -> None:
    rules = wire.rules_of(load_pack("telecom-si"))
    plain = zlib.compress(wire.PROCEDURE.dump_json(rules, exclude_defaults=True), level=9)
    assert wire.unpack(plain) == rules
