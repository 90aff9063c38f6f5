"""What is measured is a whole complaint, and bare code has its shape."""

import wire
from bench import bare, costliest, path, pure
from bench.__main__ import DEADLINES
from procedures.loader import check, load_pack, packs


def test_the_shortest_path_ends_satisfied_and_is_told_at_four_places():
    procedure = load_pack("telecom-si")
    pure.decide_one(procedure, "TEST-1", path.MONDAY)
    told = path.told(procedure)
    assert len(told) == len(bare.STAGES)
    assert told == (True, True, False, True, False, True)


def test_the_procedure_for_deadlines_is_in_order():
    assert check(DEADLINES) == []


def test_the_path_of_the_costliest_pack_leads_to_its_end() -> None:
    """And no other pack has a longer route: else the bench measures the wrong one."""
    longest = max((load_pack(name) for name in packs()), key=lambda pack: len(pack.steps))
    assert longest.name == costliest.PACK
    costliest.decide_one(wire.unpack(wire.pack_rules(longest)), "BENCH-1")
