"""A busy port is named, with the setting that moves it and the process that has it."""

import os
import re
import socket

import pytest

from local import ports
from local.ports import NeededPort, free_port, require_free
from local.problem import Problem


def test_free_ports_are_accepted() -> None:
    require_free("127.0.0.1", [NeededPort("the API", free_port(), "PUTRIGHT_API_PORT")])


def test_a_busy_port_names_part_setting_and_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(Problem) as refused:
            require_free("127.0.0.1", [NeededPort("the API", port, "PUTRIGHT_API_PORT")])
    assert f"Port {port}, wanted for the API, is in use by process {os.getpid()}" in str(refused.value)
    assert "PUTRIGHT_API_PORT=" in str(refused.value)


def test_a_port_for_root_only_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    why = {80: PermissionError(13, "Permission denied")}
    monkeypatch.setattr(ports, "_why_not", lambda _host, port: why.get(port))
    with pytest.raises(Problem, match="Port 80, wanted for the API, is for root only"):
        require_free("127.0.0.1", [NeededPort("the API", 80, "PUTRIGHT_API_PORT")])


def test_several_busy_ports_come_with_one_line_that_moves_them_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        needed = [
            NeededPort("the API", one.getsockname()[1], "A"),
            NeededPort("Temporal", other.getsockname()[1], "B"),
            NeededPort("mail", free_port(), "C"),
        ]
        with pytest.raises(Problem) as refused:
            require_free("127.0.0.1", needed)
    assert re.fullmatch(r"  export A=\d+ B=\d+", str(refused.value).splitlines()[-1])


def test_one_port_for_two_parts_is_refused() -> None:
    port = free_port()
    with pytest.raises(Problem, match="both the API and Temporal"):
        require_free("127.0.0.1", [NeededPort("the API", port, "A"), NeededPort("Temporal", port, "B")])
