"""A busy port is named, with the setting that moves it and the process that has it."""

import os
import socket

import pytest

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


def test_one_port_for_two_parts_is_refused() -> None:
    port = free_port()
    with pytest.raises(Problem, match="both the API and Temporal"):
        require_free("127.0.0.1", [NeededPort("the API", port, "A"), NeededPort("Temporal", port, "B")])
