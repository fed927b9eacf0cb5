# SPDX-License-Identifier: Apache-2.0
"""The simulation's world, in which ephyrad reaches the clouds through the real gateway."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from keystoneauth1.identity import v3
from keystoneauth1.session import Session

from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.port import Cloud
from ephyrad.clouds.settings import CloudSettings
from ephyrad.engine.perform import Clouds
from ephyrad.testing.http.calls import Call
from ephyrad.testing.http.keystone import ADMIN, PROJECT
from ephyrad.testing.http.server import SimulatedServer
from tests.simulation.boundary import BoundedCloud
from tests.simulation.world import Plan, World

_MEMORY = Path("/dev/shm")


@dataclass
class Asked:
    """What the clouds were asked, and which changes were made, each with its count.

    `refused` are the changes that a service did not make.
    """

    seen: Counter[Call] = field(default_factory=Counter)
    done: Counter[Call] = field(default_factory=Counter)
    refused: Counter[Call] = field(default_factory=Counter)

    def asked(self, call: Call) -> None:
        self.seen[call] += 1

    def answered(self, call: Call, status: int) -> None:
        if call.method != "GET":
            (self.done if status < 300 else self.refused)[call] += 1


class HttpWorld(World):
    """A world whose clouds are served over HTTP. `patience` is the gateway's, in seconds."""

    def __init__(self, plan: Plan, directory: Path, patience: float) -> None:
        super().__init__(plan, directory)
        self.asked = Asked()
        self.server = SimulatedServer((self.old, self.new), threads=3).start()
        self.server.faults.seen = self.asked.asked
        self.server.faults.answered = self.asked.answered
        old, new = (self._gateway(cloud, patience) for cloud in (self.old, self.new))
        self._around = replace(self._around, clouds=Clouds(old, new))

    def close(self) -> None:
        super().close()
        self.server.stop()

    def run_until_held(self, longest: float) -> None:
        """Carry the fleet until a node is held, for so many seconds at most."""
        end = self.clock.monotonic() + longest
        while self.clock.monotonic() < end and not self._held():
            self.step(end - self.clock.monotonic())

    def _held(self) -> bool:
        return self.operations is not None and any(one.held for one in self.operations.nodes())

    def _gateway(self, cloud: BoundedCloud, patience: float) -> Cloud:
        settings = CloudSettings(
            name=cloud.name,
            session=self._session(cloud, system_scope="all"),
            project_session=self._session(
                cloud, project_name=PROJECT, project_domain_name="Default"
            ),
            read_timeout=patience,
        )
        gateway = OpenStackCloud(settings, self.clock.monotonic)
        return cast(Cloud, _Watched(gateway, cloud, self))

    def _session(self, cloud: BoundedCloud, **scope: Any) -> Session:
        url = self.server.auth_url(cloud.name)
        username, password = ADMIN
        return Session(
            v3.Password(
                url, username=username, password=password, user_domain_name="Default", **scope
            )
        )


class _Watched:
    """The gateway, of which the auditor and the trace are told."""

    def __init__(self, gateway: OpenStackCloud, cloud: BoundedCloud, world: HttpWorld) -> None:
        self.name = gateway.name
        self._gateway = gateway
        self._cloud = cloud
        self._world = world

    def node(self, ident: str) -> object:
        self._cloud.looked[ident] = self._world.clock.monotonic()
        return self._gateway.node(ident)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call = getattr(self._gateway, method)

        def watched(*args: Any, **more: Any) -> Any:
            self._cloud.acting = method
            try:
                answer = call(*args, **more)
            finally:
                self._cloud.acting = None
            self._world.trace.add(f"{self.name} {method} {args[:1]} -> {str(answer)[:80]}")
            return answer

        return watched


@contextmanager
def http_world(plan: Plan, *, patience: float = 60.0) -> Iterator[HttpWorld]:
    """Give a world with a journal of its own, in memory where that is possible."""
    where = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="ephyrad-", dir=where) as directory:
        world = HttpWorld(plan, Path(directory), patience)
        try:
            yield world
        finally:
            world.close()
