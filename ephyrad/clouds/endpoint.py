# SPDX-License-Identifier: Apache-2.0
"""The endpoint of one REST service: requests with keystoneauth's token over its connection pool.

keystoneauth's own `Adapter.request` costs 0.8 ms of CPU for each call, five times what urllib3
takes (measured): it finds the endpoint, builds the headers, and has requests build them once more,
each time anew. Here all that does not change from call to call is made once.
"""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import requests
from keystoneauth1 import exceptions as keystone
from openstack.proxy import Proxy
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Retry, Timeout
from urllib3 import exceptions as wire

import ephyrad
from ephyrad.clouds.errors import Answer

# A lost call is never made again here, and an error is raised as it came.
_ONCE = Retry(0, read=False)

_TOKEN_KEPT = 10.0
"""Seconds for which a token is taken for good without asking keystoneauth, which parses its date of
expiry each time and gives none that has less than two minutes left."""

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
        self._session = proxy.session
        self._timeout = Timeout(connect=timeouts[0], read=timeouts[1])
        self._headers = _headers(proxy)
        self._url = str(proxy.endpoint_override).rstrip("/")
        self._prefix, self._pool = _pool(proxy, self._url)
        self._token: tuple[float, dict[str, str]] | None = None

    def authenticate(self) -> dict[str, str]:
        """Return the header with a token that is good, as far as is known here.

        :raises keystoneauth1.exceptions.ClientException: there is none.
        """
        token = self._token
        if token is None or time.monotonic() >= token[0]:
            until = time.monotonic() + _TOKEN_KEPT
            token = self._token = (until, self._session.get_auth_headers() or {})
        return token[1]

    def send(
        self, method: str, path: str, params: Mapping[str, str | int] | None, body: object
    ) -> Answer:
        """Return what the service answers, once more with a fresh token after a 401.

        :raises keystoneauth1.exceptions.ClientException: there is no token, or no answer.
        """
        target = f"{path}?{urlencode(params)}" if params else path
        headers = dict(self._headers)
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        answer = self._sent(method, target, headers, content)
        if answer.status == 401 and self._session.invalidate():
            self._token = None
            answer = self._sent(method, target, headers, content)
        return Answer(
            answer.status, answer.data, answer.reason or "", answer.headers.get("Location", "")
        )

    def _sent(
        self, method: str, target: str, headers: dict[str, str], content: bytes | None
    ) -> BaseHTTPResponse:
        token = self.authenticate()
        where = f"{self._url}{target}"
        try:
            return self._pool.urlopen(
                method,
                f"{self._prefix}{target}",
                body=content,
                headers=headers | token,
                retries=_ONCE,
                redirect=False,
                assert_same_host=False,
                timeout=self._timeout,
            )
        except (wire.HTTPError, OSError) as error:
            raise _failure(where, error) from error


def _headers(proxy: Proxy) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": f"ephyrad/{ephyrad.__version__}"}
    version, service = proxy.default_microversion, proxy.service_type
    if version:
        headers["OpenStack-API-Version"] = f"{service} {version}"
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
        case wire.SSLError():
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
