# SPDX-License-Identifier: Apache-2.0
"""Who asks, by a token of Keystone."""

import io
import logging
from collections.abc import Callable, Iterable
from typing import Any

from ephyrad.api.caller import Caller
from ephyrad.api.gate import Environ, UnavailableError, UnidentifiedError, Wsgi

LOG = logging.getLogger(__name__)

_CLAIMS = {
    "user_id": "HTTP_X_USER_ID",
    "user_domain_id": "HTTP_X_USER_DOMAIN_ID",
    "project_id": "HTTP_X_PROJECT_ID",
    "project_domain_id": "HTTP_X_PROJECT_DOMAIN_ID",
    "domain_id": "HTTP_X_DOMAIN_ID",
    "system_scope": "HTTP_OPENSTACK_SYSTEM_SCOPE",
}
# keystonemiddleware 13 takes the system scope of a service's token for the user's
# (auth_token/_request.py): roles in a project would count for the whole system.
_NOT_TAKEN = ("HTTP_X_SERVICE_TOKEN", "HTTP_OPENSTACK_SYSTEM_SCOPE")
_SCOPES = ("HTTP_X_PROJECT_NAME", "HTTP_X_DOMAIN_NAME")

Seen = list[Environ]


class Keystone:
    """Has keystonemiddleware look at the head of a request, without its body."""

    def __init__(self, middleware: Callable[[Wsgi], Wsgi]) -> None:
        """`middleware` returns keystonemiddleware's auth_token before an application."""
        self._check = middleware(_pass)

    def __call__(self, environ: Environ) -> Caller:
        """Return who sent the request.

        :raises UnidentifiedError: it has no token that is valid.
        :raises UnavailableError: Keystone cannot be asked.
        """
        seen: Seen = []
        answered: list[tuple[str, list[tuple[str, str]]]] = []
        head = {
            **{name: value for name, value in environ.items() if name not in _NOT_TAKEN},
            "CONTENT_LENGTH": "0",
            "wsgi.input": io.BytesIO(),
            _SEEN: seen,
        }
        try:
            self._check(head, lambda status, headers, *_: answered.append((status, headers)))
        except Exception as error:
            LOG.exception("API: Keystone cannot be asked")
            raise _unavailable() from error
        if seen:
            return _caller(seen[0])
        status, headers = answered[0]
        if not status.startswith("401"):
            raise _unavailable()
        found = {name.lower(): value for name, value in headers}
        raise UnidentifiedError(
            "a token of the new cloud's Keystone is wanted, in X-Auth-Token, that is valid: it may"
            " have expired or been revoked",
            found.get("www-authenticate", "Keystone"),
        )


_SEEN = "ephyrad.seen"


def _pass(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Keep what the middleware has found out."""
    environ[_SEEN].append(environ)
    start_response("200 OK", [])
    return []


def _caller(environ: Environ) -> Caller:
    claims = {name: environ[key] for name, key in _CLAIMS.items() if environ.get(key)}
    scope = next((environ[key] for key in _SCOPES if environ.get(key)), "system")
    roles = environ.get("HTTP_X_ROLES", "").split(",")
    return Caller(
        _one_line(f"{environ.get('HTTP_X_USER_NAME') or claims.get('user_id')}@{scope}"),
        frozenset(role for role in roles if role),
        claims=claims,
    )


def _one_line(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name)


def _unavailable() -> UnavailableError:
    return UnavailableError("the new cloud's Keystone cannot be asked who you are: try again later")
