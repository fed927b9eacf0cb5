# SPDX-License-Identifier: Apache-2.0
"""One REST service of a cloud: raw JSON out of reads, outcomes out of changes."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from keystoneauth1 import exceptions as keystone
from openstack.exceptions import SDKException
from openstack.proxy import Proxy
from urllib3 import BaseHTTPResponse
from urllib3 import exceptions as wire

from ephyrad.clouds.endpoint import JSON, Endpoint, answered
from ephyrad.clouds.errors import (
    Answer,
    cause_of,
    is_absence,
    json_object,
    outcome_of,
    outcome_of_failure,
    words_of,
)
from ephyrad.clouds.port import CloudReadError, CloudSetupError
from ephyrad.clouds.secrecy import secrets_in
from ephyrad.migration.outcomes import Outcome, Unknown, Unreachable

LOG = logging.getLogger(__name__)

Method = Literal["DELETE", "PATCH", "POST", "PUT"]
Params = Mapping[str, str | int]
_FAILURES = (keystone.ClientException, SDKException)


class MissingError(CloudReadError):
    """The service says itself that what was asked about is not there."""


class BrokenOffError(Exception):
    """What is poured into a service is not to go on: the connection is closed in the middle."""

    def __init__(self, outcome: Outcome) -> None:
        """`outcome` is what came of the whole."""
        super().__init__(str(outcome))
        self.outcome = outcome


class Service:
    """A service that is found, and its API version chosen, at the first call.

    Any number of threads may call it. No call is repeated, but for one more try with a fresh
    token after a 401, and no redirect is followed. Nothing of a body is ever logged.
    """

    def __init__(
        self, label: str, find: Callable[[], Proxy], *, connect_timeout: float, read_timeout: float
    ) -> None:
        """`label` names the service in messages; `find` looks it up and may raise what
        keystoneauth, openstacksdk or this package raise. The time-outs are seconds.
        """
        self.label = label
        self._find = find
        self._timeouts = (connect_timeout, read_timeout)
        self._endpoint: Endpoint | None = None
        self._lock = threading.Lock()

    def version(self) -> tuple[int, int]:
        """Return the microversion that is asked for, (0, 0) where the service has none.

        :raises CloudReadError: the service could not be asked which it has.
        """
        return self._readable().version

    def ask(self, path: str, params: Params | None = None) -> Answer:
        """Return the answer to a GET, whatever it is.

        :raises CloudReadError: there was none.
        """
        endpoint = self._readable()
        try:
            return self._call(endpoint, "GET", path, params=params)
        except _FAILURES as error:
            raise CloudReadError(f"{self.label}: GET {path}: {cause_of(error)}") from error

    def get(self, path: str, params: Params | None = None) -> dict[str, Any]:
        """Return the JSON object that a GET gives.

        :raises CloudReadError: there was no answer, or another one.
        """
        return self.read(path, self.ask(path, params))

    def find(self, ident: str, path: str, params: Params | None = None) -> dict[str, Any] | None:
        """Return the JSON object that a GET gives, None where what `ident` names is not there.

        :raises CloudReadError: there was no answer, or another one.
        """
        answer = self.ask(path, params)
        return None if is_absence(answer, ident) else self.read(path, answer)

    def pages(
        self,
        path: str,
        key: str,
        params: Params,
        about: str | None = None,
        *,
        onward: Callable[[Mapping[str, Any]], object] = lambda body: body.get("next"),
        first: Answer | None = None,
    ) -> Iterator[list[Any]]:
        """Give a list page by page; `about` is the node that it is asked about.

        `first` is the answer with its first page, where that was asked for already.

        `onward` finds in a page the link to the next one, None in the last: by default where Ironic
        has it. Only the marker is taken from it, for its host may be another one.

        :raises MissingError: the node that it is about is not there.
        :raises CloudReadError: it could not be read whole.
        """
        markers: set[str] = set()
        asked = dict(params)
        answer = first or self.ask(path, asked)
        while True:
            if about is not None and is_absence(answer, about):
                raise MissingError(f"{self.label}: GET {path}: {words_of(answer)}")
            body = self.read(path, answer)
            page = body.get(key)
            if not isinstance(page, list):
                raise CloudReadError(f"{self.label}: GET {path}: no list `{key}` in the answer")
            yield page
            link = onward(body)
            if link is None:
                return
            marker = _marker(link)
            if marker is None or marker in markers:
                raise CloudReadError(f"{self.label}: GET {path}: no way on to {link!r:.200}")
            markers.add(marker)
            asked["marker"] = marker
            answer = self.ask(path, asked)

    def begin(self, path: str, start: int = 0) -> BaseHTTPResponse:
        """Return the answer to a GET, its body not yet read; whoever gets it closes it.

        With `start`, so many bytes of the body are left out.

        :raises CloudReadError: there was no answer, or another one.
        """
        endpoint = self._readable()
        try:
            answer = endpoint.begin(path, f"bytes={start}-" if start else None)
        except _FAILURES as error:
            raise CloudReadError(f"{self.label}: GET {path}: {cause_of(error)}") from error
        LOG.debug("%s: GET %s: %d", self.label, path, answer.status)
        if answer.status == (206 if start else 200):
            return answer
        try:
            words = f"HTTP {answer.status}: {words_of(answered(answer))}"
        except wire.HTTPError as error:
            words = cause_of(error)
        finally:
            answer.close()
        raise CloudReadError(f"{self.label}: GET {path}: {words}")

    def pour(self, path: str, chunks: Iterable[bytes], size: int) -> Outcome:
        """PUT `size` bytes, and return what became of them. Never raises.

        Where `chunks` raise :class:`BrokenOffError`, the connection is closed before all is sent.
        """

        def judge(endpoint: Endpoint) -> Outcome:
            try:
                answer = endpoint.pour(path, chunks, size)
            except BrokenOffError as error:
                return error.outcome
            LOG.debug("%s: PUT %s: %d", self.label, path, answer.status)
            if answer.status == 401:
                endpoint.forget_token()
            return outcome_of(answer)

        return self._outcome("PUT", path, judge)

    def change(
        self,
        method: Method,
        path: str,
        body: object = None,
        *,
        plain: bool = False,
        media: str = JSON,
        at_most: tuple[int, int] | None = None,
    ) -> Outcome:
        """Perform a call that changes something, and return what became of it. Never raises.

        `plain`: nothing in the body is a secret, whatever it is called: a key pair is none.
        `media` is the media type of the body; `at_most` the highest microversion to be asked for.
        """
        secrets = frozenset[str]() if plain else secrets_in(body)

        def judge(endpoint: Endpoint) -> Outcome:
            answer = self._call(endpoint, method, path, json=body, media=media, at_most=at_most)
            return outcome_of(answer, secrets=secrets)

        return self._outcome(method, path, judge)

    def delete(self, ident: str, path: str, *, mute: bool = False) -> Outcome:
        """Delete what `ident` names, and return what became of it. Never raises.

        It is done, too, where the service says that there is no such thing. `mute`: the service
        answers a deletion by a 200 without a body.
        """

        def judge(endpoint: Endpoint) -> Outcome:
            answer = self._call(endpoint, "DELETE", path)
            return outcome_of(answer, deleted=ident, mute=mute)

        return self._outcome("DELETE", path, judge)

    def read(self, path: str, answer: Answer) -> dict[str, Any]:
        """Return the JSON object that an answer to a GET is.

        :raises CloudReadError: it is another answer.
        """
        if answer.status != 200:
            raise CloudReadError(
                f"{self.label}: GET {path}: HTTP {answer.status}: {words_of(answer)}"
            )
        body = json_object(answer.body)
        if body is None:
            raise CloudReadError(f"{self.label}: GET {path}: the answer is no JSON object")
        return body

    def _outcome(self, method: Method, path: str, judge: Callable[[Endpoint], Outcome]) -> Outcome:
        """Return what `judge` makes of the answer to a change that it asks for."""
        try:
            endpoint = self.opened()
            endpoint.authenticate()
        except (CloudReadError, CloudSetupError) as error:
            return Unreachable(str(error))
        except _FAILURES as error:
            return Unreachable(f"{self.label}: no token: {cause_of(error)}")
        try:
            return judge(endpoint)
        except _FAILURES as error:
            return outcome_of_failure(error)
        except Exception as error:  # whatever it was, the request may have been sent
            LOG.exception("%s: %s %s", self.label, method, path)
            return Unknown(f"{self.label}: {method} {path}: {cause_of(error)}")

    def opened(self) -> Endpoint:
        """Find the service and choose its API version, if that is not done yet.

        :raises CloudSetupError: it cannot be used as configured.
        :raises CloudReadError: it could not be asked.
        """
        if self._endpoint is not None:
            return self._endpoint
        with self._lock:
            if self._endpoint is None:
                try:
                    self._endpoint = Endpoint(self._find(), self._timeouts)
                except _FAILURES as error:
                    raise CloudReadError(f"{self.label}: {cause_of(error)}") from error
            return self._endpoint

    def _readable(self) -> Endpoint:
        try:
            return self.opened()
        except CloudSetupError as error:
            raise CloudReadError(str(error)) from error

    def _call(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        media: str = JSON,
        at_most: tuple[int, int] | None = None,
    ) -> Answer:
        answer = endpoint.send(method, path, params, json, media, at_most=at_most)
        LOG.debug("%s: %s %s: %d", self.label, method, path, answer.status)
        return answer


def _marker(link: object) -> str | None:
    try:
        found = parse_qs(urlsplit(str(link)).query).get("marker")
    except ValueError:
        return None
    return found[0] if found else None
