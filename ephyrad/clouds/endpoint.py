# SPDX-License-Identifier: Apache-2.0
"""The endpoint of one REST service: requests with keystoneauth's token over its connection pool.

keystoneauth's own `Adapter.request` costs 0.8 ms of CPU for each call (measured): it finds the
endpoint, builds the headers, and has requests build them once more, each time anew. Here all that
does not change from call to call is made once, and sent over connections of `clouds.line`; through
a proxy, and where the bytes of an image come or go, by urllib3.
"""

import json
import re
import ssl
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import requests
from keystoneauth1 import exceptions as keystone
from openstack.proxy import Proxy
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Retry, Timeout
from urllib3 import exceptions as wire

import ephyrad
from ephyrad.clouds.errors import Answer
from ephyrad.clouds.line import Lines

# A lost call is never made again here, and an error is raised as it came.
_ONCE = Retry(0, read=False)

JSON = "application/json"
_BYTES = "application/octet-stream"

_ANSWER_PATIENCE = 600.0
"""Seconds to wait for the answer to an upload: a store may still have much to write then."""

_TOKEN_KEPT = 10.0
"""Seconds for which a token is taken for good without asking keystoneauth, which parses its date of
expiry each time and gives none that has less than two minutes left."""

_WITH_CONTENT = ("PATCH", "POST", "PUT")

# What may stand in a request line, and in the value of a header.
_SENDABLE = re.compile(r"[!-~]+").fullmatch
_IN_A_HEADER = re.compile(r"[ -~]*").fullmatch

# What services asked before there was OpenStack-API-Version, and still ask.
_FORMER_HEADERS = {
    "baremetal": "X-OpenStack-Ironic-API-Version",
    "compute": "X-OpenStack-Nova-API-Version",
}


class Endpoint:
    """Sends requests to the endpoint of a service, with the API version that was chosen.

    Any number of threads may use it. No redirect is followed. `version` is the microversion that is
    asked for, (0, 0) where the service has none.
    """

    def __init__(self, proxy: Proxy, timeouts: tuple[float, float]) -> None:
        """Take what is pinned on `proxy`; nothing is sent.

        `timeouts` are the seconds to wait for a connection, and for each part of an answer.
        """
        major, minor = (proxy.default_microversion or "0.0").split(".")
        self.version = int(major), int(minor)
        self._kind = str(proxy.service_type)
        self._session = proxy.session
        self._url = str(proxy.endpoint_override).rstrip("/")
        self._prefix, self._pool = _pool(proxy, self._url)
        self._headers = {"Host": urlsplit(self._url).netloc.rpartition("@")[2], **_headers(proxy)}
        self._lines = None if self._pool.proxy else Lines(self._pool, *timeouts)
        self._timeout = Timeout(connect=timeouts[0], read=timeouts[1])
        self._token: tuple[float, dict[str, str], bytes] | None = None

    def authenticate(self) -> tuple[dict[str, str], bytes]:
        """Return the headers of each request, with a token that is good as far as is known here.

        They are given as such and as they are sent.

        :raises keystoneauth1.exceptions.ClientException: there is no token.
        """
        token = self._token
        if token is None or time.monotonic() >= token[0]:
            until = time.monotonic() + _TOKEN_KEPT
            headers = self._headers | (self._session.get_auth_headers() or {})
            token = self._token = (until, headers, _written(headers))
        return token[1:]

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        body: object,
        media: str = JSON,
        *,
        at_most: tuple[int, int] | None = None,
    ) -> Answer:
        """Return what the service answers, once more with a fresh token after a 401.

        `media` is the media type of `body`, which is JSON of some sort. `at_most` is the highest
        microversion to be asked for, where that is below the one that was chosen.

        :raises keystoneauth1.exceptions.ClientException: there is no token, or no answer.
        """
        target = f"{path}?{urlencode(params)}" if params else path
        if not _SENDABLE(target):
            target = quote(target, safe="/?&=%~:@!$'()*+,;[]")
        content = None if body is None else json.dumps(body).encode()
        more = {} if content is None else {"Content-Type": media}
        if at_most is not None and at_most < self.version:
            more |= _asking_for(self._kind, "{}.{}".format(*at_most))
        answer = self._sent(method, target, content, more)
        if answer.status == 401 and self._session.invalidate():
            self._token = None
            answer = self._sent(method, target, content, more)
        return answer

    def begin(self, path: str, span: str | None = None) -> BaseHTTPResponse:
        """Return the answer to a GET with its body not yet read; whoever gets it closes it.

        `span` is the Range that is asked for: bytes=10-

        :raises keystoneauth1.exceptions.ClientException: there is no token, or no answer.
        """
        more = {"Accept": "*/*"} | ({"Range": span} if span else {})
        answer = self._by_urllib3("GET", path, more, None, self._timeout, whole=False)
        if answer.status == 401 and self._session.invalidate():
            answer.close()
            self._token = None
            answer = self._by_urllib3("GET", path, more, None, self._timeout, whole=False)
        return answer

    def pour(self, path: str, chunks: Iterable[bytes], size: int) -> Answer:
        """PUT `size` bytes and return what the service answers.

        They can be sent only once, so a 401 is returned. What `chunks` raise is raised, after the
        connection was closed; none of it may be an OSError, which would pass for the connection's.

        :raises keystoneauth1.exceptions.ClientException: there is no token, or no answer.
        """
        more = {"Content-Type": _BYTES, "Content-Length": str(size)}
        patience = self._timeout.read_timeout
        # As long as bytes are sent, urllib3 bounds each wait by the connection's time-out.
        timeout = Timeout(connect=patience, read=max(float(patience or 0), _ANSWER_PATIENCE))
        return answered(self._by_urllib3("PUT", path, more, chunks, timeout))

    def forget_token(self) -> None:
        """Have a new token fetched for the next request."""
        self._session.invalidate()
        self._token = None

    def _sent(
        self, method: str, target: str, content: bytes | None, more: dict[str, str]
    ) -> Answer:
        if self._lines is None:
            return answered(self._by_urllib3(method, target, more, content, self._timeout))
        headers, written = self.authenticate()
        if more.keys() & headers.keys():
            written = _written({name: each for name, each in headers.items() if name not in more})
        try:
            request = b"%b %b%b HTTP/1.1\r\n%b%b" % (
                method.encode(),
                self._prefix.encode(),
                target.encode(),
                written,
                _with_content(method, content, more),
            )
            return self._lines.ask(request)
        except (wire.HTTPError, OSError) as error:
            raise _failure(f"{self._url}{target}", error) from error

    def _by_urllib3(
        self,
        method: str,
        target: str,
        more: dict[str, str],
        content: bytes | Iterable[bytes] | None,
        timeout: Timeout,
        *,
        whole: bool = True,
    ) -> BaseHTTPResponse:
        """Return the answer to a request with `more` headers, its body read if `whole`."""
        headers, _ = self.authenticate()
        try:
            return self._pool.urlopen(
                method,
                f"{self._prefix}{target}",
                body=content,
                headers={**headers, **more},
                retries=_ONCE,
                redirect=False,
                assert_same_host=False,
                timeout=timeout,
                preload_content=whole,
            )
        except (wire.HTTPError, OSError) as error:
            raise _failure(f"{self._url}{target}", error) from error


def _written(headers: Mapping[str, str]) -> bytes:
    """Return headers as they are sent."""
    for name, value in headers.items():
        if not (_SENDABLE(name) and _IN_A_HEADER(value)):
            raise keystone.ConnectFailure(f"the header {name} cannot be sent: it has control codes")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()


def _with_content(method: str, content: bytes | None, more: Mapping[str, str]) -> bytes:
    """Return the end of a request: what is said of it and of its content, and the content."""
    if content is not None:
        return _written(more) + f"Content-Length: {len(content)}\r\n\r\n".encode() + content
    return b"Content-Length: 0\r\n\r\n" if method in _WITH_CONTENT else b"\r\n"


def answered(answer: BaseHTTPResponse) -> Answer:
    """Return an answer of urllib3's whole.

    :raises urllib3.exceptions.HTTPError: it breaks off.
    """
    location = answer.headers.get("Location", "")
    return Answer(answer.status, answer.data, answer.reason or "", location)


def _headers(proxy: Proxy) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"ephyrad/{ephyrad.__version__}",
    }
    version = proxy.default_microversion
    return headers | (_asking_for(str(proxy.service_type), version) if version else {})


def _asking_for(service: str, version: str) -> dict[str, str]:
    headers = {"OpenStack-API-Version": f"{service} {version}"}
    if service in _FORMER_HEADERS:
        headers[_FORMER_HEADERS[service]] = version
    return headers


def _pool(proxy: Proxy, url: str) -> tuple[str, HTTPConnectionPool]:
    """Return what stands before each path, and the connections that requests itself would use.

    They heed the session's cafile, client certificate and `insecure`, and the proxies and the
    certificates that the environment names.
    """
    session: requests.Session = proxy.session.session
    heed: Any = session.merge_environment_settings(
        url, {}, None, proxy.session.verify, proxy.session.cert
    )
    adapter = session.get_adapter(url)
    if not isinstance(adapter, HTTPAdapter):
        raise keystone.ConnectFailure(f"no connection to {url} is possible")
    request = requests.Request("GET", url).prepare()
    pool: Any = adapter.get_connection_with_tls_context(
        request, heed["verify"], proxies=heed["proxies"], cert=heed["cert"]
    )
    return adapter.request_url(request, heed["proxies"]).rstrip("/"), pool


def _failure(where: str, error: Exception) -> keystone.ConnectionError:
    """Return the error that keystoneauth raises for one of urllib3's (keystoneauth1.session)."""
    cause = getattr(error, "reason", None) if isinstance(error, wire.MaxRetryError) else error
    match cause:
        case wire.SSLError() | ssl.SSLError():
            return keystone.SSLError(f"SSL exception connecting to {where}: {error}")
        case wire.NewConnectionError() | wire.ProtocolError() | OSError():
            return keystone.ConnectFailure(f"Unable to establish connection to {where}: {error}")
        case wire.TimeoutError():
            return keystone.ConnectTimeout(f"Request to {where} timed out")
        case wire.ProxyError():
            return keystone.ConnectFailure(f"Unable to establish connection to {where}: {error}")
        case _:
            return keystone.UnknownConnectionError(
                f"Unexpected exception for {where}: {error}", error
            )
