# SPDX-License-Identifier: Apache-2.0
"""Nobody comes in over TCP without saying who they are."""

import json
import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from ephyrad.api.caller import ENVIRON, Caller
from ephyrad.api.policies import OPEN, READER
from ephyrad.api.tries import TooManyTriesError

LOG = logging.getLogger(__name__)

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

NOBODY = Caller("nobody", frozenset())
_SCRAPER = Caller("whoever scrapes", frozenset({READER}), claims={"system_scope": "all"})
_METRICS = ("GET", "/metrics")


class UnidentifiedError(Exception):
    """Who asks is not known. `challenge` says, as HTTP has it, how one shows who one is."""

    def __init__(self, message: str, challenge: str) -> None:
        self.challenge = challenge
        super().__init__(message)


class UnavailableError(Exception):
    """Whoever knows the users cannot be asked."""


Identify = Callable[[Environ], Caller]
"""Returns who sent a request. Raises UnidentifiedError, UnavailableError or TooManyTriesError."""


@dataclass(frozen=True, slots=True)
class Gate:
    """WSGI before `app`: it passes on what is open, and else what `identify` knows the caller of.

    What each may do is asked of the policy, behind it.
    """

    app: Wsgi
    identify: Identify
    metrics_public: bool

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "HTTP_TRANSFER_ENCODING" in environ:
            text = "a body in chunks is not taken; send it whole, with Content-Length"
            return _refuse(start_response, HTTPStatus.LENGTH_REQUIRED, "length-required", text)
        try:
            environ[ENVIRON] = self._caller(environ)
        except UnidentifiedError as error:
            LOG.info("API: %s was not let in", environ.get("REMOTE_ADDR"))
            headers = [("WWW-Authenticate", error.challenge)]
            unauthorized = HTTPStatus.UNAUTHORIZED
            return _refuse(start_response, unauthorized, "unauthorized", str(error), headers)
        except UnavailableError as error:
            unavailable = HTTPStatus.SERVICE_UNAVAILABLE
            return _refuse(start_response, unavailable, "unavailable", str(error))
        except TooManyTriesError as error:
            headers = [("Retry-After", str(math.ceil(error.seconds)))]
            text = f"{error}: try again in {math.ceil(error.seconds)} s"
            busy = HTTPStatus.TOO_MANY_REQUESTS
            return _refuse(start_response, busy, "too-many-tries", text, headers)
        return self.app(environ, start_response)

    def _caller(self, environ: Environ) -> Caller:
        method = environ["REQUEST_METHOD"]
        route = "GET" if method == "HEAD" else method, environ["PATH_INFO"]
        if route in OPEN:
            return NOBODY
        if route == _METRICS and self.metrics_public:
            return _SCRAPER
        return self.identify(environ)


def _refuse(
    start_response: Callable[..., Any],
    status: HTTPStatus,
    code: str,
    message: str,
    headers: Iterable[tuple[str, str]] = (),
) -> Iterable[bytes]:
    """Answer as the API does, and end the connection: a body may stand in it unread."""
    content = json.dumps({"error": {"code": code, "message": message}}).encode()
    start_response(
        f"{status.value} {status.phrase}",
        [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(content))),
            ("Connection", "close"),
            *headers,
        ],
    )
    return [content]
