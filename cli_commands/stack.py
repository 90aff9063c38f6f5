"""`putright up | reset | worker | serve | relay`: the processes Putright consists of."""

from __future__ import annotations

from typing import Annotated

import typer

from cli_commands.terminal import USAGE, Failure, console


def up() -> None:
    """Start everything on this machine: PostgreSQL, Temporal, mail catcher, worker, API. Ctrl-C stops it.

    What is configured from outside (DATABASE_URL, TEMPORAL_ADDRESS, SMTP_HOST) is used and left alone.

    \b
    putright up
    PUTRIGHT_API_PORT=8090 putright up
    """
    from local.stack import up as run_up

    raise typer.Exit(run_up())


def reset(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget all data of this machine's stack: complaints, messages, tokens, workflows. It asks first.

    \b
    putright reset
    putright reset --yes
    """
    from local.__main__ import reset as forget
    from settings import Settings

    raise typer.Exit(forget(Settings(), yes=yes, console=console()))


def worker(
    queues: Annotated[
        list[str] | None, typer.Argument(help="Task queues to serve.", show_default="all of them")
    ] = None,
) -> None:
    """Run a worker: it decides, records and sends for every complaint. Ctrl-C lets it finish its work.

    \b
    putright worker
    putright worker notifications
    """
    from cli_commands.site import hand_on, site_settings

    hand_on(site_settings())
    import worker as process

    try:
        process.queues_named(queues or ())
    except ValueError as error:
        raise Failure(str(error), USAGE) from error
    process.main([part for name in queues or () for part in ("--queue", name)])


def serve() -> None:
    """Run the API, and in it the relay that starts the workflows of accepted complaints.

    \b
    putright serve
    PUTRIGHT_API_PORT=8090 putright serve
    """
    from cli_commands.site import hand_on, site_settings

    hand_on(site_settings())
    import server as process

    process.main([])


def relay(
    rate: Annotated[
        float | None, typer.Option(min=0.1, help="Most starts a second.", show_default="PUTRIGHT_RELAY_RATE")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Start what waits now, then end.")] = False,
) -> None:
    """Run a relay of its own: it starts the workflows of complaints that were accepted or imported.

    The API has one inside; more may run beside it, no complaint is started twice.

    \b
    putright relay --rate 80
    putright relay --once
    """
    from cli_commands.site import open_connections, run, site_settings
    from services.relay import Relay

    async def work() -> int:
        settings = site_settings()
        async with open_connections(settings) as connections:
            found = Relay(connections, rate=rate or settings.relay_rate)
            if not once:
                await found.run()
            while await found.once():
                pass
            return found.started

    started = run(work())
    console().print(f"started {started}")


def revive(
    rate: Annotated[
        float | None, typer.Option(min=0.1, help="Most starts a second.", show_default="PUTRIGHT_RELAY_RATE")
    ] = None,
) -> None:
    """Give every open complaint whose workflow is gone a new one, from what PostgreSQL knows.

    For after a workflow was terminated in the Temporal UI, or a restored or lost database of Temporal. What
    runs is left alone, so it may be run at any time; `putright doctor` says when it is needed.

    \b
    putright revive
    """
    from cli_commands.site import open_connections, run, site_settings
    from services.reviving import Revival
    from services.reviving import revive as bring_back

    async def work() -> Revival:
        settings = site_settings()
        async with open_connections(settings) as connections:
            return await bring_back(connections, rate=rate or settings.relay_rate)

    done = run(work())
    console().print(f"{done.revived} of {done.seen} open complaints had no workflow and have one again")
