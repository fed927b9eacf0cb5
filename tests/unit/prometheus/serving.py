# SPDX-License-Identifier: Apache-2.0
"""A real HTTP server that stands for a Prometheus, and for what may be in its place."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Behaviour:
    """What it answers; `asked` has the queries, `agents` who asked.

    `hangs`: it says nothing until it is closed. `drips`: the body comes byte by byte without end.
    `cut`: the connection ends in the middle of the body.
    """

    status: int = 200
    body: bytes = b"{}"
    location: str | None = None
    hangs: bool = False
    drips: bool = False
    cut: bool = False
    asked: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve, and give the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, behaviour)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        scheme = "http" if tls is None else "https"
        yield f"{scheme}://127.0.0.1:{server.server_port}"
    finally:
        behaviour.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, behaviour: Behaviour) -> None:
    parts = urlsplit(handler.path)
    asked = parse_qs(parts.query).get("query", [""])[0]
    behaviour.asked.append(f"{parts.path} {asked}")
    behaviour.agents.append(handler.headers["User-Agent"])
    if behaviour.hangs:
        behaviour.over.wait()
        return
    handler.send_response(behaviour.status)
    if behaviour.location is not None:
        handler.send_header("Location", behaviour.location)
    if not behaviour.drips:
        length = len(behaviour.body) * (2 if behaviour.cut else 1)
        handler.send_header("Content-Length", str(length))
    handler.end_headers()
    try:
        while behaviour.drips and not behaviour.over.wait(0.01):
            handler.wfile.write(b" ")
        handler.wfile.write(behaviour.body)
    except OSError:
        # Who asked has hung up.
        pass
    handler.close_connection = True
