"""`putright open | show | act | list | timeline`: complaints, through the API so that permissions hold."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli_commands.api_client import Api, As, Url, api, path_of
from cli_commands.terminal import USAGE, AsJson, Failure, console, listed, print_json, say

Ref = Annotated[str, typer.Argument(help="The complaint's reference, for example TEL-2026-000001.")]


def open_complaint(
    procedure: Annotated[str, typer.Argument(help="Name of the procedure, for example telecom-si.")],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME=VALUE]…", help="What was filled in: facts and fields of the form."),
    ] = None,
    *,
    title: Annotated[str, typer.Option(help="What it is about; else the summary's beginning.")] = "",
    summary: Annotated[str, typer.Option(help="What the customer said.")] = "",
    customer: Annotated[str, typer.Option(help="The customer's name.")] = "",
    phone: Annotated[str, typer.Option(help="The customer's telephone.")] = "",
    email: Annotated[str, typer.Option(help="The customer's e-mail.")] = "",
    channel: Annotated[str, typer.Option(help="How it came, for example web.")] = "hotline",
    language: Annotated[str, typer.Option(help="The customer's language.", show_default="en")] = "",
    unit: Annotated[str, typer.Option(help="The unit it is about.")] = "",
    url: Url = "",
    role: As = "",
    as_json: AsJson = False,
) -> None:
    """Open a complaint and print its reference.

    \b
    putright open telecom-si kind=complaint severity=urgent matter=charges \\
        --customer "Li Wei" --phone "+86 10 1234 5678" --title "Charged twice in March"
    """
    from cli_commands.values import form_of

    site = api(url, role)
    vocabulary = site.get(f"/procedures/{quote(procedure, safe='')}")["vocabulary"]
    given = form_of(words or [])
    person = {"name": customer, "phone": phone, "email": email}
    body: dict[str, Any] = {
        "procedure": procedure,
        "channel": channel,
        "title": title,
        "summary": summary,
        "language": language,
        "unit": unit,
        "customer": {name: value for name, value in person.items() if value},
        "facts": {name: value for name, value in given.items() if name in vocabulary},
        "form": {name: value for name, value in given.items() if name not in vocabulary},
    }
    answer = site.post("/complaints", {name: value for name, value in body.items() if value})
    if as_json:
        print_json(answer)
        return
    say(answer["ref"], style="bold")
    if answer["repeat_of"]:
        say(f"It repeats {answer['repeat_of']} ({answer['repeat_reason']}).", stderr=True)
    for announcement in answer["announcements"]:
        say(f"Announced: {announcement['title']}", stderr=True)
    for entry in answer["knowledge"]:
        say(f"Known: {' / '.join(entry['title'].values())}", stderr=True)
    say(f"Next: putright show {answer['ref']}", style="dim", stderr=True)


def show(ref: Ref, url: Url = "", role: As = "", as_json: AsJson = False) -> None:
    """Show a complaint: status, clocks with the time left, orders, solutions, timeline, what you may do.

    \b
    putright show TEL-2026-000001
    putright show TEL-2026-000001 --as handler --json
    """
    site = api(url, role)
    view = site.get(path_of(ref))
    events = _events(site, ref)
    if as_json:
        print_json({**view, "timeline": events})
        return
    from cli_commands import showing

    console().print(showing.complaint(view, events))


def act(
    ref: Ref,
    verb: Annotated[str, typer.Argument(help="What to do; `putright show REF` lists what is legal.")],
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[VALUE | NAME=VALUE | NAME:=JSON]…", help="Its fields.")
    ] = None,
    *,
    seq: Annotated[
        int | None, typer.Option(help="Refuse if the complaint has moved on from this sequence.")
    ] = None,
    url: Url = "",
    role: As = "",
    as_json: AsJson = False,
) -> None:
    """Do something with a complaint: any verb of the domain, with its fields in order or by name.

    What is not legal is refused with a code, the reason and what would be legal; the exit code is 3 then.

    \b
    putright act TEL-2026-000001 dispatch si-alpha note="billing of March"
    putright act TEL-2026-000001 take_order 1 --as handler
    putright act TEL-2026-000001 answer_order 1 "the charge was wrong" --as handler
    putright act TEL-2026-000001 propose options.1.text="Refund" options.1.remedies:='[{"type": "refund",
        "amount": "58.00", "currency": "CNY"}]'
    putright act TEL-2026-000001 reject "too little" demand="two months free"
    putright act TEL-2026-000001 record_callback satisfied score=9 --as callback
    """
    from cli_commands.values import body_of

    body = body_of(verb, words or [])
    if seq is not None:
        body["expected_seq"] = seq
    done = api(url, role).post(path_of(ref, verb), body)
    if as_json:
        print_json(done)
        return
    step = f", step {done['step']}" if done["step"] else ""
    say(f"{done['ref']} is now {done['status']}{step}, round {done['round']} (seq {done['seq']}).")
    say(listed([kind.replace("_", " ") for kind in done["events"]]), style="dim")


def list_complaints(
    *,
    status: Annotated[str, typer.Option(help="For example handling, decision, callback, closed.")] = "",
    procedure: Annotated[str, typer.Option(help="Name of the procedure.")] = "",
    unit: Annotated[str, typer.Option(help="Unit complained of.")] = "",
    severity: Annotated[str, typer.Option(help="For example urgent.")] = "",
    owner: Annotated[str, typer.Option(help="Who tracks it.")] = "",
    breached: Annotated[bool, typer.Option("--breached", help="Only those with a missed deadline.")] = False,
    consequences: Annotated[
        bool, typer.Option("--consequences", help="Cases that complaints led to, instead of complaints.")
    ] = False,
    search: Annotated[str, typer.Option("--search", "-q", help="Words to find.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    url: Url = "",
    role: As = "",
    as_json: AsJson = False,
) -> None:
    """List complaints, newest first.

    \b
    putright list --status handling --breached
    putright list --unit si-alpha --as handler
    putright list -q "router" --json
    """
    found = list(
        api(url, role).pages(
            "/complaints",
            limit,
            status=status,
            procedure=procedure,
            unit=unit,
            severity=severity,
            owner=owner,
            breached="true" if breached else "",
            cases="consequences" if consequences else "",
            q=search,
        )
    )
    if as_json:
        print_json(found)
    elif not found:
        say("No complaint is like that.")
    else:
        from cli_commands import showing

        console().print(showing.rows(found))


def timeline(ref: Ref, url: Url = "", role: As = "", as_json: AsJson = False) -> None:
    """Show what happened to a complaint, event by event.

    \b
    putright timeline TEL-2026-000001
    """
    events = _events(api(url, role), ref)
    if as_json:
        print_json(events)
        return
    from cli_commands import showing

    console().print(showing.timeline(events))


def verify(
    refs: Annotated[list[str], typer.Argument(help="References of complaints.")], as_json: AsJson = False
) -> None:
    """Check the chain of hashes of a complaint's events: was any changed, taken away or slipped in?

    Reads the database (DATABASE_URL, or that of the laptop stack). The exit code is 1 when a chain is broken.

    \b
    putright verify TEL-2026-000001
    """
    from cli_commands.site import open_database, run
    from storage.queries import complaints, verify

    async def check() -> list[dict[str, Any]]:
        async with open_database() as database:
            found = []
            for ref in refs:
                if await complaints.fingerprint(database, ref) is None:
                    raise Failure(f"There is no complaint {ref}.", USAGE)
                broken_at = await verify.first_broken(database, ref)
                redacted_at = await complaints.redacted_at(database, ref)
                found.append({"ref": ref, "first_broken": broken_at, "redacted_at": redacted_at})
            return found

    found = run(check())
    broken = [one for one in found if one["first_broken"] is not None]
    if as_json:
        print_json(found)
    else:
        for one in found:
            if one["first_broken"] is None and one["redacted_at"]:
                told = f"anonymised on {one['redacted_at']:%Y-%m-%d}, and as it was left then"
                say(f"{one['ref']}: every event is {told}.", style="green")
            elif one["first_broken"] is None:
                say(f"{one['ref']}: every event is as it was recorded.", style="green")
            else:
                say(f"{one['ref']}: not as recorded from event {one['first_broken']} on.", style="bold red")
    if broken:
        raise typer.Exit(1)


def _events(site: Api, ref: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    while True:
        page = site.get(path_of(ref, "events"), after=events[-1]["seq"] if events else 0, limit=200)
        events += page["items"]
        if not page["after"]:
            return events
