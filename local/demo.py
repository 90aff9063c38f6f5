"""The demonstration organisation of a laptop stack, and the tokens its people were given at first start."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from procedures.organisation import load_shipped
from services import demo
from storage.engine import Database


@dataclass(frozen=True)
class DemoPerson:
    """One person of the demonstration, or of a shipped organisation, and the token to act as that person."""

    role: str
    name: str
    token: str
    person: str = ""


async def load_demo(url: str, home: Path) -> list[DemoPerson]:
    """Load the shipped procedures and, the first time, their organisations; return one person per role.

    The database keeps tokens hashed, so the plain ones of the first start are kept in the home folder, for
    its owner only, and shown again at every start with the same database. An organisation that is shipped
    since then is added, what was there before stays as people made it.
    """
    kept = home / "demo-tokens.json"
    database = hashlib.sha256(
        make_url(url).set(port=None).render_as_string(hide_password=False).encode()
    ).hexdigest()
    noted = json.loads(kept.read_text()) if kept.exists() else {}
    again = noted.get("database") == database
    new = sorted(set(load_shipped()) - set(noted.get("organisations", ()) if again else ()))
    if again:
        await _load_new(url, new)
    else:
        people = [asdict(DemoPerson(*one)) for one in await demo.load_demo(url)]
        noted = {"database": database, "people": people}
    if new:
        staff = [asdict(DemoPerson(*one)) for one in await demo.staff(url, new)]
        noted["organisations"] = sorted({*noted.get("organisations", ()), *new})
        noted["staff"] = [*noted.get("staff", ()), *staff]
        _keep(kept, noted)
    return [DemoPerson(**person) for person in noted["people"]]


def _keep(path: Path, noted: dict[str, Any]) -> None:
    """Write a file that nobody but its owner may read, whole or not at all."""
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(noted, file)
    draft.rename(path)


async def _load_new(url: str, organisations: Sequence[str]) -> None:
    """What is shipped now and was not when this database was first loaded."""
    database = Database.at(url, pool_size=2)
    try:
        await demo.load_procedures(database)
        await demo.load_organisations(database, organisations)
    finally:
        await database.close()
