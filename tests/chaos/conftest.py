"""The installation that is killed, part by part; and what was seen, told at the end of the run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest

from tests.chaos.office import Office
from tests.chaos.stack import Stack
from tests.servers import new_run_folder

LOGS = ("api", "worker")
UNEXPECTED = ("unexpected error", "relay failed", "Failed activation on workflow")
_SEEN = pytest.StashKey[list[str]]()


@pytest.fixture(scope="package")
async def stack() -> AsyncIterator[Stack]:
    """A running installation; every test leaves it with all parts running."""
    folder = new_run_folder()
    stack = Stack(folder)
    try:
        await stack.begin()
        yield stack
    finally:
        await stack.end()


@pytest.fixture
async def office(stack: Stack) -> AsyncIterator[Office]:
    """People who use the installation, each request for itself."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        yield Office(stack, http)


@pytest.fixture(autouse=True)
def no_unexpected_errors(stack: Stack) -> Iterator[None]:
    """Whatever is down, nothing fails in a way nobody thought of."""
    before = {part: len(stack.log(part)) for part in LOGS}
    yield
    for part in LOGS:
        lines = stack.log(part)[before[part] :].splitlines()
        unexpected = [line for line in lines if any(words in line for words in UNEXPECTED)]
        assert unexpected == [], part


@pytest.fixture
def seen(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Say what a test saw; it is shown at the end of the run."""
    lines = request.config.stash.setdefault(_SEEN, [])
    return lambda line: lines.append(f"{request.node.name}: {line}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what the failure tests saw."""
    lines = config.stash.get(_SEEN, [])
    if lines:
        terminalreporter.section("seen while parts were killed")
        for line in lines:
            terminalreporter.write_line(line)
