"""`putright retention`: what would go is only shown, what goes is told."""

from sqlalchemy import text

from tests.api.conftest import Site
from tests.cli.conftest import Putright

OLD = text("UPDATE complaints SET closed_at = closed_at - interval '6000 days' WHERE ref = :ref")
COURIER = {"waybill": "SF1", "goods": "A vase", "demand": "A new one"}


async def test_nothing_goes_where_nothing_is_old(with_database: Putright) -> None:
    ran = await with_database("retention", "--dry-run")
    assert "Nothing: every closed complaint may still be kept." in ran.out
    assert (await with_database("retention", "--dry-run", "--json")).data == []


async def test_a_day_that_is_none_and_a_day_that_is_not_for_doing(with_database: Putright) -> None:
    assert "is no day" in (await with_database("retention", "--dry-run", "--at", "tomorrow", code=2)).err
    assert "--at goes with --dry-run" in (await with_database("retention", "--at", "2030-01-01", code=2)).err


async def test_what_would_go_is_shown_and_then_goes(installed: Putright, site: Site) -> None:
    opened = await site.open(procedure="courier", facts={}, form=COURIER, unit="")
    ref = opened.json()["ref"]
    await site.until(ref, lambda seen: seen["seq"] > 0)
    await site.act(ref, "withdraw", reason="It was found")
    assert ref not in (await installed("retention", "--dry-run")).out
    later = await installed("retention", "--dry-run", "--at", "2099-01-01", "--json")
    assert (ref, "anonymise") in [(one["ref"], one["then"]) for one in later.data]
    await site.connections.database.run(OLD, {"ref": ref})
    shown = (await installed("retention", "--dry-run")).out
    assert ref in shown
    assert "would go" in shown
    assert (await site.read(ref))["redacted_at"] is None
    ran = await installed("retention")
    assert "1 complaints were anonymised, 0 deleted." in ran.out
    assert (await site.read(ref))["redacted_at"] is not None
    assert f"{ref}: every event is anonymised on" in (await installed("verify", ref)).out
