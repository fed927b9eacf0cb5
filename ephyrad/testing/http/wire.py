# SPDX-License-Identifier: Apache-2.0
"""Requests, replies, and which handler a request is for."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from ephyrad.testing.http.tokens import Token

JSON = {"Content-Type": "application/json"}
BYTES = {"Content-Type": "application/octet-stream"}
HTML = {"Content-Type": "text/html; charset=UTF-8"}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to one service.

    `path` is the one below the service's `root`, which is a URL; `token` is the valid one that
    came with it. Names in `headers` are those of CGI: HTTP_X_AUTH_TOKEN.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, Any]
    body: bytes
    root: str
    token: Token | None = None
    source: Callable[[int], bytes] | None = None
    """What a large body is read from, so many bytes at a time, instead of `body`."""
    lock: AbstractContextManager[object] = field(default_factory=nullcontext)
    """Held around whatever touches the cloud, by who handles a request with a `source`."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


Handler = Callable[..., Reply]


def reply(value: object, status: int = 200) -> Reply:
    """Return an answer in JSON."""
    return Reply(status, json.dumps(value).encode())


def query(text: str) -> dict[str, str]:
    """Return the parameters of a URL."""
    return dict(parse_qsl(text, keep_blank_values=True))


def html(status: int, title: str, words: str) -> Reply:
    """Return an error as webob writes it."""
    page = f"<html>\n <head>\n  <title>{status} {title}</title>\n </head>\n <body>\n"
    page += f"  <h1>{status} {title}</h1>\n  {words}<br /><br />\n\n\n\n </body>\n</html>"
    return Reply(status, page.encode(), HTML)


class Routes:
    """Handlers by method and path; `{name}` in a path stands for one segment of it."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, str, re.Pattern[str], Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Have requests for `path` handled, called with the request and the named segments."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]*)", path)
        self._routes.append((method, path, re.compile(pattern), handler))

    def find(self, method: str, path: str) -> tuple[str, Handler, dict[str, str]] | None:
        """Return the path as it was added, its handler and the segments; None: there is none."""
        for wanted, template, pattern, handler in self._routes:
            if wanted == method and (found := pattern.fullmatch(path)):
                return template, handler, found.groupdict()
        return None
