"""The `putright` command: runs one command line and tells errors without tracebacks."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

BATCH = ["clock", "--batch"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; see `EPILOG` for what the codes mean."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given == BATCH:
            return _answer_lines()
        from cli_commands.application import app

        code = app(given, prog_name="putright", standalone_mode=False)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; what Python would still write at its end has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        return _told(error, as_json="--json" in given)
    return code if isinstance(code, int) else 0


def _answer_lines() -> int:
    """`putright clock --batch` without what the other commands need: other programs start it often."""
    from services.clock_batch import run_lines

    for answer in run_lines(sys.stdin.buffer):
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
    return 0


def _told(error: Exception, *, as_json: bool) -> int:
    """Say what went wrong and return the exit code; what nobody expected is raised again."""
    show = getattr(error, "show", None)
    if show is not None:  # a wrong command line, told by the parser itself
        show()
        return int(getattr(error, "exit_code", 2))
    if type(error).__name__ == "Abort":
        return 130
    from cli_commands.terminal import Failure, expected, print_json, say

    failure = error if isinstance(error, Failure) else expected(error)
    if failure is None:
        raise error
    if as_json:
        print_json({"error": str(failure), **(failure.data or {})})
    else:
        say(str(failure), style="red", stderr=True)
    return failure.code


if __name__ == "__main__":
    sys.exit(main())
