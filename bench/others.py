"""How much of the machine programs other than this measurement use: what makes figures doubtful."""

from __future__ import annotations

import time

import psutil

DISTURBING = 0.25
"""Cores. Above that, the sides of a comparison have waited for others, not only for each other."""


class Others:
    """Asked now and then: the cores that other programs used since it was asked last."""

    def __init__(self) -> None:
        self._last = self._look()

    def cores(self) -> float:
        """Cores used by others since the last look; what both sides of a comparison started is not others."""
        before, self._last = self._last, self._look()
        took = self._last[0] - before[0]
        all_of_it, ours = (self._last[place] - before[place] for place in (1, 2))
        return max(0.0, all_of_it - ours) / took if took > 0 else 0.0

    @staticmethod
    def _look() -> tuple[float, float, float]:
        """Now, the CPU seconds of the whole machine until now, and those of this program's family."""
        whole = psutil.cpu_times()
        busy = sum(whole) - whole.idle - getattr(whole, "iowait", 0.0) - getattr(whole, "guest", 0.0)
        return time.monotonic(), busy, _family(psutil.Process())


def _family(process: psutil.Process) -> float:
    """CPU seconds of a process, of the children it has, and of those that have ended."""
    try:
        used = process.cpu_times()
        children = process.children()
    except psutil.NoSuchProcess:  # it ended between being listed and being asked
        return 0.0
    ended = getattr(used, "children_user", 0.0) + getattr(used, "children_system", 0.0)
    return float(used.user + used.system + ended) + sum(_family(child) for child in children)
