"""Ports of this machine: is one free, and if not, who has it."""

import socket
from dataclasses import dataclass

import psutil

from local.problem import Problem


@dataclass(frozen=True)
class NeededPort:
    """A port that a part of the stack will listen on, and the setting that moves it."""

    part: str
    port: int
    setting: str


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that was free a moment ago."""
    with socket.socket(_family(host)) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def require_free(host: str, needed: list[NeededPort]) -> None:
    """Raise one `Problem` naming every busy port, its setting and, if it can be seen, its holder."""
    lines = []
    by_port: dict[int, NeededPort] = {}
    for need in needed:
        if need.port in by_port:
            other = by_port[need.port]
            lines.append(
                f"Port {need.port} is set for both {other.part} and {need.part}: change {need.setting}."
            )
        by_port[need.port] = need
        if not _is_free(host, need.port):
            lines.append(
                f"Port {need.port}, wanted for {need.part}, is in use{_holder(need.port)}.\n"
                f"  Stop that, or choose another port, for example {need.setting}={free_port(host)}"
            )
    if lines:
        raise Problem("\n".join(lines))


def _is_free(host: str, port: int) -> bool:
    with socket.socket(_family(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _holder(port: int) -> str:
    """Describe the process that listens on `port`, or return nothing if we may not see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if listens and connection.pid:
                return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except (psutil.Error, OSError):
        return ""  # it belongs to another user: then the port alone must do
    return ""
