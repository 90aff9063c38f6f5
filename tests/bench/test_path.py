"""What is measured is a whole complaint, and bare code has its shape."""

from bench import bare, path, pure
from bench.__main__ import DEADLINES
from procedures.loader import check, load_pack


def test_the_shortest_path_ends_satisfied_and_is_told_at_four_places():
    procedure = load_pack("telecom-si")
    pure.decide_one(procedure, "TEST-1", path.MONDAY)
    told = path.told(procedure)
    assert len(told) == len(bare.STAGES)
    assert told == (True, True, False, True, False, True)


def test_the_procedure_for_deadlines_is_in_order():
    assert check(DEADLINES) == []
