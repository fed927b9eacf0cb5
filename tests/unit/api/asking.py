# SPDX-License-Identifier: Apache-2.0
"""Plain HTTP over a unix socket."""

import http.client
import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.unit.api import described


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


def ask(
    path: Path,
    method: str,
    target: str,
    content: str | bytes | None = None,
    *,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    """Send one request; the answer must be JSON, and what the OpenAPI document says."""
    connection = UnixConnection(path)
    try:
        # Who refuses a long body answers before it has read all of it.
        with suppress(BrokenPipeError):
            connection.request(method, target, content, headers)
        response = connection.getresponse()
        assert response.getheader("Content-Type") == "application/json"
        answer = Answer(response.status, json.loads(response.read()))
    finally:
        connection.close()
    described.check(method, target, answer.status, answer.body)
    return answer


def error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
