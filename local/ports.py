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
    lines, other_ports = [], []
    by_port: dict[int, NeededPort] = {}
    for need in needed:
        if need.port in by_port:
            other = by_port[need.port]
            lines.append(
                f"Port {need.port} is set for both {other.part} and {need.part}: change {need.setting}."
            )
        by_port[need.port] = need
        if _is_reserved(host, need.port):
            lines.append(
                f"Port {need.port}, wanted for {need.part}, is for root only: low ports are.\n"
                f"  Choose another, for example {need.setting}={free_port(host)}"
            )
        elif not _is_free(host, need.port):
            other_ports.append(f"{need.setting}={free_port(host)}")
            lines.append(
                f"Port {need.port}, wanted for {need.part}, is in use{_holder(need.port)}.\n"
                f"  Stop that, or choose another port, for example {other_ports[-1]}"
            )
    if len(other_ports) > 1:
        lines.append(f"All at once, for this terminal:\n  export {' '.join(other_ports)}")
    if lines:
        raise Problem("\n".join(lines))


def _is_free(host: str, port: int) -> bool:
    return _why_not(host, port) is None


def _is_reserved(host: str, port: int) -> bool:
    """Whether this user may not listen on the port, whoever does."""
    return isinstance(_why_not(host, port), PermissionError)


def _why_not(host: str, port: int) -> OSError | None:
    """What keeps us from listening on a port; None when nothing does."""
    with socket.socket(_family(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
        return None


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
