"""`putright import`: the unit a row is about, and what earlier complaints count for later ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from procedures.loader import PACKS, load_procedure
from services.demo import load_procedures
from storage.engine import Database
from storage.stores import directory, procedures
from tests.cli.conftest import Putright, write_csv
from tests.cli.test_import import CFPB, arguments, cfpb, rejected, rows_of

FINANCE = (PACKS / "consumer-finance.yaml").read_text(encoding="utf-8")
FIELD = "  company: {type: unit, title: {en: Branch, zh: 网点}, subject: true}\n"
HISTORY = """
history:
  alike:
    title: {en: Alike, zh: 同类}
    same: [unit, product]
    days: 90
  proven:
    title: {en: Alike and proven, zh: 同类属实}
    same: [unit]
    days: 90
    with: {consumer: servicemember}
    ended: [satisfied]
"""


@pytest.fixture
async def branches(with_database: Putright) -> Putright:
    """`putright` with two procedures that ask for the branch complained of, and two branches."""
    database = Database.at(with_database.environment["DATABASE_URL"], pool_size=1)
    await load_procedures(database)
    for name, field in (("branches", FIELD), ("obliged", FIELD.replace("true}", "true, required: true}"))):
        text = (
            FINANCE.replace("procedure: consumer-finance", f"procedure: {name}")
            .replace("prefix: CFP", f"prefix: {name[:2].upper()}X")
            .replace("top_unit: bank\n", "")
            .replace("form:\n", f"form:\n{field}", 1)
        )
        text += HISTORY
        await procedures.add(database, load_procedure(text), source=text, activate=True)
    for unit in ("east", "west"):
        await directory.put_unit(database, unit, name={"en": unit}, kind="branch")
    await database.close()
    return with_database


async def taken(putright: Putright, path: Path, *more: str, procedure: str = "branches") -> list[Any]:
    """Unit, facts, form and history of what a file became, in its order."""
    command = (*arguments(path, *more)[:4], "-p", procedure, "--json", *more)
    await putright(*command)
    found = await rows_of(
        putright,
        "SELECT c.unit, c.facts, c.form, o.payload FROM complaints c JOIN intake_outbox o USING (ref) "
        f"WHERE c.procedure = '{procedure}' ORDER BY c.ref",
    )
    return [(row["unit"], *(json.loads(row[name]) for name in ("facts", "form", "payload"))) for row in found]


def counts(found: list[Any], name: str = "alike") -> list[int]:
    """What each found to have gone before."""
    return [payload["opening"]["history"][name] for _, _, _, payload in found]


async def test_the_unit_a_row_names_is_the_one_complained_of(branches: Putright, tmp_path: Path) -> None:
    rows = [cfpb(1, Company="east"), cfpb(2, Company="weste"), cfpb(3, Company="west")]
    found = await taken(branches, write_csv(tmp_path / "c.csv", CFPB, rows))
    assert [unit for unit, _, _, _ in found] == ["east", "west"]
    assert found[0][1]["company"] == "east"
    assert found[0][1]["company.kind"] == "branch"
    assert found[0][3]["opening"]["unit_kind"] == "branch"
    [bad] = rejected(tmp_path / "c.csv.rejects.csv")
    assert "there is no unit 'weste'" in bad["reason"]
    assert bad["Company"] == "weste"


async def test_the_unit_named_for_all_rows_fills_the_field_and_another_one_is_refused(
    branches: Putright, tmp_path: Path
) -> None:
    rows = [cfpb(1, Company="east"), cfpb(2, Company="west")]
    found = await taken(branches, write_csv(tmp_path / "c.csv", CFPB, rows), "--unit", "east")
    assert [unit for unit, _, _, _ in found] == ["east"]
    assert "named twice" in rejected(tmp_path / "c.csv.rejects.csv")[0]["reason"]
    columns = ["Unique Key", "Created Date", "Complaint Type", "Descriptor", "Agency", "Borough"]
    city = write_csv(tmp_path / "n.csv", columns, [["1", "09/01/2016", "Noise", "Loud", "DEP", "BRONX"]])
    command = ("import", str(city), "-f", "nyc311", "-p", "obliged", "--json")
    assert "'company'" in (await branches(*command, code=2)).data["error"]
    await branches(*command, "--unit", "west")
    stored = await rows_of(branches, "SELECT unit, form ->> 'company' FROM complaints WHERE ref LIKE 'OBX%'")
    assert [tuple(row) for row in stored] == [("west", "west")]


async def test_rows_before_it_and_complaints_before_them_count_for_a_row(
    branches: Putright, tmp_path: Path
) -> None:
    other = {"Product": "Mortgage"}
    rows = [
        cfpb(1, Company="east"),
        cfpb(2, Company="east"),
        cfpb(2, Company="east"),  # the same row once more is no complaint of its own
        cfpb(3, Company="east", **other),
        cfpb(4, Company="west"),
        cfpb(5, Company="east", Tags="Servicemember"),
    ]
    found = await taken(branches, write_csv(tmp_path / "c.csv", CFPB, rows))
    assert counts(found) == [0, 1, 0, 0, 2]
    assert counts(found, "proven") == [0] * 5
    more = [cfpb(n, Company="east") for n in range(10, 13)]
    found = await taken(branches, write_csv(tmp_path / "d.csv", CFPB, more))
    assert counts(found)[5:] == [3, 4, 5]


async def test_what_was_received_too_long_ago_counts_for_nobody(branches: Putright, tmp_path: Path) -> None:
    rows = [cfpb(n, Company="east") for n in range(3)]
    found = await taken(branches, write_csv(tmp_path / "c.csv", CFPB, rows), "--as-of", "received")
    assert counts(found) == [0, 0, 0]


async def test_many_rows_count_across_batches_as_one_after_another(
    branches: Putright, tmp_path: Path
) -> None:
    rows = [cfpb(n, Company=("east", "west")[n % 2]) for n in range(450)]
    found = await taken(branches, write_csv(tmp_path / "c.csv", CFPB, rows))
    assert counts(found) == [n // 2 for n in range(450)]
