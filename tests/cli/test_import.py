"""`putright import`: real PostgreSQL, files of our own making."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.demo import load_procedures
from storage.engine import Database
from tests.api.conftest import Site
from tests.cli.conftest import Putright, write_csv
from tests.waiting import until

CFPB = (
    "Date received", "Product", "Sub-product", "Issue", "Consumer complaint narrative", "Company", "State",
    "ZIP code", "Tags", "Submitted via", "Date sent to company", "Complaint ID",
)  # fmt: skip
NYC = ("Unique Key", "Created Date", "Closed Date", "Agency", "Complaint Type", "Descriptor", "Borough")


def cfpb(number: int, **changes: str) -> list[str]:
    """One row in the bureau's columns."""
    row = {
        "Date received": "03/22/23",
        "Product": "Payday loan, title loan, or personal loan",
        "Sub-product": "Installment loan",
        "Issue": "Getting the loan",
        "Consumer complaint narrative": f'First line\nsecond, with "quotes" {number}',
        "Company": "Meridian Lending",
        "State": "TX",
        "ZIP code": "75001",
        "Tags": "None",
        "Submitted via": "Web",
        "Date sent to company": "03/24/23",
        "Complaint ID": str(7_000_000 + number),
    }
    return list((row | changes).values())


def nyc(number: int, **changes: str) -> list[str]:
    """One row in the city's columns."""
    row = {
        "Unique Key": str(34_000_000 + number),
        "Created Date": "09/01/2016 11:30:00 PM",
        "Closed Date": "09/02/2016 12:00:00 AM",
        "Agency": "DEP",
        "Complaint Type": "Noise",
        "Descriptor": "Loud music",
        "Borough": "BRONX",
    }
    return list((row | changes).values())


@pytest.fixture
async def importing(with_database: Putright) -> Putright:
    """`putright` with a database that has the shipped procedures."""
    database = Database.at(with_database.environment["DATABASE_URL"], pool_size=1)
    await load_procedures(database)
    await database.close()
    return with_database


async def rows_of(putright: Putright, query: str) -> list[Any]:
    """The rows of a query in the database of a command."""
    connection = await asyncpg.connect(putright.environment["DATABASE_URL"].replace("+asyncpg", ""))
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def run_import(putright: Putright, path: Path, *more: str, code: int = 0, format: str = "cfpb") -> Any:
    """Import a file for consumer finance; its figures."""
    return (await putright(*arguments(path, *more, format=format), code=code)).data


def arguments(path: Path, *more: str, format: str = "cfpb") -> tuple[str, ...]:
    """The command line that imports a file for consumer finance."""
    return ("import", str(path), "-f", format, "-p", "consumer-finance", "--json", *more)


def rejected(path: Path) -> list[dict[str, str]]:
    """The rows of a reject file."""
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return list(csv.DictReader(file))


async def test_rows_become_complaints_with_all_they_say(importing: Putright, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "c.csv",
        CFPB,
        [
            cfpb(1),
            cfpb(2, **{"Date received": "7/29/2013", "Tags": "Older American", "Submitted via": "Phone"}),
            cfpb(3, Product="Something new", Company="C" * 300),
        ],
        bom=True,
    )
    figures = await run_import(importing, path)
    assert (figures["opened"], figures["duplicates"], figures["rejected"]) == (3, 0, 0)
    assert not (tmp_path / "c.csv.rejects.csv").exists()
    first, second, third = await rows_of(
        importing,
        "SELECT c.*, form->>'issue' AS issue, facts->>'product' AS product, facts->>'consumer' AS consumer, "
        "o.payload FROM complaints c JOIN intake_outbox o USING (ref) JOIN import_rows USING (ref) "
        "ORDER BY source_id",
    )
    assert first["ref"].startswith("CFP-")
    assert (first["status"], first["channel"], first["product"]) == ("new", "web", "personal_loan")
    assert first["title"] == "Getting the loan · Meridian Lending"
    assert 'second, with "quotes" 1' in first["summary"]
    assert "Company: Meridian Lending" in first["summary"]
    assert "Date received: 03/22/23" in first["summary"]
    assert first["issue"] == "Getting the loan"
    assert (second["channel"], second["consumer"]) == ("hotline", "older_american")
    assert (third["product"], len(third["title"])) == ("other", 200)


async def test_clocks_start_at_the_import_unless_asked_otherwise(importing: Putright, tmp_path: Path) -> None:
    year = datetime.now(UTC).year - 1
    summer = {"Created Date": f"07/01/{year} 11:30:00 PM", "Closed Date": ""}
    path = write_csv(tmp_path / "n.csv", NYC, [nyc(1, **summer)])
    await run_import(importing, path, format="nyc311")
    later = write_csv(tmp_path / "m.csv", NYC, [nyc(2, **summer), nyc(3, **{"Created Date": "7/1/1998"})])
    figures = await run_import(importing, later, "--as-of", "received", format="nyc311")
    assert (figures["opened"], figures["rejected"]) == (1, 1)
    assert "more than ten years back" in rejected(tmp_path / "m.csv.rejects.csv")[0]["reason"]
    now, then = await rows_of(
        importing,
        "SELECT opened_at, payload::jsonb->'opening'->>'received_at' AS received, "
        "opened_at > now() - interval '1 hour' AS fresh "
        "FROM complaints JOIN intake_outbox USING (ref) ORDER BY opened_at DESC",
    )
    assert now["fresh"]
    assert now["received"] is None
    # Half past eleven in the evening, summer time of New York.
    assert then["received"] == f"{year}-07-02T03:30:00Z"


async def test_dirty_rows_go_to_the_reject_file_with_the_reason(importing: Putright, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "c.csv",
        CFPB,
        [
            cfpb(1),
            cfpb(2, Company="  "),
            cfpb(3, **{"Date received": "02/30/2023"}),
            cfpb(4, **{"Date received": "01/01/2199"}),
            cfpb(5, Issue="x" * 301),
            cfpb(6, **{"Consumer complaint narrative": "y" * 20_001}),
            cfpb(7, **{"Submitted via": "pigeon"}),
            [*cfpb(8), "one too many"],
            cfpb(9, Issue="None"),
            cfpb(10),
        ],
    )
    with path.open("ab") as file:
        file.write(b",".join([b"03/22/23", *[b"\xff"] * 11]) + b"\r\n")
    figures = await run_import(importing, path)
    assert (figures["rows"], figures["opened"], figures["rejected"]) == (11, 2, 9)
    reasons = [row["reason"] for row in rejected(tmp_path / "c.csv.rejects.csv")]
    for reason, said in zip(
        reasons,
        (
            "Company is missing",
            "no date",
            "future",
            "form.issue",
            "too long",
            "'pigeon'",
            "13 values",
            "Issue is",
            "UTF-8",
        ),
        strict=True,
    ):
        assert said in reason
    lines = [int(row["line"]) for row in rejected(tmp_path / "c.csv.rejects.csv")]
    assert lines[0] == 4, "a story has two lines, so the second row begins at the fourth"
    assert await rows_of(importing, "SELECT count(*) FROM complaints WHERE title = ''") == [(0,)]


async def test_a_mended_reject_file_is_imported_like_any_other(importing: Putright, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "c.csv", CFPB[:-1], [cfpb(n, Company="")[:-1] for n in range(3)])
    await run_import(importing, path)
    mended = tmp_path / "mended.csv"
    columns, *rows = csv.reader((tmp_path / "c.csv.rejects.csv").read_text(encoding="utf-8").splitlines(True))
    company = columns.index("Company")
    for row in rows[:2]:
        row[company] = "Meridian"
    write_csv(mended, columns, rows)
    figures = await run_import(importing, mended)
    assert (figures["opened"], figures["rejected"]) == (2, 1)
    [left] = rejected(tmp_path / "mended.csv.rejects.csv")
    assert left["reason"] == "Company is missing"
    original = write_csv(tmp_path / "d.csv", CFPB[:-1], [cfpb(0, Company="Meridian")[:-1]])
    assert (await run_import(importing, original))["duplicates"] == 1


async def test_closed_before_created_is_dirty(importing: Putright, tmp_path: Path) -> None:
    bad = nyc(2, **{"Closed Date": "08/31/2016 12:00:00 AM"})
    path = write_csv(tmp_path / "n.csv", NYC, [nyc(1), bad, nyc(3, **{"Closed Date": ""})])
    figures = await run_import(importing, path, "--rejects", str(tmp_path / "bad.csv"), format="nyc311")
    assert (figures["opened"], figures["rejected"]) == (2, 1)
    assert "is before Created Date" in rejected(tmp_path / "bad.csv")[0]["reason"]


async def test_rows_are_known_again_by_id_and_by_content(importing: Putright, tmp_path: Path) -> None:
    columns, without = CFPB[:-1], [cfpb(n)[:-1] for n in (1, 2, 2)]
    figures = await run_import(importing, write_csv(tmp_path / "a.csv", columns, without))
    assert (figures["opened"], figures["duplicates"]) == (2, 1)
    turned = [list(reversed(row)) for row in without]
    figures = await run_import(importing, write_csv(tmp_path / "b.csv", list(reversed(columns)), turned))
    assert (figures["opened"], figures["duplicates"]) == (0, 3)
    await run_import(importing, write_csv(tmp_path / "c.csv", CFPB, [cfpb(1), cfpb(2)]))
    figures = await run_import(importing, write_csv(tmp_path / "d.csv", CFPB, [cfpb(3), cfpb(2), cfpb(3)]))
    assert (figures["opened"], figures["duplicates"]) == (1, 2)


async def test_a_dry_run_checks_and_stores_nothing(importing: Putright, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "c.csv", CFPB, [*[cfpb(n % 250) for n in range(300)], cfpb(0, Company="")])
    figures = await run_import(importing, path, "--dry-run")
    assert (figures["opened"], figures["duplicates"], figures["rejected"]) == (250, 50, 1)
    for table in ("complaints", "imports", "import_rows"):
        assert await rows_of(importing, f"SELECT count(*) FROM {table}") == [(0,)]


async def test_a_limit_takes_the_first_rows_and_the_rest_follows(importing: Putright, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "c.csv", CFPB, [cfpb(n) for n in range(10)])
    assert (await run_import(importing, path, "--limit", "4"))["opened"] == 4
    figures = await run_import(importing, path)
    assert (figures["opened"], figures["duplicates"]) == (6, 4)


async def test_what_does_not_fit_is_refused_before_anything_happens(
    importing: Putright, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "c.csv", CFPB, [cfpb(1)])
    finance = ("-p", "consumer-finance")
    for arguments, code, said in (
        (("-f", "cfpb", "-p", "telecom-si"), 2, "no field 'issue'"),
        (("-f", "nyc311", *finance), 2, "It looks like --format cfpb"),
        (("-f", "xls", *finance), 2, "no format 'xls'"),
        (("-f", "cfpb", "-p", "nobody"), 3, "no_such_procedure"),
        (("-f", "cfpb", *finance, "--unit", "nobody"), 3, "no_such_unit"),
        (("-f", "cfpb", *finance, "--owner", "person:nobody"), 3, "no_such_person"),
        (("-f", "cfpb", *finance, "--as-of", "then"), 2, "now or received"),
        (("-f", "cfpb", *finance, "--rejects", str(path)), 2, "overwrite"),
        (("-f", "cfpb", *finance, "--rejects", str(tmp_path / "no" / "r.csv")), 2, "No such file"),
    ):
        ran = await importing("import", str(path), *arguments, code=code)
        assert said in ran.err, (arguments, ran.err)
    assert await rows_of(importing, "SELECT count(*) FROM complaints") == [(0,)]


async def test_killed_in_the_middle_it_goes_on_and_every_row_is_there_once(
    importing: Putright, tmp_path: Path
) -> None:
    count = 5_000
    rows: Sequence[list[str]] = [cfpb(n, Company="" if n % 500 == 3 else "Meridian") for n in range(count)]
    path = write_csv(tmp_path / "c.csv", CFPB, rows)
    process = await importing.start("import", str(path), "-f", "cfpb", "-p", "consumer-finance")
    begun = "SELECT coalesce(max(position), 0) FROM imports"
    await until(lambda: rows_of(importing, begun), lambda rows: rows != [(0,)], seconds=60)
    process.kill()
    await process.communicate()
    [(position,)] = await rows_of(importing, "SELECT position FROM imports")
    assert 0 < position < count, "killed too late to tell anything"
    [(stored, outbox, known)] = await rows_of(
        importing,
        "SELECT (SELECT count(*) FROM complaints), (SELECT count(*) FROM intake_outbox), "
        "(SELECT count(*) FROM import_rows)",
    )
    assert stored == outbox == known

    figures = await run_import(importing, path)
    assert figures["continued_at"] == position
    assert (figures["opened"], figures["duplicates"], figures["rejected"]) == (count - 10, 0, 10)
    assert len(rejected(tmp_path / "c.csv.rejects.csv")) == 10
    [(rows_known, refs, waiting)] = await rows_of(
        importing,
        "SELECT count(DISTINCT source_id), count(DISTINCT c.ref), count(DISTINCT o.ref) "
        "FROM import_rows JOIN complaints c USING (ref) JOIN intake_outbox o USING (ref)",
    )
    assert rows_known == refs == waiting == count - 10
    assert await rows_of(importing, "SELECT DISTINCT state FROM imports") == [("finished",)]


async def test_two_imports_at_once_open_every_row_once(importing: Putright, tmp_path: Path) -> None:
    shared = [cfpb(n) for n in range(600)]
    one = write_csv(tmp_path / "one.csv", CFPB, shared)
    two = write_csv(tmp_path / "two.csv", CFPB, [*reversed(shared), cfpb(9_999)])
    ended = await asyncio.gather(*(importing.process(*arguments(each)) for each in (one, two)))
    assert sum(each.data["opened"] for each in ended) == 601
    assert sum(each.data["duplicates"] for each in ended) == 600
    assert await rows_of(importing, "SELECT count(*), count(DISTINCT source_id) FROM import_rows") == [
        (601, 601)
    ]


async def test_waits_until_every_workflow_was_started(putright: Putright, site: Site, tmp_path: Path) -> None:
    putright.environment["DATABASE_URL"] = site.database_url
    path = write_csv(tmp_path / "c.csv", CFPB, [cfpb(50_000 + n) for n in range(8)])
    await run_import(putright, path, "--wait")
    found = await rows_of(
        putright,
        "SELECT ref FROM import_rows JOIN intake_outbox USING (ref) "
        "WHERE started_at IS NOT NULL AND source_id::int >= 7050000",
    )
    assert len(found) == 8
    complaint = await site.until(found[0]["ref"], lambda c: c["seq"] > 0)
    assert complaint["status"] == "handling"
    assert {clock["rule"] for clock in complaint["clocks"]} == {"first_response", "final_response"}
