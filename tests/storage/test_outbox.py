"""The outbox: who is meant, who steps in, one row a recipient and channel, and how far each has come."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from domain import commands as c
from domain.messages import ChannelName, MessageState, Notify
from procedures.texts import render
from procedures.variables import variables
from storage import tables
from storage.engine import Database
from storage.errors import UnknownComplaint
from storage.queries import messages, posts
from storage.stores import customers, directory
from storage.stores import messages as message_store
from storage.stores.customers import CustomerData
from storage.stores.messages import PostgresOutbox
from storage.stores.recorder import PostgresRecorder
from tests.drive import MONDAY, Actor
from tests.storage.cases import opened, recording, take_in

NETWORK = "network"


def outbox(database: Database, at=MONDAY, channels=tuple(ChannelName)) -> PostgresOutbox:
    return PostgresOutbox(
        database,
        render=render,
        variables=variables,
        portal_link=lambda ref: f"https://example.org/c/{ref}",
        channels=channels,
        now=lambda: at,
    )


async def person(database: Database, person_id: str, **given: Any) -> None:
    await directory.put_person(
        database, person_id, **{"name": person_id.title(), "email": f"{person_id}@example.org", **given}
    )


async def post(
    database: Database, person_id: str, role: str, unit: str | None = None, rank: str = "A"
) -> None:
    await directory.put_post(
        database, person_id, role=role, unit_id=unit, rank=rank, valid_from=MONDAY - timedelta(days=30)
    )


@pytest.fixture
async def staffed(database: Database) -> Database:
    """Head office over a region without a head over the network unit; A and B handlers; a duty owner."""
    for unit, parent in (("office", None), ("region", "office"), (NETWORK, "region")):
        await directory.put_unit(
            database, unit, name={"en": unit.title(), "zh": f"{unit}部"}, parent_id=parent
        )
    for name in ("anna", "bert", "head", "chief", "duty", "contact", "agent"):
        await person(database, name)
    await post(database, "anna", "handler", NETWORK)
    await post(database, "bert", "handler", NETWORK, "B")
    await post(database, "head", "unit_head", NETWORK)
    await post(database, "chief", "unit_head", "office")
    await post(database, "contact", "contact", NETWORK)
    await post(database, "duty", "duty")
    customer = await customers.find_or_create(
        database, CustomerData(name="Wang Fang", email="wang@example.org", language="zh")
    )
    await take_in(database, customer_id=customer)
    return database


async def told(database: Database, *to: str, order: str = "1", at=MONDAY, case=None) -> dict[str, str]:
    """Tell some posts about the newest event; returns the post each recipient was told as."""
    case = case or opened()
    await PostgresRecorder(database).record(recording(case, 1))
    await outbox(database, at).plan("SML-1", [Notify(len(case.events), "note", to, order=order)])
    return {row.recipient: row.post for row in await messages.of_complaint(database, "SML-1")}


@pytest.mark.parametrize(
    ("to", "recipients"),
    [
        ("handler", {"anna"}),
        ("unit_head", {"head"}),
        ("superior_head", {"chief"}),
        ("owner", {"agent"}),
        ("dispatcher", {"agent"}),
        ("unit", {"contact"}),
        ("duty", {"duty"}),
        ("customer", {"customer:1"}),
    ],
)
async def test_a_post_means_those_who_hold_it(staffed: Database, to: str, recipients: set[str]) -> None:
    assert set(await told(staffed, to)) == recipients


async def test_whoever_took_the_order_is_its_handler(staffed: Database) -> None:
    case = opened()
    case.do(c.TakeOrder("1"), Actor("person:bert", ("handler",), (NETWORK,)))
    assert set(await told(staffed, "handler", case=case)) == {"bert"}


async def test_b_receives_when_a_is_away(staffed: Database) -> None:
    await directory.put_absence(
        staffed, "anna", starts_at=MONDAY - timedelta(hours=1), ends_at=MONDAY + timedelta(days=7)
    )
    assert set(await told(staffed, "handler")) == {"bert"}


async def test_nobody_but_a_when_a_is_back(staffed: Database) -> None:
    await directory.put_absence(staffed, "anna", starts_at=MONDAY - timedelta(days=7), ends_at=MONDAY)
    assert set(await told(staffed, "handler")) == {"anna"}


async def test_an_empty_post_goes_to_the_duty_owner_with_an_alert(staffed: Database) -> None:
    assert await told(staffed, "approver") == {"duty": "approver"}
    rows = await messages.of_complaint(staffed, "SML-1")
    assert {(row.template, row.channel) for row in rows} == {
        (template, channel)
        for template in ("note", "empty_post")
        for channel in (ChannelName.IN_APP, ChannelName.EMAIL)
    }
    assert all(row.stand_in for row in rows)


async def test_one_empty_post_among_those_of_several_units_is_not_passed_over(staffed: Database) -> None:
    """The head of one unit is told; what the missing head of the other should hear, the duty owner hears."""
    await directory.put_unit(staffed, "headless", name={"en": "Headless"})
    case = opened()
    case.do(c.Dispatch("headless"))
    assert await told(staffed, "unit_head", order="", case=case) == {"head": "unit_head", "duty": "unit_head"}
    rows = await messages.of_complaint(staffed, "SML-1")
    assert {row.recipient for row in rows if row.template == "empty_post"} == {"duty"}


async def test_without_a_duty_owner_an_administrator_steps_in(staffed: Database) -> None:
    await directory.end_post(staffed, "duty", role="duty", at=MONDAY)
    await person(staffed, "admin")
    await post(staffed, "admin", "administrator", "office")
    assert await told(staffed, "approver") == {"admin": "approver"}


async def test_without_anybody_it_stays_visible_to_administrators(database: Database) -> None:
    await take_in(database)
    assert await told(database, "approver") == {"administrator": "approver"}
    inbox = await messages.inbox(database, ["administrator"])
    assert {row.template for row in inbox} == {"note", "empty_post"}


async def test_a_role_is_sought_in_the_unit_that_is_the_organisation_or_else_everywhere(
    staffed: Database,
) -> None:
    await directory.put_unit(staffed, "bank", name={"en": "Bank"})
    for name, unit in (("ours", "region"), ("theirs", "bank"), ("everybodys", None)):
        await person(staffed, name)
        await post(staffed, name, "supervisor", unit)
    for organisation, expected in (
        ("office", {"ours", "everybodys"}),
        ("no such unit", {"ours", "theirs", "everybodys"}),
    ):
        found = await posts.directory(
            staffed, MONDAY, units=(), roles=("supervisor",), people=(), top_unit=organisation
        )
        assert {held.person.id for held in found.posts} == expected


async def test_a_unit_with_an_address_of_its_own_is_told_there_too(staffed: Database) -> None:
    await directory.put_unit(
        staffed,
        NETWORK,
        name={"en": "Network"},
        parent_id="region",
        webhook_url="https://network.example.org/hook",
        webhook_secret="whsec_x",
    )
    assert set(await told(staffed, "unit")) == {"contact", "unit:network"}
    rows = await messages.of_complaint(staffed, "SML-1")
    hook = next(row for row in rows if row.channel is ChannelName.WEBHOOK)
    assert hook.address == "https://network.example.org/hook"
    assert hook.data["ref"] == "SML-1"
    assert hook.data["unit"] == NETWORK


@pytest.mark.rule("TEL-3")
async def test_an_announced_contact_holds_from_its_day_on(staffed: Database) -> None:
    change = MONDAY + timedelta(days=21)
    await directory.announce_contact(staffed, "contact", effective_at=change, email="new@example.org")
    case = opened()
    await told(staffed, "unit", case=case)
    case.do(c.AddNote("later"))
    await PostgresRecorder(staffed).record(recording(case, len(case.events)))
    await outbox(staffed, change).plan("SML-1", [Notify(len(case.events), "note", ("unit",), order="1")])
    rows = await messages.of_complaint(staffed, "SML-1")
    addresses = [row.address for row in rows if row.channel is ChannelName.EMAIL]
    assert addresses == ["contact@example.org", "new@example.org"]


async def test_somebody_meant_twice_is_told_once(staffed: Database) -> None:
    await post(staffed, "anna", "unit_head", NETWORK)
    await told(staffed, "handler", "unit_head", "owner", "dispatcher")
    rows = await messages.of_complaint(staffed, "SML-1")
    by_mail = [row.recipient for row in rows if row.channel is ChannelName.EMAIL]
    assert sorted(by_mail) == ["agent", "anna", "head"]


async def test_planning_twice_changes_nothing(staffed: Database) -> None:
    await told(staffed, "handler", "customer", "approver")
    before = await messages.of_complaint(staffed, "SML-1")
    await told(staffed, "handler", "customer", "approver")
    assert await messages.of_complaint(staffed, "SML-1") == before


async def test_the_customer_is_told_in_their_language_by_mail_or_else_sms_or_else_on_their_page(
    staffed: Database,
) -> None:
    await told(staffed, "customer")
    rows = await messages.of_complaint(staffed, "SML-1")
    assert [(r.channel, r.address, r.recipient_name) for r in rows] == [
        (ChannelName.EMAIL, "wang@example.org", "Wang Fang")
    ]
    for phone, channel in (("+86 10 5555", ChannelName.SMS), ("", ChannelName.IN_APP)):
        ref = f"SML-{channel.value}"
        customer = await customers.find_or_create(staffed, CustomerData(name="Li", phone=phone))
        await take_in(staffed, ref, customer_id=customer)
        case = opened(ref)
        await PostgresRecorder(staffed).record(recording(case, 1))
        await outbox(staffed).plan(ref, [Notify(1, "note", ("customer",))])
        assert [row.channel for row in await messages.of_complaint(staffed, ref)] == [channel]


@pytest.mark.parametrize(
    ("channels", "customer", "unit"),
    [
        ((ChannelName.EMAIL, ChannelName.SMS, ChannelName.WEBHOOK), {"email"}, {"webhook"}),
        ((ChannelName.SMS,), {"sms"}, {"in_app"}),
        ((), {"in_app"}, {"in_app"}),
    ],
)
async def test_nothing_is_planned_on_a_channel_that_is_not_there(
    staffed: Database, channels: tuple[ChannelName, ...], customer: set[str], unit: set[str]
) -> None:
    await directory.put_unit(staffed, NETWORK, name={"en": "Network"}, webhook_url="https://example.org/")
    li = await customers.find_or_create(
        staffed, CustomerData(name="Li", email="li@example.org", phone="+86 10 5555")
    )
    await take_in(staffed, "SML-2", customer_id=li)
    case = opened("SML-2")
    await PostgresRecorder(staffed).record(recording(case, 1))
    notice = Notify(len(case.events), "note", ("customer", "unit"), order="1")
    await outbox(staffed, channels=channels).plan("SML-2", [notice])
    rows = await messages.of_complaint(staffed, "SML-2")
    planned: dict[str, set[str]] = {}
    for row in rows:
        planned.setdefault(row.recipient, set()).add(row.channel.value)
    assert planned["customer:1"] == customer
    assert planned["unit:network"] == unit
    assert planned["contact"] == {"in_app"} | ({"email"} & {name.value for name in channels})


async def test_a_message_moves_from_pending_to_sent_or_failed_and_back_by_hand(staffed: Database) -> None:
    await told(staffed, "unit_head")
    box = outbox(staffed)
    seq = len(opened().events)
    first, second = await box.pending("SML-1", [seq])
    await box.tried(first, "mailbox full", final=False)
    await box.sent(second, "250 ok")
    (again,) = await box.pending("SML-1", [seq])
    assert (again.id, again.key, again.tries) == (first.id, first.key, 1)
    await box.tried(again, "no such user\x00", final=True)
    assert await box.pending("SML-1", [seq]) == []
    assert (await messages.counts(staffed))[MessageState.FAILED] == 1
    (failed,) = await messages.unsent(staffed, MessageState.FAILED)
    assert failed.tries == 2
    by_hand = await messages.message(staffed, failed.id)
    assert by_hand is not None
    await box.sent(by_hand, "250 ok")
    await box.tried(by_hand, "too late", final=True)
    rows = await messages.of_complaint(staffed, "SML-1")
    assert [(row.state, row.sent_at is not None) for row in rows] == [(MessageState.SENT, True)] * 2


async def test_a_message_about_a_superseded_event_gives_way(staffed: Database) -> None:
    lost, kept = opened(), opened()
    seen = len(lost.events)
    lost.do(c.AddNote("lost"))
    kept.now += timedelta(seconds=1)
    kept.do(c.AddNote("kept"))
    await told(staffed, "unit_head", case=lost)
    box = outbox(staffed)
    await box.sent((await box.pending("SML-1", [seen + 1]))[0], "250 ok")
    await PostgresRecorder(staffed).record(recording(kept, seen + 1))
    assert await box.pending("SML-1", [seen + 1]) == []
    await box.plan("SML-1", [Notify(seen + 1, "note", ("unit_head",), order="1")])
    assert len(await box.pending("SML-1", [seen + 1])) == 2
    assert len({row.key for row in await messages.of_complaint(staffed, "SML-1")}) == 3


async def test_an_inbox_is_read_by_its_owner_alone(staffed: Database) -> None:
    await told(staffed, "unit_head")
    (mine,) = await messages.inbox(staffed, ["head"])
    assert not await message_store.mark_read(staffed, mine.id, "anna")
    assert await message_store.mark_read(staffed, mine.id, "head")
    assert not await message_store.mark_read(staffed, mine.id, "head")
    (mine,) = await messages.inbox(staffed, ["head"])
    assert mine.read_at is not None
    assert await messages.inbox(staffed, ["head"], after=(mine.created_at, mine.id)) == []


async def test_nothing_is_planned_for_what_is_not_recorded(staffed: Database) -> None:
    with pytest.raises(UnknownComplaint):
        await outbox(staffed).plan("SML-1", [Notify(1, "note", ("owner",))])
    with pytest.raises(UnknownComplaint):
        await outbox(staffed).plan("SML-0", [Notify(1, "note", ("owner",))])
    count = await staffed.first(select(func.count()).select_from(tables.messages))
    assert count is not None
    assert count[0] == 0
