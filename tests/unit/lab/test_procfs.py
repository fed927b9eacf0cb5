# SPDX-License-Identifier: Apache-2.0
import os
import socket

import pytest

from tests.lab import procfs

_TAIL = "1 77 76 0 -1 4194560 1 0 0 0 5 6 0 0 20 0 1 0 {start} 100 200"

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:7594 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1
   1: 0100007F:7595 0100007F:1234 01 00000000:00000000 00:00000000 00000000     0        0 4712 1
"""


@pytest.mark.parametrize("name", ["sh", "two words", "a) S 9 (b"])
def test_a_stat_line_is_read_whatever_the_program_is_called(name: str) -> None:
    line = f"42 ({name}) S " + _TAIL.format(start=123456) + "\n"

    found = procfs.parse_stat(line)

    assert found == procfs.Stat(pid=42, state="S", session=76, start=123456)


@pytest.mark.parametrize(("state", "alive"), [("R", True), ("S", True), ("Z", False), ("X", False)])
def test_a_zombie_is_not_alive(state: str, alive: bool) -> None:
    line = f"42 (sh) {state} " + _TAIL.format(start=1)

    assert procfs.parse_stat(line).alive is alive


@pytest.mark.parametrize("line", ["", "42", "42 (sh) S 1 2"])
def test_half_a_stat_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a line of"):
        procfs.parse_stat(line)


def test_this_process_is_seen_and_a_wrong_id_is_not() -> None:
    found = procfs.stat(os.getpid())

    assert found is not None
    assert found.session == os.getsid(0)
    assert procfs.stat(2**22 + 1) is None


def test_only_a_listening_socket_counts() -> None:
    assert procfs.listening_inode(TABLE, 0x7594) == 4711
    assert procfs.listening_inode(TABLE, 0x7595) is None


def test_the_holder_of_a_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        holder = procfs.listener(port)

    assert holder is not None
    assert f"process {os.getpid()} " in holder
    assert procfs.listener(port) is None


def test_available_memory_is_in_mebibytes() -> None:
    text = "MemTotal:       24684084 kB\nMemAvailable:   15494000 kB\n"

    assert procfs.memory_available_mib(text) == 15130
