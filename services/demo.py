"""A small demonstration organisation: enough to act on complaints under every shipped procedure."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain import roles
from procedures.loader import PACKS, load_pack, packs
from services.access import give_token
from services.connect import Connections
from storage.engine import Database
from storage.errors import VersionTaken
from storage.holders import DUTY
from storage.queries import announcements as announcement_queries
from storage.queries import procedures as procedure_queries
from storage.queries import tokens as token_queries
from storage.stores import announcements as announcement_store
from storage.stores import directory as directory_store
from storage.stores import procedures as procedure_store
from storage.stores import tokens as token_store

NOTE = "demonstration"


class Given(NamedTuple):
    """A person of the demonstration and a token to act as that person."""

    role: str
    name: str
    token: str


@dataclass(frozen=True, slots=True)
class _Unit:
    id: str
    kind: str
    en: str
    zh: str
    parent: str = ""

    @property
    def name(self) -> Mapping[str, str]:
        return {"en": self.en, "zh": self.zh}


@dataclass(frozen=True, slots=True)
class _Person:
    id: str
    name: str
    role: str
    units: tuple[str, ...] = ()
    language: str = "en"


UNITS = (
    _Unit("operator", "operator", "Telecom operator", "电信运营商"),
    _Unit("network", "operator", "Network department", "网络部", "operator"),
    _Unit("billing", "operator", "Billing department", "计费部", "operator"),
    _Unit("platform", "platform", "Platform builder", "平台建设方", "operator"),
    _Unit("si-alpha", "si", "Alpha Integrators", "阿尔法集成", "operator"),
    _Unit("si-beta", "si", "Beta Integrators", "贝塔集成", "operator"),
    _Unit("courier-hq", "headquarters", "Courier headquarters", "快递总部"),
    _Unit("courier-north", "branch", "Northern branch", "北区分公司", "courier-hq"),
    _Unit("courier-south", "branch", "Southern branch", "南区分公司", "courier-hq"),
    _Unit("bank", "company", "Meridian Bank", "子午银行"),
    _Unit("bank-cards", "department", "Card services", "信用卡部", "bank"),
)
PEOPLE = (
    _Person("demo-agent", "Ann Agent", roles.AGENT),
    _Person(
        "demo-handler", "Han Handler", roles.HANDLER, ("network", "billing", "courier-north", "bank-cards")
    ),
    _Person(
        "demo-unit-head",
        "Ursula Unithead",
        roles.UNIT_HEAD,
        ("network", "billing", "courier-north", "bank-cards"),
    ),
    _Person("demo-approver", "Arthur Approver", roles.APPROVER),
    _Person("demo-callback", "Cara Callback", roles.CALLBACK),
    _Person("demo-supervisor", "Sun Supervisor", roles.SUPERVISOR),
    _Person("demo-analyst", "Ada Analyst", roles.ANALYST),
    _Person("demo-administrator", "Adam Administrator", roles.ADMINISTRATOR),
    _Person("demo-partner", "Pat Partner", roles.PARTNER, ("si-alpha",)),
)
HEADS = {
    "operator": "demo-supervisor",
    "courier-hq": "demo-supervisor",
    "bank": "demo-supervisor",
    "si-alpha": "demo-unit-head",
    "si-beta": "demo-unit-head",
    "platform": "demo-unit-head",
    "courier-south": "demo-unit-head",
}
"""Who heads the units that have no head of their own, so that no ladder ends at an empty post."""

DUTY_OWNER = "demo-supervisor"
"""Who gets what an empty post would have got."""

ANNOUNCED_FOR = "telecom-si"
ANNOUNCEMENT = {
    "en": "The gateway in the north answers slowly today. It is being repaired; nobody has to do anything.",
    "zh": "今日北区网关响应缓慢，正在抢修，您无需任何操作。",
}


async def load_procedures(database: Database) -> None:
    """Store the shipped procedures and open new complaints by each version that was not stored before.

    A version that is stored stays as it is: also when somebody has since put another one into use.
    """
    stored = {(one.name, one.version) for one in await procedure_queries.versions(database)}
    for name in packs():
        procedure = load_pack(name)
        if (procedure.name, procedure.version) in stored:
            continue
        source = (PACKS / f"{name}.yaml").read_text(encoding="utf-8")
        # Two may load at once; whoever comes second finds the same content stored.
        with contextlib.suppress(VersionTaken):
            await procedure_store.add(database, procedure, source=source)


async def load_demo(url: str) -> list[Given]:
    """Load procedures, units, people and an announcement; returns one person per role with a new token.

    Doing it twice changes nothing but the tokens: those given before end, because only their hashes are
    kept and so they cannot be told again. ``url`` is a SQLAlchemy asyncpg URL of a migrated database.
    """
    database = Database.at(url, pool_size=2)
    try:
        await load_procedures(database)
        await _organisation(database)
        await _announcement(database)
        return await _tokens(Connections(database, {}))
    finally:
        await database.close()


async def _organisation(database: Database) -> None:
    for unit in UNITS:
        await directory_store.put_unit(
            database, unit.id, name=unit.name, kind=unit.kind, parent_id=unit.parent or None
        )
    for person in PEOPLE:
        email = f"{person.id}@putright.example"
        await directory_store.put_person(
            database, person.id, name=person.name, language=person.language, email=email
        )
        for unit_id in person.units or (None,):
            await directory_store.put_post(database, person.id, role=person.role, unit_id=unit_id)
    await directory_store.put_post(database, DUTY_OWNER, role=DUTY, unit_id=None)
    for unit_id, head in HEADS.items():
        await directory_store.put_post(database, head, role=roles.UNIT_HEAD, unit_id=unit_id)


async def _announcement(database: Database) -> None:
    now = datetime.now(UTC)
    if await announcement_queries.matching(database, ANNOUNCED_FOR, "", now):
        return
    await announcement_store.publish(
        database,
        procedure=ANNOUNCED_FOR,
        category="",
        title="Gateway in the north",
        wording=ANNOUNCEMENT,
        valid_from=now,
        valid_to=now + timedelta(days=90),
        published_by="person:demo-supervisor",
    )


async def _tokens(connections: Connections) -> list[Given]:
    for old in await token_queries.all_tokens(connections.database):
        if old.note == NOTE and old.revoked_at is None:
            await token_store.revoke(connections.database, old.id)
    given = []
    for person in PEOPLE:
        token = await give_token(
            connections, roles=[person.role], units=person.units, person=person.id, note=NOTE
        )
        given.append(Given(person.role, person.name, token.token))
    return given
