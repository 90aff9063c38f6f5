"""Organisation files: what is shipped can be used, and what is wrong is said with its line."""

from __future__ import annotations

import pytest

from procedures.loader import packs
from procedures.organisation import (
    DEMONSTRATION,
    ONLY_TOLD,
    load_organisation,
    load_shipped,
    organisations,
    problems_of,
)
from procedures.problems import ProcedureProblems

GOOD = """organisation: shop
units:
  north: {kind: branch, name: {en: North}, parent: shop}
  shop: {kind: company, name: {en: Shop}}
people:
  li: {name: Li, posts: [{role: handler, unit: north, rank: B}, {role: duty}]}
  wu: {name: Wu, roles: [approver], posts: [{role: chairman, unit: shop}]}
"""


def test_units_come_with_those_above_first_and_people_act_as_what_they_hold() -> None:
    found = load_organisation(GOOD)
    assert [unit.id for unit in found.units] == ["shop", "north"]
    li, wu = found.people
    assert (li.acts_as, li.units, li.email) == (("handler",), ("north",), "li@putright.example")
    assert wu.acts_as == ("approver", "chairman")


@pytest.mark.parametrize(
    ("was", "now", "line", "words"),
    [
        ("parent: shop", "parent: shpo", 3, "did you mean 'shop'?"),
        ("unit: north", "unit: nroth", 6, "did you mean 'north'?"),
        ("rank: B", "rank: C", 6, "use A or B"),
        ("  shop: {kind", "  Shop: {kind", 4, "cannot be an id"),
        ("{kind: company, name: {en: Shop}}", "{kind: company}", 4, "'name' is missing"),
        ("name: Wu, roles", "nmae: Wu, roles", 7, "did you mean 'name'?"),
        ("roles: [approver]", "roles: [aprover]", 7, "at least one of these must be a role"),
        ("name: {en: Shop}}", "name: {en: Shop}, parent: north}", 3, "stands above itself"),
        ("unit: north, rank: B}, {role: duty}", "unit: north}, {role: unit_head}", 6, "whom this person"),
        ("organisation: shop\n", "", 1, "'organisation' is missing"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(was: str, now: str, line: int, words: str) -> None:
    assert was in GOOD
    text = GOOD.replace(was, now)
    found = problems_of(text)
    assert (line if "organisation: shop" in text else 1) in [problem.line for problem in found]
    assert any(words in problem.message for problem in found), found
    with pytest.raises(ProcedureProblems):
        load_organisation(text)


def test_every_shipped_organisation_is_for_a_shipped_procedure_and_has_somebody_on_duty() -> None:
    assert set(organisations()) - {DEMONSTRATION} <= set(packs())
    for name, found in load_shipped().items():
        assert found.name == name
        held = {post.role for person in found.people for post in person.posts}
        assert held >= {"supervisor", "duty"}, name
        assert all(person.acts_as for person in found.people if not set(ONLY_TOLD) & held)
