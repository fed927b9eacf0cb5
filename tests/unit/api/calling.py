# SPDX-License-Identifier: Apache-2.0
"""Plain HTTPS to a server on 127.0.0.1, by a client that knows the tests' authority."""

import base64
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: Mapping[str, str]


def trusting(directory: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(directory / "ca.pem"))


def login(name: str, password: str) -> dict[str, str]:
    token = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


def call(
    port: int,
    context: ssl.SSLContext,
    request_line: str,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Send one request of "METHOD TARGET"; what is answered is read whole."""
    method, target = request_line.split()
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, target, content, dict(headers or {}))
        response = connection.getresponse()
        found = response.read()
        is_json = response.getheader("Content-Type") == "application/json"
        answer = json.loads(found) if is_json and found else found.decode()
        return Reply(response.status, answer, dict(response.getheaders()))
    finally:
        connection.close()
