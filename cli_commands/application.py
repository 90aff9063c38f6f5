"""The typer application: every command in its panel."""

from __future__ import annotations

import typer

from cli_commands import (
    attachments,
    clock,
    complaints,
    directory,
    doctor,
    documents,
    imports,
    ledger,
    measures,
    procedures,
    retention,
    stack,
    tokens,
)

HELP = """Putright: customer complaints from the first call to a satisfied customer.

\b
putright up                                 start everything on this machine
putright open telecom-si severity=urgent    open a complaint
putright show TEL-2026-000001               see it: clocks, orders, what you may do
putright doctor                             look at every part and say what to mend
"""

EPILOG = (
    "Exit codes: 0 done · 1 something is wrong, and it was said what · 2 the command line or a setting is "
    "wrong · 3 refused by a rule, with its code and what is legal · 4 something is down, "
    "try again · 130 interrupted."
)

app = typer.Typer(
    name="putright",
    help=HELP,
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_STACK, _CASES, _DATA, _RULES = "Processes", "Complaints", "Data and access", "Rules and time"

app.command(rich_help_panel=_STACK)(stack.up)
app.command(rich_help_panel=_STACK)(stack.reset)
app.command(rich_help_panel=_STACK)(stack.worker)
app.command(rich_help_panel=_STACK)(stack.serve)
app.command(rich_help_panel=_STACK)(stack.relay)
app.command(rich_help_panel=_STACK)(stack.revive)
app.command(rich_help_panel=_STACK)(doctor.doctor)
app.command("open", rich_help_panel=_CASES)(complaints.open_complaint)
app.command(rich_help_panel=_CASES)(complaints.show)
app.command(rich_help_panel=_CASES)(complaints.act)
app.command("list", rich_help_panel=_CASES)(complaints.list_complaints)
app.command(rich_help_panel=_CASES)(complaints.timeline)
app.command(rich_help_panel=_CASES)(complaints.verify)
app.command(rich_help_panel=_CASES)(attachments.attach)
app.command(rich_help_panel=_CASES)(attachments.files)
app.command(rich_help_panel=_CASES)(measures.measures)
app.command("import", rich_help_panel=_DATA)(imports.import_file)
app.add_typer(ledger.app, name="ledger", rich_help_panel=_CASES)
app.command(rich_help_panel=_DATA)(retention.retention)
app.add_typer(tokens.app, name="token", rich_help_panel=_DATA)
app.add_typer(directory.app, name="directory", rich_help_panel=_DATA)
app.add_typer(procedures.app, name="procedure", rich_help_panel=_RULES)
app.command(rich_help_panel=_RULES)(clock.clock)
app.command("docs", rich_help_panel=_RULES)(documents.docs)
