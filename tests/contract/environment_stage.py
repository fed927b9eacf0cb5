# SPDX-License-Identifier: Apache-2.0
"""Where the environment of a cloud stands while it is tried."""

import json
import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from ephyrad.clouds.connect import connect
from ephyrad.clouds.environment.gateway import OpenStackEnvironment
from ephyrad.clouds.environment.port import Collection, EnvironmentCloud
from ephyrad.clouds.errors import Answer
from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.identity import Identity
from ephyrad.clouds.port import Cloud
from ephyrad.clouds.settings import CloudSettings
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done
from ephyrad.testing.aggregates import HOST
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.direct import services
from ephyrad.testing.environment import SimulatedEnvironment
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import RELEASE_2023_1, RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings
from tests.contract.stage import PATIENCE, record

RELEASES = {CloudName.OLD: RELEASE_2023_1, CloudName.NEW: RELEASE_2026_2}


class EnvironmentStage(ABC):
    """An environment, and what a test needs beside the port."""

    cloud: Cloud
    """The same cloud's nodes."""
    environment: EnvironmentCloud
    paged: EnvironmentCloud
    """The same, listed in pages of two items."""
    user: str
    """The id of a user that Keystone knows."""
    project: str
    """The id of a project."""
    host: str
    """The host of a compute service."""

    @abstractmethod
    def nova(self, method: str, path: str, body: object = None) -> Answer:
        """Ask Nova as its administrator does."""

    @abstractmethod
    def used(self, item: Item) -> AbstractContextManager[None]:
        """Have a provider of placement's use a trait or a resource class meanwhile."""

    @abstractmethod
    def put_bytes(self, image: str, content: bytes) -> int:
        """Give an image bytes without a look at them, and return the HTTP status."""

    @abstractmethod
    def wait(self) -> None:
        """Let the cloud work for a moment."""

    def said(self, method: str, path: str, body: object = None) -> Mapping[str, Any]:
        """Return what Nova answers to its administrator, who is not refused."""
        answer = self.nova(method, path, body)
        assert answer.status < 300, answer.body
        return json.loads(answer.body) if answer.body else {}

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Have the host serve a node meanwhile: without any, Nova says that there is no host."""
        node = record()
        assert self.cloud.create_node(node) == Done()
        for _ in range(PATIENCE):
            if self.said("GET", "/os-hypervisors")["hypervisors"]:
                break
            self.wait()
        yield
        assert self.cloud.delete_node(node["uuid"]) == Done()

    def collection(self, kind: Kind) -> Collection:
        return self.environment.collections[kind]


class SimulatedEnvironmentStage(EnvironmentStage):
    """A simulated cloud's environment in process."""

    def __init__(self, name: CloudName) -> None:
        self._clock = VirtualClock()
        self.cloud = self.simulated = SimulatedCloud(
            name,
            self._clock,
            MachineRoom(self._clock),
            rng=random.Random(1),
            settings=IronicSettings(release=RELEASES[name]),
        )
        self.environment = SimulatedEnvironment(self.simulated)
        self.paged = SimulatedEnvironment(self.simulated, page_size=2)
        self.user, self.project, self.host = "admin", "admin", HOST
        behind = services(self.simulated)
        assert behind.nova is not None
        self._nova, self._glance = behind.nova.opened(), behind.glance.opened()

    def nova(self, method: str, path: str, body: object = None) -> Answer:
        return self._nova.send(method, path, None, body)

    def used(self, item: Item) -> AbstractContextManager[None]:
        return used_in(self.simulated, item)

    def put_bytes(self, image: str, content: bytes) -> int:
        return self._glance.pour(f"/images/{image}/file", [content], len(content)).status

    def wait(self) -> None:
        self._clock.advance(0.5)


class GatewayStage(EnvironmentStage):
    """An environment behind the real gateway, whoever serves it."""

    admin = "admin"
    """The name of a user and of a project."""

    def __init__(self, settings: CloudSettings, paged: CloudSettings) -> None:
        self.cloud = OpenStackCloud(settings)
        both = [(each, connect(each)) for each in (settings, paged)]
        self.environment, self.paged = (OpenStackEnvironment(*each) for each in both)
        services = both[0][1]
        assert services.nova is not None
        self._nova, self._glance = services.nova.opened(), services.glance.opened()
        who = Identity(services.keystone, 1000)
        self.user = next(user.id for user in who.users() if user.name == self.admin)
        self.project = next(project.id for project in who.projects() if project.name == self.admin)

    def nova(self, method: str, path: str, body: object = None) -> Answer:
        return self._nova.send(method, path, None, body)

    def put_bytes(self, image: str, content: bytes) -> int:
        return self._glance.pour(f"/images/{image}/file", [content], len(content)).status

    def wait(self) -> None:
        threading.Event().wait(0.2)


@contextmanager
def used_in(cloud: SimulatedCloud, item: Item) -> Iterator[None]:
    """Have a provider of a simulated cloud use a trait or a resource class meanwhile."""
    assert cloud.nova is not None
    held = cloud.nova.names[item.kind].held
    held.add(item.key)
    yield
    held.remove(item.key)
