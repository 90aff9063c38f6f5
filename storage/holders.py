"""Finding who holds a post: B when A is away, the duty owner when nobody is there, and never nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain import roles
from domain.complaint import Complaint, Order
from domain.fields import CHOSEN
from domain.messages import EMPTY_POST, ChannelName, Notify, Recipient
from storage.queries.posts import Directory, Person

CONTACT = "contact"
"""The post of a unit's named contacts (TEL-3)."""

DUTY = "duty"

_WORKING = (roles.HANDLER, roles.PARTNER, roles.UNIT_HEAD)
_TITLES = frozenset((*roles.POSTS, "unit", "customer"))


def person_id(actor: str) -> str:
    """The person's id in an actor's id such as ``person:li``; empty for a system, a customer, the clock."""
    kind, separator, name = actor.partition(":")
    if separator:
        return name if kind == "person" else ""
    return "" if actor in ("clock", "customer") else actor


def roles_among(notices: Sequence[Notify]) -> set[str]:
    """The roles whose holders are meant wherever they sit, and those that stand in when a post is empty."""
    named = {name for notice in notices for name in notice.to if name not in _TITLES}
    named = {name for name in named if not name.startswith(CHOSEN)}
    return named | {DUTY, roles.ADMINISTRATOR}


def chosen_among(notices: Sequence[Notify], complaint: Complaint) -> set[str]:
    """The ids of the persons and units that forms of the complaint name, as far as notices mean them."""
    fields = {name.removeprefix(CHOSEN) for n in notices for name in n.to if name.startswith(CHOSEN)}
    return {complaint.facts[field] for field in fields if complaint.facts.get(field)}


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told under which template."""

    template: str
    recipient: Recipient


@dataclass(frozen=True, slots=True)
class Resolver:
    """Looks up posts for one complaint. ``customer`` is None when nothing is known of the customer.

    Whoever is complained of is as one who is away: their post's B, or whoever stands in, is told (MFG-7).
    """

    directory: Directory
    complaint: Complaint
    customer: Recipient | None

    def told(self, notice: Notify) -> list[Told]:
        """Everybody ``notice`` means, each once; an empty post also raises an alert to the duty owner."""
        found: dict[str, Told] = {}
        alerts: dict[str, Told] = {}
        for post in notice.to:
            for there in self._posts(post, notice.order):
                instead = [] if there else self._stand_ins(post)
                holders = there or [replace(one, post=post, stand_in=True) for one in instead]
                for one in holders:
                    found.setdefault(one.id, Told(notice.template, one))
                    if one.stand_in:
                        alerts.setdefault(one.id, Told(EMPTY_POST, one))
        return [*found.values(), *alerts.values()]

    def _posts(self, post: str, order_id: str) -> list[list[Recipient]]:
        """The holders who are there, one list for each unit that has such a post; empty where nobody is."""
        orders = self._orders(order_id)
        units = self._units(orders)
        of_units: list[list[Recipient]] = []
        match post:
            case "handler":
                of_units = [self._handler(order) for order in orders]
            case "unit":
                of_units = [self._whole_unit(unit) for unit in units]
            case "unit_head":
                of_units = [self._in_unit(unit, (roles.UNIT_HEAD,), post) for unit in units]
            case "superior_head":
                of_units = [self._superior(unit) for unit in units]
            case _:
                return [self._holders(post)]
        return of_units or [[]]

    def _holders(self, post: str) -> list[Recipient]:
        """The holders of a post there is one of; none when it is empty."""
        match post:
            case "customer":
                return [self.customer] if self.customer else []
            case "owner" | "dispatcher":
                return self._named(post, self.complaint.owner)
            case "direct_superior":
                return self._direct_superior(self.complaint.unit)
            case "subject_head":
                return self._in_unit(self.complaint.unit, (roles.UNIT_HEAD,), post)
            case "subject_superior_head":
                return self._superior(self.complaint.unit)
            case _ if post.startswith(CHOSEN):
                return self._chosen(post)
            case _:
                return self._anywhere(post)

    def _chosen(self, post: str) -> list[Recipient]:
        """The person a form names, or those who work in the unit it names."""
        named = self.complaint.facts.get(post.removeprefix(CHOSEN), "")
        return self._named(post, f"person:{named}") or self._in_unit(named, _WORKING, post)

    def _orders(self, order_id: str) -> list[Order]:
        order = self.complaint.order(order_id) if order_id else None
        return [order] if order else list(self.complaint.open_orders())

    def _units(self, orders: Sequence[Order]) -> list[str]:
        """The units meant: those of the orders, else the one complained of, else the last given an order."""
        units = [self.unit_of(order) for order in orders] or [self.complaint.unit]
        if units == [""] and self.complaint.orders:
            units = [self.unit_of(self.complaint.orders[-1])]
        return list(dict.fromkeys(unit for unit in units if unit))

    def unit_of(self, order: Order) -> str:
        """The unit an order went to: the one named, or the one above it when it went to the superior."""
        unit = self.directory.units.get(order.unit)
        return unit.parent if order.superior and unit and unit.parent else order.unit

    def _handler(self, order: Order) -> list[Recipient]:
        taken = self._named("handler", order.handler) if order.handler else []
        return taken or self._in_unit(self.unit_of(order), _WORKING, "handler")

    def _whole_unit(self, unit_id: str) -> list[Recipient]:
        """Every named contact of a unit, and its own addresses; without a contact those who work there."""
        people = self._in_unit(unit_id, (CONTACT,), "unit") or self._in_unit(unit_id, _WORKING, "unit")
        unit = self.directory.units.get(unit_id)
        # What a unit reads together, somebody complained of there reads too.
        read_by_them = self.complaint.complained_of and unit_id == self.complaint.unit
        if unit is not None and unit.addresses and not read_by_them:
            people = [
                *people,
                Recipient(f"unit:{unit.id}", unit.title(self.complaint.language), "", "unit", unit.addresses),
            ]
        return people

    def _direct_superior(self, unit_id: str) -> list[Recipient]:
        """MFG-7: the head over whoever is complained of; of the unit above when that head is meant."""
        head = {p.person.id for p in self.directory.posts if p.unit == unit_id and p.role == roles.UNIT_HEAD}
        if head.intersection(person_id(who) for who in self.complaint.complained_of):
            return self._superior(unit_id)
        return self._in_unit(unit_id, (roles.UNIT_HEAD,), "direct_superior") or self._superior(unit_id)

    def _superior(self, unit_id: str) -> list[Recipient]:
        """The head of the nearest unit above that has one."""
        seen = {unit_id}
        unit = self.directory.units.get(unit_id)
        while unit is not None and unit.parent and unit.parent not in seen:
            seen.add(unit.parent)
            heads = self._in_unit(unit.parent, (roles.UNIT_HEAD,), "superior_head")
            if heads:
                return heads
            unit = self.directory.units.get(unit.parent)
        return []

    def _in_unit(self, unit: str, wanted: Sequence[str], post: str = "handler") -> list[Recipient]:
        """Holders of the first of the roles that anybody in the unit holds now."""
        for role in wanted if unit else ():
            held = [p for p in self.directory.posts if p.unit == unit and p.role == role]
            for rank in ("A", "B"):
                there = [p.person for p in held if p.rank == rank and self._there(p.person)]
                if there:
                    return [_recipient(person, post) for person in there]
        return []

    def _anywhere(self, role: str) -> list[Recipient]:
        """Holders of a role in the whole organisation; B only where no A of the same unit is there."""
        units = dict.fromkeys(p.unit for p in self.directory.posts if p.role == role)
        there: list[Person] = []
        for unit in units:
            of_unit = [p for p in self.directory.posts if p.role == role and p.unit == unit]
            held = [p for p in of_unit if self._there(p.person)]
            first = [p.person for p in held if p.rank == "A"]
            there += first or [p.person for p in held]
        return self._each([[_recipient(person, role)] for person in there])

    def _named(self, post: str, actor: str) -> list[Recipient]:
        person = self.directory.people.get(person_id(actor))
        return [_recipient(person, post)] if person is not None and self._there(person) else []

    def _there(self, person: Person) -> bool:
        """Whether somebody can be told: not away, and not complained of."""
        return person.present and f"person:{person.id}" not in self.complaint.complained_of

    def _stand_ins(self, post: str) -> list[Recipient]:
        """The duty owner; then any administrator; then the administrators' common inbox."""
        for role in (DUTY, roles.ADMINISTRATOR):
            there = self._anywhere(role) if role != post else []
            if there:
                return there
        inbox = {ChannelName.IN_APP: roles.ADMINISTRATOR}
        return [Recipient(roles.ADMINISTRATOR, roles.ADMINISTRATOR, "", post, inbox)]

    @staticmethod
    def _each(groups: Sequence[Sequence[Recipient]]) -> list[Recipient]:
        return list({one.id: one for group in groups for one in group}.values())


def _recipient(person: Person, post: str) -> Recipient:
    return Recipient(person.id, person.name, person.language, post, person.addresses)
