"""The installation the rules are proved on, and one complaint in it. How a rule test is written:

    @pytest.mark.rule("CRR-5")
    async def test_a_late_verification_is_told_upward(site: Site) -> None:
        case = await site.open("courier", by="crr-agent", facts={"type": "loss"}, form={...})
        await case.act("dispatch", by="crr-agent", unit="courier-north")  # a person of the organisation
        assert await case.within("verification", "1wd")            # its limit, whatever the hour
        await case.pass_clock("verification")                      # skip to just after it is due
        assert "clock_breached" in await case.kinds()              # the timeline, over HTTP
        assert await case.told("escalated", to="crr-north-head")   # a message that went out
        await case.refused("propose", by="crr-agent", code="not_verified", options=[...])
        await case.customer("accept", option="1")                  # the customer, by the private link

- **People** are those of ``procedures/organisations/*.yaml``, named by id; each calls over HTTP with a token
  of their own roles and units. ``site.as_("crr-agent")`` is the plain HTTP client of one; ``site.as_("")``
  calls as nobody. Only the organisations are there, not the demonstration's people.
- **Reading**: ``case.read()`` is the complaint as the API shows it (``by=`` as whom; else a supervisor of no
  organisation), ``case.events()``, ``case.kinds()``, ``case.facts("clock_breached")`` the timeline,
  ``case.clock("reply")`` the newest clock of a rule, ``case.messages()`` all messages and their states,
  ``case.ledger()`` the booked lines, ``case.get("…")`` whatever else is below ``/complaints/<ref>/``.
  ``site.payments`` is the payment system, ``site.rows(sql)`` looks into PostgreSQL.
- **Time**: ``case.pass_time("2wh")`` (by the procedure's calendar, or a ``timedelta``) moves this complaint
  alone through time, its timers fire on the way; ``case.pass_clock(rule)`` to just after a clock is due.
  The complaint is opened at the real hour, so never assert dates: ``case.within(rule, "3wd")`` does.
- **Consequences** and other complaints that a complaint caused are cases too: ``await site.case(ref)``.
  Each has a time of its own: one opened after skipping begins at the real hour.
- **Nothing waits by sleeping**: commands return when recorded; reading messages, passing time and
  ``settled()`` wait until the complaint's workflow has nothing in hand.

A story test ends with ``await case.worked("Title")``, which can write the worked case of the procedure's page
(``tests/rules/worked.py``).

The installation is shared by all tests of a process, so each test opens complaints of its own, and a test
that changes people or units (absences, contacts, dissolved units) makes its own or changes them back.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from channels.memory import MemoryPayments
from domain.procedure import Procedure
from domain.worktime import Limit, deadline
from procedures.loader import load_pack
from services.access import Links
from services.connect import Connections
from tests.rules import worked
from tests.waiting import until
from workflows import registry

WATCHER = "watcher"
"""Reads everything for the tests: a supervisor who belongs to no organisation."""

CUSTOMER = {"name": "Wang Fang", "phone": "+86 10 5555 0100", "email": "wang.fang@customer.example"}
MOMENT = timedelta(seconds=2)
"""How much later than an instant time is skipped to, so that what was due then has happened."""


@dataclass
class Site:
    """A running installation: API over HTTP, relay, worker, PostgreSQL, Temporal with time to skip."""

    url: str
    env: WorkflowEnvironment
    connections: Connections
    tokens: Mapping[str, str]
    links: Links
    payments: MemoryPayments
    writes_cases: bool = False
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def as_(self, person: str) -> httpx.AsyncClient:
        """The HTTP client of a person of an organisation, of the watcher, or of nobody (an empty id)."""
        if person not in self.clients:
            headers = {"Authorization": f"Bearer {self.tokens[person]}"} if person else {}
            self.clients[person] = httpx.AsyncClient(
                base_url=f"{self.url}/api/v1", headers=headers, timeout=30, trust_env=False
            )
        return self.clients[person]

    async def open(
        self,
        procedure: str,
        *,
        by: str,
        facts: Mapping[str, str] | None = None,
        form: Mapping[str, Any] | None = None,
        customer: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Case:
        """A new complaint, once its opening is recorded. ``more``: other fields of the request."""
        body = {
            "channel": "hotline",
            "language": "en",
            "title": "Something went wrong",
            "procedure": procedure,
            "facts": facts or {},
            "form": form or {},
            "customer": CUSTOMER if customer is None else customer,
            **more,
        }
        answer = await self.as_(by).post("/complaints", json=body)
        assert answer.status_code == 201, answer.text
        case = await self.case(str(answer.json()["ref"]))
        await case.note(worked.opening(procedure, by, body))
        return case

    async def case(self, ref: str, procedure: Procedure | None = None) -> Case:
        """A complaint that is there or about to be, for example a consequence of another one.

        ``procedure``: its procedure, when that is not a shipped one.
        """

        async def opened() -> dict[str, Any]:
            found = await self.as_(WATCHER).get(f"/complaints/{ref}")
            assert found.status_code in (200, 404), found.text
            return dict(found.json())

        row = await until(opened, lambda row: row.get("seq"))
        # A consequence, <pack>.<consequence>, has the calendar of the pack it belongs to.
        procedure = procedure or load_pack(row["procedure"].partition(".")[0])
        handle = self.env.client.get_workflow_handle(registry.complaint_workflow_id(ref))
        return Case(self, ref, handle, procedure)

    async def rows(self, statement: str, **values: Any) -> list[Mapping[str, Any]]:
        """What a statement finds in PostgreSQL."""
        found = await self.connections.database.fetch(text(statement), values)
        return [dict(row._mapping) for row in found]


@dataclass
class Case:
    """One complaint of the installation."""

    site: Site
    ref: str
    handle: WorkflowHandle[Any, Any]
    procedure: Procedure
    lines: list[str] = field(default_factory=list)
    noted: int = 0
    files: list[str] = field(default_factory=list)

    # Acting

    async def act(self, verb: str, *, by: str, **body: Any) -> dict[str, Any]:
        """Give a command as a person; where the complaint stands then."""
        answer = await self.ask(verb, by=by, **body)
        assert answer.status_code == 200, f"{verb}: {answer.text}"
        await self.note(worked.command(self.ref, verb, by, body))
        return dict(answer.json())

    async def refused(self, verb: str, *, by: str, code: str, **body: Any) -> dict[str, Any]:
        """Give a command that must be refused with ``code`` and change nothing; the problem it is told by."""
        before = await self.events()
        answer = await self.ask(verb, by=by, **body)
        assert answer.status_code >= 400, f"{verb} was not refused: {answer.text}"
        problem = dict(answer.json())
        assert problem["code"] == code, problem
        assert await self.events() == before
        refusal = f"Refused ({code}): {problem['detail']}"
        await self.note(worked.command(self.ref, verb, by, body), refusal)
        return problem

    async def ask(self, verb: str, *, by: str, **body: Any) -> httpx.Response:
        """The plain answer to a command."""
        return await self.site.as_(by).post(f"/complaints/{self.ref}/{verb}", json=body)

    async def attach(self, name: str, content: bytes, *, by: str, evidence: str = "") -> str:
        """Add a file as a person; its id, as answers and flags name it."""
        data = {"evidence": evidence} if evidence else {}
        answer = await self.site.as_(by).post(
            f"/complaints/{self.ref}/attachments", files={"file": (name, content)}, data=data
        )
        assert answer.status_code == 201, answer.text
        added = str(answer.json()["id"])
        self.files.append(added)
        await self.note(worked.attaching(self.ref, name, by, evidence), added)
        return added

    async def customer(self, verb: str, **body: Any) -> dict[str, Any]:
        """What the customer does by the private link: accept, reject, withdraw, reopen, …"""
        answer = await self.site.as_("").post(
            f"/portal/{self.site.links.token(self.ref)}/{verb}",
            json=body,
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status_code == 200, f"{verb}: {answer.text}"
        await self.note(worked.by_link(verb, body))
        return dict(answer.json())

    async def portal(self) -> dict[str, Any]:
        """What the customer sees by the private link."""
        answer = await self.site.as_("").get(f"/portal/{self.site.links.token(self.ref)}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    # Reading

    async def get(self, path: str = "", *, by: str = WATCHER, **query: Any) -> Any:
        """What the API answers below this complaint's address."""
        answer = await self.site.as_(by).get(f"/complaints/{self.ref}{path and '/' + path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def read(self, *, by: str = WATCHER) -> dict[str, Any]:
        """The complaint as somebody reads it."""
        return dict(await self.get(by=by))

    async def events(self) -> list[dict[str, Any]]:
        """The whole timeline: ``seq``, ``at``, ``by``, ``kind`` and ``data`` of each event."""
        found: list[dict[str, Any]] = []
        while True:
            page = await self.get("events", limit=200, after=found[-1]["seq"] if found else 0)
            found += page["items"]
            if len(page["items"]) < 200:
                return found

    async def kinds(self) -> list[str]:
        """The kinds of all events in order."""
        return [event["kind"] for event in await self.events()]

    async def facts(self, kind: str) -> list[dict[str, Any]]:
        """The data of all events of one kind in order."""
        return [event["data"] for event in await self.events() if event["kind"] == kind]

    async def clock(self, rule: str) -> dict[str, Any]:
        """The newest clock of a rule (of that ``name#number``, if so written)."""
        clocks = (await self.read())["clocks"]
        found = [one for one in clocks if rule in (one["rule"], one["id"])]
        assert found, f"{self.ref} has no clock {rule}; there are {[one['id'] for one in clocks]}"
        return dict(found[-1])

    async def within(self, rule: str, limit: str) -> bool:
        """Whether the newest clock of a rule is due exactly ``limit`` after it started."""
        clock = await self.clock(rule)
        started = datetime.fromisoformat(clock["started_at"])
        return clock["due_at"] is not None and (
            datetime.fromisoformat(clock["due_at"]) == self._after(started, limit)
        )

    async def ledger(self) -> list[tuple[str, ...]]:
        """The booked lines of this complaint: entry, from, to, amount with currency."""
        lines = await self.site.rows("SELECT * FROM ledger WHERE ref = :ref ORDER BY seq", ref=self.ref)
        return [(r["entry"], r["source"], r["target"], f"{r['amount']} {r['currency']}") for r in lines]

    async def messages(self, template: str = "", *, to: str = "", channel: str = "email") -> list[Any]:
        """The messages there are by now, oldest first. ``to``: a person's id, or ``customer``.

        Without ``channel`` given those by e-mail only, so that nobody is found twice; "" for all.
        """
        await self.settled()
        return [
            one
            for one in await self.get("messages")
            if template in ("", one["template"])
            and to in ("", one["recipient"], one["post"] if one["post"] == "customer" else one["recipient"])
            and channel in ("", one["channel"])
        ]

    async def told(self, template: str, *, to: str = "") -> str:
        """Subject and body of the newest message of a template; it must be there and have gone out."""
        found = await self.messages(template, to=to)
        assert found, (
            f"nobody was told {template}: {[(m['template'], m['recipient']) for m in await self.messages()]}"
        )
        assert found[-1]["state"] == "sent", found[-1]
        return f"{found[-1]['subject']}\n{found[-1]['body']}"

    # Time

    async def now(self) -> datetime:
        """The instant it is for this complaint."""
        info = await self.site.env.get_time_skipping_info(self.handle)
        assert info is not None
        return info.current_time.ToDatetime(tzinfo=UTC)

    async def pass_time(self, duration: str | timedelta, said: str = "") -> None:
        """Move this complaint through time; a text such as ``2wh`` is a limit by its calendar."""
        await self.settled()
        now = await self.now()
        span = self._after(now, duration) - now if isinstance(duration, str) else duration
        await self.site.env.fast_forward(self.handle, span)
        await until(self._nothing_is_due)
        await self.settled()
        await self.note(f"# {said or worked.skipped(duration)}")

    async def pass_clock(self, rule: str) -> dict[str, Any]:
        """Move to just after the newest clock of a rule is due; the clock as it is then."""
        clock = await self.clock(rule)
        assert clock["due_at"], f"{clock['id']} is paused"
        due = datetime.fromisoformat(clock["due_at"])
        await self.pass_time(due - await self.now() + MOMENT, f"until {clock['id']} is due")
        return await self.clock(clock["id"])

    async def pass_callback(self) -> None:
        """Move to just after the callback that is scheduled is due, at whatever hour that is."""
        callback = (await self.read())["callback"]
        assert callback, f"{self.ref} has no callback"
        due = datetime.fromisoformat(callback["at"])
        await self.pass_time(due - await self.now() + MOMENT, "until the callback is due")

    async def settled(self) -> None:
        """Wait until the workflow has nothing in hand: everything recorded, everybody told."""

        async def idle() -> bool:
            try:
                described = (await self.handle.describe()).raw_description
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                return True  # taken away with what was personal in it
            return not (described.pending_activities or described.HasField("pending_workflow_task"))

        await until(idle)

    async def _nothing_is_due(self) -> bool:
        """Whether a timer has fired for every instant that has passed."""
        (row,) = await self.site.rows("SELECT next_due FROM complaints WHERE ref = :ref", ref=self.ref)
        return row["next_due"] is None or row["next_due"] > await self.now()

    # Telling

    async def worked(self, title: str) -> None:
        """End a story test: with ``--write-cases`` put what was done here into the procedure's page."""
        if self.site.writes_cases:
            messages = await self.messages()
            part = worked.section(
                title, self.procedure, self.lines, await self.read(), messages, await self.ledger()
            )
            worked.write(self.procedure.name, part)
            history = await self.handle.fetch_history()
            worked.history_of(self.procedure.name).write_text(history.to_json())
        assert worked.is_written(self.procedure.name), "run this test with --write-cases once"

    async def note(self, line: str, answer: str = "") -> None:
        """Note what was asked, and what came of it, for the worked case."""
        if not self.site.writes_cases:
            return
        new = [event for event in await self.events() if event["seq"] > self.noted]
        self.noted += len(new)
        came = ", ".join(event["kind"].replace("_", " ") for event in new)
        told = [line if line.startswith("#") else f"$ {line}", answer or came]
        self.lines += [worked.shortened(one, self.files) for one in told if one]

    def _after(self, start: datetime, limit: str) -> datetime:
        return deadline(self.procedure.calendar, start, Limit.parse(limit))
