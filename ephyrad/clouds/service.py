# SPDX-License-Identifier: Apache-2.0
"""One REST service of a cloud: raw JSON out of reads, outcomes out of changes."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from keystoneauth1 import exceptions as keystone
from openstack.exceptions import SDKException
from openstack.proxy import Proxy

from ephyrad.clouds.errors import (
    Answer,
    cause_of,
    is_not_found,
    json_object,
    outcome_of,
    outcome_of_failure,
    words_of,
)
from ephyrad.clouds.port import CloudReadError, CloudSetupError
from ephyrad.migration.outcomes import Outcome, Unreachable

LOG = logging.getLogger(__name__)

Method = Literal["DELETE", "PATCH", "POST", "PUT"]
Params = Mapping[str, str | int]
_FAILURES = (keystone.ClientException, SDKException)


class MissingError(CloudReadError):
    """The service says itself that what was asked about is not there."""


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
        self._proxy: Proxy | None = None
        self._lock = threading.Lock()

    def version(self) -> tuple[int, int]:
        """Return the microversion that is asked for, (0, 0) where the service has none.

        :raises CloudReadError: the service could not be asked which it has.
        """
        pinned = self._opened().default_microversion or "0.0"
        major, minor = pinned.split(".")
        return int(major), int(minor)

    def ask(self, path: str, params: Params | None = None) -> Answer:
        """Return the answer to a GET, whatever it is.

        :raises CloudReadError: there was none.
        """
        proxy = self._opened()
        try:
            return self._call(proxy, "GET", path, params=params)
        except _FAILURES as error:
            raise CloudReadError(f"{self.label}: GET {path}: {cause_of(error)}") from error

    def get(self, path: str, params: Params | None = None) -> dict[str, Any]:
        """Return the JSON object that a GET gives.

        :raises CloudReadError: there was no answer, or another one.
        """
        return self.read(path, self.ask(path, params))

    def find(self, path: str, params: Params | None = None) -> dict[str, Any] | None:
        """Return the JSON object that a GET gives, None where the service says 404 itself.

        :raises CloudReadError: there was no answer, or another one.
        """
        answer = self.ask(path, params)
        return None if is_not_found(answer) else self.read(path, answer)

    def pages(self, path: str, key: str, params: Params) -> Iterator[list[Any]]:
        """Give a list of Ironic's, page by page.

        Only the marker is taken from the link to the next page, whose host may be another one.

        :raises MissingError: there is no such list, because what it is about is not there.
        :raises CloudReadError: it could not be read whole.
        """
        markers: set[str] = set()
        asked = dict(params)
        while True:
            answer = self.ask(path, asked)
            if not markers and is_not_found(answer):
                raise MissingError(f"{self.label}: GET {path}: {words_of(answer)}")
            body = self.read(path, answer)
            page = body.get(key)
            if not isinstance(page, list):
                raise CloudReadError(f"{self.label}: GET {path}: no list `{key}` in the answer")
            yield page
            marker = _marker(body.get("next"))
            if marker is None:
                return
            if marker in markers:
                raise CloudReadError(f"{self.label}: GET {path}: page {marker} leads to itself")
            markers.add(marker)
            asked["marker"] = marker

    def change(self, method: Method, path: str, body: object = None) -> Outcome:
        """Perform a call that changes something, and return what became of it. Never raises."""
        try:
            proxy = self._opened()
            proxy.session.get_auth_headers()
        except (CloudReadError, CloudSetupError) as error:
            return Unreachable(str(error))
        except _FAILURES as error:
            return Unreachable(f"{self.label}: no token: {cause_of(error)}")
        try:
            answer = self._call(proxy, method, path, json=body)
        except _FAILURES as error:
            return outcome_of_failure(error)
        return outcome_of(answer, deletion=method == "DELETE")

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

    def _opened(self) -> Proxy:
        if self._proxy is not None:
            return self._proxy
        with self._lock:
            if self._proxy is None:
                try:
                    self._proxy = self._find()
                except _FAILURES as error:
                    raise CloudReadError(f"{self.label}: {cause_of(error)}") from error
            return self._proxy

    def _call(
        self,
        proxy: Proxy,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
    ) -> Answer:
        response = proxy.request(
            path,
            method,
            params=params,
            json=json,
            timeout=self._timeouts,
            raise_exc=False,
            redirect=False,
            connect_retries=0,
            status_code_retries=0,
            skip_cache=True,
            # keystoneauth logs whole bodies at DEBUG, BMC passwords and all.
            log=False,
        )
        LOG.debug("%s: %s %s: %d", self.label, method, path, response.status_code)
        return Answer(
            response.status_code,
            response.content,
            response.reason or "",
            response.headers.get("Location", ""),
        )


def _marker(link: object) -> str | None:
    found = parse_qs(urlsplit(link).query).get("marker") if isinstance(link, str) else None
    return found[0] if found else None
