# SPDX-License-Identifier: Apache-2.0
"""The real gateway before a simulated cloud that is served over HTTP."""

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from keystoneauth1.identity import v3
from keystoneauth1.session import Session

from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.settings import CloudSettings
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Underway
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.keystone import ADMIN, PROJECT
from ephyrad.testing.http.server import SimulatedServer
from ephyrad.testing.http.versions import ApiVersions
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import RELEASE_2023_1, RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings, Times
from tests.contract.stage import (
    Stage,
    simulated_boot,
    simulated_flavor,
    simulated_image,
    simulated_lock,
    simulated_network,
)

RELEASES = {CloudName.OLD: RELEASE_2023_1, CloudName.NEW: RELEASE_2026_2}
LONG = 100.0


class HttpStage(Stage):
    """A simulated cloud, its server, and the gateway."""

    def __init__(
        self, name: CloudName, *, versions: ApiVersions | None = None, **settings: Any
    ) -> None:
        """`settings` are more of the gateway's."""
        self.clock = VirtualClock()
        self.room = MachineRoom(self.clock)
        self.simulated = SimulatedCloud(
            name,
            self.clock,
            self.room,
            rng=random.Random(1),
            settings=IronicSettings(release=RELEASES[name]),
        )
        self.server = SimulatedServer(
            [self.simulated], versions={} if versions is None else {name: versions}
        ).start()
        self.cloud, self.paged = self.gateway(**settings), self.gateway(page_size=2)
        # No machine of the room has this address.
        self.unverifiable = {
            "driver": "redfish",
            "driver_info": {"redfish_address": "http://nowhere", "redfish_password": "hush"},
        }

    def gateway(self, **settings: Any) -> OpenStackCloud:
        """Return another gateway to the same cloud."""
        return OpenStackCloud(self.settings(**settings))

    def settings(self, **settings: Any) -> CloudSettings:
        """Return the settings of a gateway, with sessions of its own."""
        given: dict[str, Any] = {
            "session": self.session(system_scope="all"),
            "project_session": self.session(project_name=PROJECT, project_domain_name="Default"),
        }
        return CloudSettings(name=self.simulated.name, **(given | settings))

    def session(self, password: str = ADMIN[1], **scope: Any) -> Session:
        url = self.server.auth_url(self.simulated.name)
        auth = v3.Password(
            url, username=ADMIN[0], password=password, user_domain_name="Default", **scope
        )
        return Session(auth=auth)

    def boot(self, node: str) -> str:
        return simulated_boot(self.simulated, self.wait)(node)

    def lock(self, server: str) -> None:
        simulated_lock(self.simulated, server)

    def wait(self) -> None:
        with self.server.lock:
            self.clock.advance(0.5)

    def network(self) -> AbstractContextManager[tuple[str, str]]:
        return simulated_network(self.simulated)

    def image(self) -> AbstractContextManager[tuple[str, str]]:
        return simulated_image(self.simulated)

    def flavor(self, **extra_specs: str) -> AbstractContextManager[str]:
        return simulated_flavor(self.simulated, extra_specs)

    @contextmanager
    def held(self, node: str) -> Iterator[None]:
        settings = self.simulated.settings
        usual, settings.times = settings.times, Times(verify=(LONG, LONG))
        assert self.cloud.provision(node, "manage") == Underway()
        yield
        settings.times = usual

    def occupy(self, node: str) -> None:
        with self.server.lock:
            self.simulated.ironic.provision(node, "active")

    def vacate(self, node: str) -> None:
        with self.server.lock:
            self.simulated.ironic.provision(node, "deleted")

    def close(self) -> None:
        self.server.stop()
