"""The demonstration organisation of a laptop stack, and the tokens its people were given at first start."""

import json
import os
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class DemoPerson:
    """One person of the demonstration organisation and the token to act as that person."""

    role: str
    name: str
    token: str


async def load_demo(url: str, home: Path) -> list[DemoPerson]:
    """Load procedures and demonstration organisation into the database; return one person per role.

    Tokens are stored hashed, so the plain ones of the first start are kept in the home folder, for its
    owner only, and shown again at every start.
    """
    kept = home / "demo-tokens.json"
    if not kept.exists():
        if find_spec("services") is None or find_spec("services.demo") is None:
            return []
        from services import demo

        people = [DemoPerson(*row) for row in await demo.load_demo(url)]
        draft = kept.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump([asdict(person) for person in people], file)
        draft.rename(kept)
    return [DemoPerson(**row) for row in json.loads(kept.read_text())]
