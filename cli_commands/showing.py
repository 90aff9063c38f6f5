"""How complaints look in a terminal: one with all that belongs to it, many as rows, a timeline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

STATE_STYLES = {
    "breached": "bold red",
    "missed": "red",
    "running": "green",
    "paused": "yellow",
    "met": "dim",
    "stopped": "dim",
}
SOON = timedelta(hours=2)
LONGEST_VALUE = 300
UNTOLD = ("draw", "customer")
"""What of an event is for programs: the lot that is drawn once, the customer's number beside their name."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def instant(text: str | None) -> str:
    """An instant of the API in the time zone of this machine; a dash for none."""
    if not text:
        return "–"
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"


def left(due: str | None, now: datetime) -> Text:
    """How long until a due instant: `3 h 20 min left`, or `2 d 4 h late` in red."""
    if not due:
        return Text("–", style="dim")
    span = datetime.fromisoformat(due) - now
    if span < timedelta():
        return Text(f"{length(-span)} late", style="bold red")
    return Text(f"{length(span)} left", style="yellow" if span < SOON else "green")


def length(span: timedelta) -> str:
    """A length of time with its two largest units; below a minute in seconds."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    if not minutes:
        return f"{seconds} s"
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def complaint(view: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Everything about one complaint that its viewer may see."""
    now = datetime.now(UTC)
    parts: list[RenderableType] = [_head(view)]
    parts += _if_any(_clocks(view, now), view["clocks"])
    parts += _if_any(_orders(view), view["orders"])
    parts += _if_any(_options(view), view["options"])
    parts += _if_any(_consequences(view, now), view["consequences"])
    if view["callback"]:
        callback = view["callback"]
        when = "now" if callback["due"] else instant(callback["at"])
        parts.append(Text(f"Callback: attempt {callback['attempt']}, {when}", style="cyan"))
    parts += _if_any(timeline(events), events)
    parts.append(_actions(view["allowed_actions"]))
    return Group(*(_spaced(parts)))


def _if_any(table: RenderableType, rows: Sequence[Any]) -> list[RenderableType]:
    return [table] if rows else []


def _spaced(parts: Iterable[RenderableType]) -> Iterable[RenderableType]:
    for part in parts:
        yield part
        yield Text("")


def _head(view: Mapping[str, Any]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    title = f"[bold]{escape(view['ref'])}[/]  [bold cyan]{escape(view['status'])}[/]"
    if view["step_title"]:
        title += f" · {escape(view['step_title'])}"
    table.add_row("", f"{title} · round {view['round']}")
    table.add_row("procedure", escape(f"{view['procedure']} {view['version']}"))
    customer = view["customer"]
    told = " · ".join(escape(customer[name]) for name in ("name", "phone", "email") if customer[name])
    rows = {
        "raised by": escape(view["parent"]),
        "title": escape(view["title"]),
        "summary": escape(_short(view["summary"])) if view["summary"] != view["title"] else "",
        "customer": told or escape(customer["id"]),
        "owner": escape(view["owner"]),
        "facts": escape(_pairs(view["facts"])),
        "form": escape(_pairs({k: _short(v) for k, v in view["form"].items() if k not in view["facts"]})),
        "opened": f"{instant(view['opened_at'])} by {escape(view['channel'])}",
        "mind": _mind(view),
        "closed": f"{instant(view['closed_at'])} as {escape(view['closing_reason'])}"
        if view["closed_at"]
        else "",
    }
    for name, text in rows.items():
        if text:
            table.add_row(name, text)
    return table


def _mind(view: Mapping[str, Any]) -> str:
    notes = ["[red]major[/]"] if view["major"] else []
    notes += [f"[red]{view['breaches']} breached[/]"] if view["breaches"] else []
    notes += [f"[yellow]on hold since {instant(view['held_at'])}[/]"] if view["held_at"] else []
    if view["repeat_of"]:
        notes.append(f"repeat of {escape(view['repeat_of'])} ({escape(view['repeat_reason'])})")
    notes += [escape(flag) for flag in view["flags"]] + [escape(mark) for mark in view["marks"]]
    return " · ".join(notes)


def _pairs(values: Mapping[str, str]) -> str:
    return " · ".join(f"{name}: {value}" for name, value in values.items() if value)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_VALUE else f"{flat[:LONGEST_VALUE]}…"


def _titled(title: str, *names: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for name in names:
        table.add_column(name, overflow="fold", header_style="dim")
    return table


def _clocks(view: Mapping[str, Any], now: datetime) -> Table:
    table = _titled("Clocks", "clock", "", "order", "limit", "state", "due", "time left")
    order = {"breached": 0, "running": 1, "paused": 2}
    for clock in sorted(view["clocks"], key=lambda c: (order.get(c["state"], 3), c["due_at"] or "")):
        runs = clock["state"] in order
        table.add_row(
            clock["id"],
            escape(clock["title"]),
            clock["order"] or "–",
            clock["limit"] or "agreed",
            Text(clock["state"], style=STATE_STYLES.get(clock["state"], "")),
            instant(clock["due_at"]),
            left(clock["due_at"], now) if runs else Text(""),
            style="" if runs else "dim",
        )
    return table


def _orders(view: Mapping[str, Any]) -> Table:
    table = _titled("Orders", "order", "unit", "for", "round", "state", "handler", "given", "result")
    for order in view["orders"]:
        result = " · ".join(part for part in (order["outcome"], order["result"]) if part)
        table.add_row(
            order["id"],
            escape(order["unit"]),
            escape(order["purpose"]),
            str(order["round"]),
            order["state"],
            escape(order["handler"] or "–"),
            instant(order["at"]),
            escape(_short(result)),
        )
    return table


def _options(view: Mapping[str, Any]) -> Table:
    table = _titled("Solutions offered", "option", "", "remedies", "")
    for option in view["options"]:
        remedies = [
            " ".join(part for part in (remedy["type"], remedy["amount"], remedy["currency"]) if part)
            for remedy in option["remedies"]
        ]
        taken = Text("accepted", style="green") if option["id"] == view["accepted"] else Text("")
        table.add_row(option["id"], escape(option["text"]), escape(", ".join(remedies)), taken)
    return table


def _consequences(view: Mapping[str, Any], now: datetime) -> Table:
    table = _titled("Consequences", "ref", "", "unit", "state", "due", "why")
    for one in view["consequences"]:
        closed = f"{one['status']} as {one['closing_reason']}" if one["closing_reason"] else one["status"]
        table.add_row(
            one["ref"],
            escape(one["title"]),
            escape(one["unit"] or one["person"] or "–"),
            closed,
            left(one["due_at"], now),
            escape(_short(one["why"])),
        )
    return table


def attachments(found: Sequence[Mapping[str, Any]]) -> Table:
    """The files of a complaint, the oldest first."""
    table = _titled("Files", "id", "name", "evidence", "type", "size", "added", "by")
    for one in found:
        table.add_row(
            one["id"],
            escape(one["name"]),
            one["evidence"].replace("_", " "),
            one["media_type"],
            str(one["size"]),
            instant(one["added_at"]),
            escape(one["added_by"]),
        )
    return table


def measures(found: Sequence[Mapping[str, Any]]) -> Table:
    """The measures on a unit, the earliest first."""
    table = _titled("Measures", "when", "measure", "case", "step", "who", "why")
    for one in found:
        table.add_row(
            instant(one["at"]),
            one["measure"].replace("_", " "),
            one["ref"],
            escape(one["step"]),
            escape(one["by"]),
            escape(_short(one["note"])),
        )
    return table


def _actions(actions: Sequence[Mapping[str, str]]) -> Text:
    targets: dict[str, list[str]] = {}
    for action in actions:
        targets.setdefault(action["verb"], []).append(action["target"])
    told = [verb + (f" ({', '.join(found)})" if any(found) else "") for verb, found in targets.items()]
    return Text(f"You may: {', '.join(told) or 'nothing at the moment'}", style="cyan")


def timeline(events: Sequence[Mapping[str, Any]]) -> Table:
    """The events in order, each with what it says."""
    table = _titled("Timeline", "#", "when", "who", "what", "")
    for event in events:
        told = ((name, value) for name, value in event["data"].items() if value and name not in UNTOLD)
        data = " · ".join(f"{name}: {_value(value)}" for name, value in told)
        table.add_row(
            str(event["seq"]),
            f"{datetime.fromisoformat(event['at']).astimezone():%m-%d %H:%M:%S}",
            escape(event["by"]),
            event["kind"].replace("_", " "),
            Text(_short(data), style="dim"),
        )
    return table


def _value(value: Any) -> str:
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return instant(value)
    if isinstance(value, Mapping) and set(value) == {"amount", "unit"}:
        return f"{value['amount']}{value['unit']}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_value(inner)}" for name, inner in value.items() if inner)
    if isinstance(value, list):
        return ", ".join(_value(inner) for inner in value)
    return str(value)


def rows(found: Sequence[Mapping[str, Any]]) -> Table:
    """A list of complaints."""
    now = datetime.now(UTC)
    table = _titled("", "ref", "status", "round", "unit", "severity", "owner", "opened", "due", "title")
    table.title = None
    for row in found:
        mind = ("[red]! [/]" if row["breached"] else "") + ("[red]major [/]" if row["major"] else "")
        table.add_row(
            row["ref"],
            row["status"],
            str(row["round"]),
            escape(row["unit"]),
            escape(row["severity"]),
            escape(row["owner"]),
            instant(row["opened_at"]),
            left(row["due_at"], now),
            mind + escape(_short(row["title"])[:60]),
        )
    return table
