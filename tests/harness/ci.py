# SPDX-License-Identifier: Apache-2.0
"""A Jenkins as ephyrad sees it: what its plugins send, over HTTP and over AMQP."""

import http.client
import json
import socket
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import amqp
from kombu.connection import Connection

from tests.lab.ports import Cloud
from tests.lab.settings import ADDRESS, Settings

_SECONDS = 30.0


class _Socket(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("ephyrad", timeout=_SECONDS)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(self._path)


def post(path: Path, headers: Mapping[str, str], body: object) -> tuple[int, Any]:
    """Post a message as the Notification plugin does; return the status and the answer."""
    connection = _Socket(path)
    with_type = {"Content-Type": "application/json;charset=UTF-8", **headers}
    connection.request("POST", "/v1/reclaim", json.dumps(body), with_type)
    answer = connection.getresponse()
    try:
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


class Exchange:
    """An exchange at a broker of the lab, and what is bound to it; removed with the context."""

    def __init__(self, lab: Settings, cloud: Cloud, name: str, queues: Iterable[str]) -> None:
        self.name = name
        self._queues = tuple(queues)
        self._connection: Any = Connection(  # type: ignore[no-untyped-call]
            hostname=ADDRESS,
            port=lab.port(cloud, "amqp"),
            userid="openstack",
            password=lab.password,
        )

    def __enter__(self) -> Self:
        self._remove()
        self._channel.exchange_declare(self.name, "topic", durable=True, auto_delete=False)
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()
        self._connection.release()

    def publish(
        self, body: object, *, at: datetime | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Publish as the MQ Notifier plugin does, with the time and the headers that are given."""
        channel = self._channel
        message = amqp.Message(
            json.dumps(body).encode(),
            content_type="application/json",
            app_id="jenkins",
            delivery_mode=2,
            timestamp=int((at or datetime.now(UTC)).timestamp()),
            application_headers=dict(headers or {}),
        )
        channel.basic_publish(message, exchange=self.name, routing_key="run.COMPLETED")
        channel.close()

    def taken_out(self, queue: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Take all messages out of a queue: the body and the headers of each."""
        channel, found = self._channel, []
        while message := channel.basic_get(queue, no_ack=True):
            body = message.body
            text = body if isinstance(body, str) else body.decode()
            found.append((text, message.properties["application_headers"]))
        return found

    @property
    def _channel(self) -> Any:
        return self._connection.channel()

    def _remove(self) -> None:
        channel = self._channel
        for queue in self._queues:
            channel.queue_delete(queue)
        channel.exchange_delete(self.name)
        channel.close()
