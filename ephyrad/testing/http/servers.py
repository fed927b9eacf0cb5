# SPDX-License-Identifier: Apache-2.0
"""Servers of a simulated Nova that are asked for on a chosen node."""

import json
from typing import Any

from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.gate import Gate
from ephyrad.testing.http.versions import Version
from ephyrad.testing.http.wire import Reply, Request, Routes, reply
from ephyrad.testing.refusals import ApiError

_FORCED = (2, 74)


class ServerRoutes:
    """`POST /servers` as an administrator uses it, in his own project."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self._cloud = cloud

    def add_to(self, routes: Routes, gate: Gate) -> None:
        """Add the route."""
        routes.add("POST", "/servers", gate.guard("servers:create", self._create))

    def _create(self, request: Request, version: Version) -> Reply:
        asked = json.loads(request.body)["server"]
        cloud = self._cloud
        if version < _FORCED and "hypervisor_hostname" in asked:
            words = "Additional properties are not allowed ('hypervisor_hostname' was unexpected)"
            raise ApiError(400, f"Invalid input for field/attribute server. {words}")
        if asked["imageRef"] not in cloud.glance.active():
            raise ApiError(400, "Can not find requested image")
        try:
            cloud.flavors.show(asked["flavorRef"])
        except ApiError as error:
            raise ApiError(400, f"Flavor {asked['flavorRef']} could not be found.") from error
        addresses = self._addresses(asked["networks"])
        if cloud.nova is None or request.token is None:
            raise AssertionError("there is a Nova, and somebody asks it")
        made = cloud.nova.request(
            asked["hypervisor_hostname"],
            asked["name"],
            str(request.token.project),
            asked.get("metadata", {}),
            *addresses,
        )
        return reply({"server": {"id": made, "adminPass": "hush"}}, 202)

    def _addresses(self, networks: Any) -> list[str]:
        if networks == "none":
            return []
        for each in networks:
            if each["uuid"] not in self._cloud.neutron:
                raise ApiError(400, f"Network {each['uuid']} could not be found.")
        return ["192.0.2.7"]
