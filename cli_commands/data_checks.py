"""What `putright doctor` asks of PostgreSQL: is it there and migrated, and does anything in it look wrong?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from cli_commands.doctor import Finding

if TYPE_CHECKING:
    from storage.engine import Database

SKEW = timedelta(seconds=2)
LAG_LOOK, LAG_WRONG = timedelta(seconds=10), timedelta(minutes=2)
PENDING_LOOK = timedelta(minutes=10)
CHAINS = 25
KNOWN_AHEAD = timedelta(days=60)


async def foundation(database: Database) -> list[Finding]:
    """Is PostgreSQL reachable, does its clock agree with ours, and is it migrated?"""
    from services.connect import is_database_down
    from storage.queries import health

    try:
        before = datetime.now(UTC)
        server = await health.server(database)
        after = datetime.now(UTC)
    except Exception as error:
        if not is_database_down(error) and "asyncpg" not in type(error).__module__:
            raise
        where = database.engine.url.render_as_string(hide_password=True)
        return [
            Finding(
                "PostgreSQL",
                "wrong",
                f"does not let us in at {where}: {_plainly(error)}",
                "Start it (`putright up` starts the laptop stack's), or correct DATABASE_URL.",
            )
        ]
    skew = min(abs(server.now - before), abs(server.now - after))
    agrees = before - SKEW <= server.now <= after + SKEW
    return [
        Finding("PostgreSQL", "ok", f"version {server.version}"),
        Finding(
            "clocks",
            "ok" if agrees else "wrong",
            f"this machine and PostgreSQL are {skew.total_seconds():.1f} s apart",
            "" if agrees else "Deadlines need true clocks: set up NTP on both machines.",
        ),
        await _migrations(database),
    ]


async def _migrations(database: Database) -> Finding:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from settings import ROOT
    from storage.queries import health

    wanted = set(ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_heads())
    stands_at = set(await health.revisions(database))
    if stands_at == wanted:
        return Finding("tables", "ok", f"migrated to {', '.join(sorted(wanted))}")
    return Finding(
        "tables",
        "wrong",
        f"at {', '.join(sorted(stands_at)) or 'nothing'}, this version needs {', '.join(sorted(wanted))}",
        "Migrate: alembic upgrade head (`putright up` does it by itself).",
    )


async def contents(database: Database) -> list[Finding]:
    """Does anything in the data look wrong?"""
    return [
        *await _procedures(database),
        await _outbox(database),
        *await _messages(database),
        await _payments(database),
        await _superseded(database),
        await _chains(database),
    ]


async def _procedures(database: Database) -> list[Finding]:
    import wire
    from procedures import loader
    from storage.queries import procedures

    active = [version for version in await procedures.versions(database) if version.active]
    if not active:
        mend = f"Load the shipped ones: putright procedure load {' '.join(loader.packs())}"
        return [Finding("procedures", "wrong", "none is in use: nothing can be opened", mend)]
    found = [Finding("procedures", "ok", ", ".join(f"{v.name} {v.version}" for v in active))]
    ending: dict[date, list[str]] = {}
    for version in active:
        packed = await procedures.packed(database, version.fingerprint)
        known = wire.unpack(packed).calendar.known_until if packed else None
        if known is not None and known < (datetime.now(UTC) + KNOWN_AHEAD).date():
            ending.setdefault(known, []).append(f"{version.name} {version.version}")
    found += [
        Finding(
            "holidays",
            "look",
            f"published until {known} only: those of {', '.join(names)}",
            "When the next year is published: update the holiday library, load new versions.",
        )
        for known, names in sorted(ending.items())
    ]
    return found


async def _outbox(database: Database) -> Finding:
    from storage.queries import outbox

    backlog = await outbox.backlog(database)
    if backlog.oldest is None:
        return Finding("outbox", "ok", "every accepted complaint has its workflow")
    lag = datetime.now(UTC) - backlog.oldest
    told = f"{backlog.count} accepted complaints wait for their workflow, the oldest for {_length(lag)}"
    if lag < LAG_LOOK:
        return Finding("outbox", "ok", told)
    return Finding(
        "outbox",
        "wrong" if lag > LAG_WRONG else "look",
        told,
        "The relay starts them: does the API, or `putright relay`, run, and does Temporal? After an import "
        "this takes a while.",
    )


async def _messages(database: Database) -> list[Finding]:
    from domain.messages import MessageState
    from storage.queries import health, messages

    counts = await messages.counts(database)
    failed, pending = counts[MessageState.FAILED], counts[MessageState.PENDING]
    if failed:
        worst = (await messages.unsent(database, MessageState.FAILED, limit=1))[0]
        found = [
            Finding(
                "messages",
                "wrong",
                f"{failed} could not be sent, such as {worst.template} of {worst.ref} by {worst.channel}: "
                f"{worst.last_error or 'no reason was given'}",
                "Mend the channel or the address, then send them again from the console.",
            )
        ]
    else:
        found = [Finding("messages", "ok", f"none failed, {pending} are on their way")]
    oldest = await health.oldest_pending(database)
    if oldest is not None and (waits := datetime.now(UTC) - oldest) > PENDING_LOOK:
        mend = "Is a worker serving the notifications, and is the mail server up?"
        found.append(Finding("messages", "look", f"the oldest one waits for {_length(waits)}", mend))
    return found


async def _payments(database: Database) -> Finding:
    from storage.queries import ledger

    failed = await ledger.in_state(database, "failed", limit=1)
    if failed:
        (one,) = failed
        said = f"{one.posting} of {one.ref} could not be paid: {one.problem or 'no reason was given'}"
        return Finding(
            "payments", "wrong", said, "`putright ledger payouts` lists them: try again or confirm."
        )
    due = await ledger.in_state(database, "due", limit=1)
    if due and (waits := datetime.now(UTC) - due[0].at) > PENDING_LOOK:
        mend = "Is a worker serving the notifications, and does the payment system answer?"
        return Finding("payments", "look", f"the oldest one waits for {_length(waits)}", mend)
    return Finding("payments", "ok", "none failed")


async def _superseded(database: Database) -> Finding:
    from storage.queries import health

    aside = await health.superseded(database)
    if aside.last_at is None:
        return Finding("events", "ok", "none was set aside")
    return Finding(
        "events",
        "look",
        f"{aside.count} were set aside, the last at {aside.last_at:%Y-%m-%d %H:%M} UTC",
        "That happens when a worker dies between recording and confirming; many of them mean it keeps dying.",
    )


async def _chains(database: Database) -> Finding:
    from storage.queries import health, verify

    refs = await health.newest(database, CHAINS)
    broken = [ref for ref in refs if await verify.first_broken(database, ref) is not None]
    if not broken:
        return Finding("chains", "ok", f"the events of the {len(refs)} newest complaints are as recorded")
    return Finding(
        "chains",
        "wrong",
        f"events were changed after they were recorded: {', '.join(broken)}",
        f"Compare with the backup; `putright verify {broken[0]}` says where it begins.",
    )


def _length(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


def _plainly(error: BaseException) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0] if str(error) else type(error).__name__
