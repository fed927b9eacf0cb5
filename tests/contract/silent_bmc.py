# SPDX-License-Identifier: Apache-2.0
"""A BMC that lets nobody in, and keeps everybody waiting while it is told to."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SilentBmc:
    """Answers 401 to every request, as a BMC does to a wrong password."""

    def __init__(self) -> None:
        self._let_go = threading.Event()
        self._let_go.set()
        let_go = self._let_go

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                let_go.wait(120)
                self.send_response(401)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET  # noqa: N815  # http.server names it

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Answer nobody meanwhile."""
        self._let_go.clear()
        try:
            yield
        finally:
            self._let_go.set()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
