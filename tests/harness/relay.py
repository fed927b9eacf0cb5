# SPDX-License-Identifier: Apache-2.0
"""A TCP relay between a client and a service, which breaks a connection off when it is told to."""

import contextlib
import socket
import struct
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.settings import ADDRESS

_PIECE = 1 << 18

# Closing sends a reset, as whatever stands between two hosts does that has lost a connection.
_ABRUPTLY = struct.pack("ii", 1, 0)


class Relay:
    """Passes on what comes to its own port; entered, it relays until it is left."""

    def __init__(self, target: int | Path) -> None:
        """It passes everything on to a port of this host, or to a unix socket."""
        self._target = target
        self._door = socket.create_server((ADDRESS, 0))
        self._changed = threading.Condition()
        self._carried = 0
        self._cut_at: int | None = None
        self._cuts = 0

    @property
    def port(self) -> int:
        """Its own port."""
        port: int = self._door.getsockname()[1]
        return port

    @property
    def cuts(self) -> int:
        """How many connections it has broken off."""
        with self._changed:
            return self._cuts

    def cut_after(self, size: int) -> None:
        """Break the next connection off that has carried so many bytes, both ways together."""
        with self._changed:
            self._cut_at = size

    def await_carried(self, size: int, seconds: float) -> None:
        """Return once a connection has carried so many bytes, both ways together."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._carried >= size, seconds)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _accept(self) -> None:
        # Its door is closed in the end.
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        try:
            service = _connected(self._target)
        except OSError:
            client.close()
            return
        line = _Line(client, service)
        for pair in ((client, service), (service, client)):
            threading.Thread(target=self._pass_on, args=(line, *pair), daemon=True).start()

    def _pass_on(self, line: "_Line", source: socket.socket, target: socket.socket) -> None:
        cut = False
        # Either end may hang up, or be killed.
        with contextlib.suppress(OSError):
            while not cut and (piece := source.recv(_PIECE)):
                cut = self._is_cut(line, len(piece))
                if not cut:
                    target.sendall(piece)
        line.end(abruptly=cut)

    def _is_cut(self, line: "_Line", size: int) -> bool:
        with self._changed:
            line.carried += size
            self._carried = max(self._carried, line.carried)
            self._changed.notify_all()
            if self._cut_at is None or line.carried < self._cut_at:
                return False
            self._cut_at = None
            self._cuts += 1
            return True


def _connected(target: int | Path) -> socket.socket:
    if isinstance(target, int):
        return socket.create_connection((ADDRESS, target))
    service = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        service.connect(str(target))
    except OSError:
        service.close()
        raise
    return service


class _Line:
    """One connection that is relayed."""

    def __init__(self, client: socket.socket, service: socket.socket) -> None:
        self.carried = 0
        self._ends = (client, service)

    def end(self, *, abruptly: bool) -> None:
        """Close both halves; a thread that waits for one of them ends, too."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                if abruptly:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABRUPTLY)
                end.shutdown(socket.SHUT_RDWR)
            end.close()
