# SPDX-License-Identifier: Apache-2.0
"""What keystonemiddleware says of a token, and what comes of it."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from ephyrad.api.caller import Caller
from ephyrad.api.gate import Environ, UnavailableError, UnidentifiedError, Wsgi
from ephyrad.api.keystone import Keystone

FOUND = {
    "HTTP_X_USER_NAME": "ann",
    "HTTP_X_USER_ID": "u1",
    "HTTP_X_ROLES": "member,reader",
}


class Examiner:
    """Answers as the middleware does: it passes on what it knows, or answers itself."""

    def __init__(self, found: dict[str, str], status: str = "200 OK") -> None:
        self.found = found
        self.status = status
        self.seen: list[Environ] = []

    def before(self, app: Wsgi) -> Wsgi:
        def call(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
            self.seen.append(environ)
            if self.status == "200 OK":
                return app({**environ, **self.found}, start_response)
            if self.status == "raise":
                raise ConnectionError
            headers = [("WWW-Authenticate", 'Keystone uri="https://k"')]
            start_response(self.status, headers)
            return [b""]

        return call


def asked(examiner: Examiner, **headers: str) -> Caller:
    body = object()
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/v1/migrations", "wsgi.input": body}
    environ |= headers
    return Keystone(examiner.before)(environ)


@pytest.mark.parametrize(
    ("scope", "name", "claims"),
    [
        ({"HTTP_OPENSTACK_SYSTEM_SCOPE": "all"}, "ann@system", {"system_scope": "all"}),
        (
            {"HTTP_X_PROJECT_NAME": "demo", "HTTP_X_PROJECT_ID": "p1"},
            "ann@demo",
            {"project_id": "p1"},
        ),
        ({"HTTP_X_DOMAIN_NAME": "ops", "HTTP_X_DOMAIN_ID": "d1"}, "ann@ops", {"domain_id": "d1"}),
        ({"HTTP_X_PROJECT_NAME": "de\nmo"}, "ann@de?mo", {}),
    ],
)
def test_a_user_is_named_with_the_tokens_scope(
    scope: dict[str, str], name: str, claims: dict[str, str]
) -> None:
    found = asked(Examiner(FOUND | scope))

    assert found == Caller(
        name, frozenset({"member", "reader"}), claims={"user_id": "u1", **claims}
    )
    assert not found.local


def test_nobody_claims_the_system_scope_or_borrows_it_from_a_service() -> None:
    examiner = Examiner(FOUND | {"HTTP_X_PROJECT_NAME": "demo"})

    found = asked(examiner, HTTP_OPENSTACK_SYSTEM_SCOPE="all", HTTP_X_SERVICE_TOKEN="t")

    assert (found.name, found.claims) == ("ann@demo", {"user_id": "u1"})
    (seen,) = examiner.seen
    assert "HTTP_X_SERVICE_TOKEN" not in seen


def test_the_body_is_left_alone_and_the_request_is_told_as_it_is() -> None:
    examiner = Examiner(FOUND)

    asked(examiner)

    (seen,) = examiner.seen
    assert (seen["REQUEST_METHOD"], seen["PATH_INFO"]) == ("POST", "/v1/migrations")
    assert seen["wsgi.input"].read() == b""


def test_a_token_that_is_not_valid_is_answered_with_where_to_get_one() -> None:
    with pytest.raises(UnidentifiedError) as caught:
        asked(Examiner({}, "401 Unauthorized"))

    assert caught.value.challenge == 'Keystone uri="https://k"'


@pytest.mark.parametrize("status", ["503 Service Unavailable", "raise"])
def test_a_keystone_that_cannot_be_asked_is_no_refusal(status: str) -> None:
    with pytest.raises(UnavailableError, match="try again later"):
        asked(Examiner({}, status))
