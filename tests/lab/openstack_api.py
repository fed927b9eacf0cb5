# SPDX-License-Identifier: Apache-2.0
"""Raw calls to the lab's OpenStack APIs. Needs openstacksdk: the tools venv has it."""

import json
from collections.abc import Iterator
from typing import Any

import openstack

from tests.lab.ports import Cloud
from tests.lab.settings import Settings

# the newest microversion of each release
IRONIC: dict[Cloud, str] = {"old": "1.82", "new": "1.115"}
# from 2.88 on the old Nova asks nova-compute about every single node (observed on 2023.1)
NOVA = "2.87"
PLACEMENT = "1.39"

_VERSION_HEADER = {
    "baremetal": "X-OpenStack-Ironic-API-Version",
    "compute": "OpenStack-API-Version",
    "placement": "OpenStack-API-Version",
}


_SECONDS = 120.0


class ApiError(Exception):
    """An API refused a call: `status` is the HTTP status, the message the server's own words."""

    def __init__(self, method: str, path: str, status: int, text: str) -> None:
        super().__init__(f"{method} {path}: {status} {text[:600]}")
        self.status = status


def connect(settings: Settings, name: str) -> openstack.connection.Connection:
    """A connection to an entry of the lab's clouds.yaml."""
    config = openstack.config.OpenStackConfig(
        config_files=[str(settings.clouds_yaml)], load_envvars=False
    )
    return openstack.connection.Connection(config=config.get_one(cloud=name))


class Api:
    """One service of one cloud; thread-safe as keystoneauth sessions are."""

    def __init__(
        self, settings: Settings, cloud: Cloud, service: str, *, entry: str | None = None
    ) -> None:
        """As administrator, or as who an entry of the lab's clouds.yaml is."""
        # only a system-scoped token sees every node on 2026.2
        name = f"{cloud}-system" if service == "baremetal" else cloud
        self._session = connect(settings, entry or name).session
        self._service = service
        version = {"baremetal": IRONIC[cloud], "compute": NOVA, "placement": PLACEMENT}
        self._version = version.get(service)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        data: bytes | Iterator[bytes] | None = None,
        content_type: str = "application/octet-stream",
    ) -> Any:
        """The decoded answer, or None when it is empty; `content_type` is that of `data`.

        Raises ApiError when the answer is an error.
        """
        headers = {}
        if self._version:
            plain = self._service == "baremetal"
            value = self._version if plain else f"{self._service} {self._version}"
            headers[_VERSION_HEADER[self._service]] = value
        if data is not None:
            headers["Content-Type"] = content_type
        response = self._session.request(
            path,
            method,
            json=body,
            data=data,
            headers=headers,
            raise_exc=False,
            timeout=_SECONDS,
            endpoint_filter={
                "service_type": self._service,
                "interface": "public",
                "region_name": "RegionOne",
            },
        )
        if response.status_code >= 400:
            raise ApiError(method, path, response.status_code, response.text)
        return json.loads(response.text) if response.text else None

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def find(self, path: str) -> Any:
        """Like get, but None for what is not there."""
        try:
            return self.get(path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def post(self, path: str, body: Any) -> Any:
        return self.call("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        return self.call("PUT", path, body)

    def delete(self, path: str) -> None:
        self.call("DELETE", path)
