"""The demonstration organisation of a laptop stack, and the tokens its people were given at first start."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

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
    """Load the shipped procedures and, the first time, the organisation; return one person per role.

    The database keeps tokens hashed, so the plain ones of the first start are kept in the home folder, for
    its owner only, and shown again at every start with the same database.
    """
    kept = home / "demo-tokens.json"
    database = hashlib.sha256(
        make_url(url).set(port=None).render_as_string(hide_password=False).encode()
    ).hexdigest()
    if kept.exists() and (noted := json.loads(kept.read_text()))["database"] == database:
        await _load_procedures(url)
        return [DemoPerson(**person) for person in noted["people"]]
    people = [DemoPerson(*one) for one in await demo.load_demo(url)]
    staff = [DemoPerson(*one) for one in await demo.staff(url)]
    draft = kept.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        known = {"people": people, "staff": staff}
        json.dump({"database": database, **{k: [asdict(p) for p in v] for k, v in known.items()}}, file)
    draft.rename(kept)
    return people


async def _load_procedures(url: str) -> None:
    database = Database.at(url, pool_size=2)
    try:
        await demo.load_procedures(database)
    finally:
        await database.close()
