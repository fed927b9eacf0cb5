# SPDX-License-Identifier: Apache-2.0
"""Whether BMCs answer from here, tried on sockets of the loopback address."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ephyrad.bmc.reach import reach
from ephyrad.migration.bmc import Bmc, Protocol

HOME = "127.0.0.1"
SHORT = 0.3
PING = bytes.fromhex("0600ff06000011be80000000")
PONG = bytes.fromhex("0600ff06000011be40000010000011be00000000810000000000000000")


@contextmanager
def listening() -> Iterator[Bmc]:
    with socket.create_server((HOME, 0)) as server:
        yield Bmc(Protocol.TCP, HOME, server.getsockname()[1])


@contextmanager
def pinged(*answers: bytes | None) -> Iterator[tuple[Bmc, list[bytes]]]:
    """Have a BMC that gives one answer to each ping, and keeps the pings."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOME, 0))

        def serve() -> None:
            for answer in answers:
                content, peer = sock.recvfrom(64)
                heard.append(content)
                if answer is not None:
                    sock.sendto(answer, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield Bmc(Protocol.RMCP, HOME, sock.getsockname()[1]), heard
        thread.join()


def closed() -> int:
    """Return a port that nobody listens on any more."""
    with socket.create_server((HOME, 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_a_bmc_that_takes_a_connection_is_reached() -> None:
    with listening() as bmc:
        assert reach([bmc, bmc], SHORT) == {bmc: None}


def test_one_that_refuses_is_told() -> None:
    bmc = Bmc(Protocol.TCP, HOME, closed())

    assert reach([bmc], SHORT) == {bmc: "Connection refused"}


def test_a_bmc_that_answers_a_presence_ping_is_reached() -> None:
    with pinged(PONG) as (bmc, heard):
        assert reach([bmc], SHORT) == {bmc: None}
    assert heard == [PING]


def test_a_lost_ping_is_sent_again_and_another_answer_is_none() -> None:
    with pinged(None, b"something else", PONG) as (bmc, heard):
        assert reach([bmc], SHORT) == {bmc: None}
    assert heard == [PING] * 3


def test_a_silent_one_is_told_within_its_time() -> None:
    with pinged(None, None, None) as (bmc, _):
        assert reach([bmc], SHORT) == {bmc: "no answer to a presence ping within 0.3 s"}


def test_a_port_that_nobody_serves_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOME, 0))
        bmc = Bmc(Protocol.RMCP, HOME, sock.getsockname()[1])

    assert reach([bmc], SHORT) == {bmc: "Connection refused"}


def test_a_name_that_means_nothing_is_told() -> None:
    for host in ("no-such-host.invalid", "a" * 64 + ".invalid"):
        for protocol in Protocol:
            bmc = Bmc(protocol, host, 443)
            assert reach([bmc], SHORT)[bmc]


def test_nothing_is_tried_any_more_once_ephyrad_stops() -> None:
    with listening() as bmc:
        assert reach([bmc], SHORT, lambda: True) == {bmc: "not tried: ephyrad is stopping"}
