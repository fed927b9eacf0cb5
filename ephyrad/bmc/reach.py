# SPDX-License-Identifier: Apache-2.0
"""Tries whether BMCs answer from here. Nobody logs in, and nothing is changed."""

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from ephyrad.migration.bmc import Bmc, Protocol

_ABREAST = 32
"""How many are tried at a time."""

_PING = bytes.fromhex("0600ff06 000011be 80000000".replace(" ", ""))
"""An ASF presence ping (DMTF DSP0136, 3.2.4.3): RMCP, IANA 4542, type 80h, tag 0, no data."""
_PONG = bytes.fromhex("0600ff06 000011be 40".replace(" ", ""))
_REPEATED = 3
"""How often a ping is sent: a datagram may get lost."""

Reach = Callable[[Iterable[Bmc]], Mapping[Bmc, str | None]]
"""Tries BMCs; gives for each why it is not reached, None where it answers."""


def reach(
    bmcs: Iterable[Bmc], seconds: float = 3.0, stopping: Callable[[], bool] = lambda: False
) -> dict[Bmc, str | None]:
    """Try each BMC once, several at a time; return why it is not reached, None where it answers.

    Each is given so many seconds, beside what the look-up of its name takes. Once `stopping`, the
    rest is not tried.
    """

    def tried(bmc: Bmc) -> str | None:
        return "not tried: ephyrad is stopping" if stopping() else _trouble(bmc, seconds)

    wanted = list(dict.fromkeys(bmcs))
    with ThreadPoolExecutor(_ABREAST, "bmc") as pool:
        return dict(zip(wanted, pool.map(tried, wanted), strict=True))


def _trouble(bmc: Bmc, seconds: float) -> str | None:
    try:
        if bmc.protocol is Protocol.TCP:
            socket.create_connection((bmc.host, bmc.port), seconds).close()
            return None
        return _ping(bmc, seconds)
    except TimeoutError:
        return f"no answer within {seconds:g} s"
    except UnicodeError:
        return "its address is no host name"
    except OSError as error:
        return error.strerror or str(error)


def _ping(bmc: Bmc, seconds: float) -> str | None:
    found = socket.getaddrinfo(bmc.host, bmc.port, type=socket.SOCK_DGRAM)
    family, kind, number, _, address = found[0]
    with socket.socket(family, kind, number) as sock:
        # Connected, so that a port without a listener is told, and nobody else is heard.
        sock.connect(address)
        for _ in range(_REPEATED):
            sock.send(_PING)
            if _heard(sock, seconds / _REPEATED):
                return None
    return f"no answer to a presence ping within {seconds:g} s"


def _heard(sock: socket.socket, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            if sock.recv(64).startswith(_PONG):
                return True
        except TimeoutError:
            return False
    return False
