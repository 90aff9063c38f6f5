"""`putright docs`: the documents that are generated from the code, written again."""

from __future__ import annotations

from cli_commands.terminal import say


def docs() -> None:
    """Write the generated documents in docs/ again, after a procedure or a rule has changed.

    \b
    putright docs && git diff docs
    """
    from procedures.diagram import write_docs

    changed = write_docs()
    for path in changed:
        say(f"wrote {path}")
    if not changed:
        say("Every generated document is up to date.")
