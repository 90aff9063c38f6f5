"""Reading who agrees to what: approvals with signatures and substitutes, and how far authority reaches."""

from __future__ import annotations

from decimal import Decimal

from domain.approval import Approval
from domain.authority import Authority
from domain.procedure import Procedure
from procedures.nodes import Entry, Table
from procedures.offices import read_roles
from procedures.problems import one_of
from procedures.sheet import Sheet, read_condition


def read_approvals(sheet: Sheet, table: Table) -> tuple[Approval, ...]:
    """The approvals of a step, in order."""
    entry = table.need("approvals", "who has to agree")
    if entry is None:
        return ()
    found = []
    for name, key, value in entry.named():
        approval = value.table(("by", "when", "each", "substitute"))
        by, each = approval.need("by", "the roles that may agree"), approval.get("each")
        sheet.put("approval", name, key)
        found.append(
            Approval(
                name=name,
                by=read_roles(sheet, by),
                when=read_condition(sheet, approval.get("when")),
                each="unit" if each and each.choice(("unit",)) else "",
                substitute=read_roles(sheet, approval.get("substitute")),
            )
        )
    if not found:
        entry.wrong("empty", "there is nobody here who has to agree")
    return tuple(found)


def read_authority(sheet: Sheet, entry: Entry | None) -> tuple[Authority, ...]:
    """How far each role may settle a complaint on its own: up to an amount, for what a condition holds."""
    found = []
    for name, (key, value) in entry.table().rows.items() if entry else ():
        read_roles(sheet, key)
        row = value.table(("amount", "when"))
        amount = row.get("amount")
        number = Decimal(amount.number()) if amount else None
        if amount and number is not None and number < 0:
            amount.wrong("range", f"{amount.text()} is out of range: an authority is nothing or more")
        sheet.put("authority", name, key)
        found.append(Authority(name, number, read_condition(sheet, row.get("when"))))
    return tuple(found)


def check_approvals(procedure: Procedure, sheet: Sheet) -> None:
    """Each approval has its own name, its clock runs for it, and a substitute gets their turn some time."""
    seen: set[str] = set()
    for step in procedure.steps:
        for approval in step.approvals:
            place = sheet.place("approval", approval.name)
            if approval.name in seen:
                # What was agreed is remembered by its name, so no two steps may use the same one.
                message = f"the approval {approval.name!r} is there twice; give each its own name"
                sheet.findings.add(place, "duplicate", message)
            seen.add(approval.name)
            _check_clocks_of(procedure, sheet, approval)
        if step.within_authority and not procedure.authority:
            message = (
                f"{step.name!r} asks for proposals within authority, but nobody has any: write 'authority' "
                "with each role and its amount, for example authority: {agent: {amount: 200}}"
            )
            sheet.findings.add(sheet.place("step", step.name), "authority", message)


def _check_clocks_of(procedure: Procedure, sheet: Sheet, approval: Approval) -> None:
    trigger = f"approval:{approval.name}"
    clocks = [rule for rule in procedure.clocks if trigger in rule.starts]
    per = "order" if approval.each else "complaint"
    for rule in clocks:
        if rule.per != per:
            why = "each unit signs for its order" if approval.each else "it is one approval for the complaint"
            message = f"the clock {rule.name!r} must say 'per: {per}': {approval.name!r} is such that {why}"
            sheet.findings.add(sheet.place("clock", rule.name), "per", message)
    if approval.substitute and not clocks:
        message = (
            f"{one_of(approval.substitute)} would never get their turn: a substitute may agree when a clock "
            f"of the approval is breached, so let a clock start with {trigger}"
        )
        sheet.findings.add(sheet.place("approval", approval.name), "never_starts", message)
