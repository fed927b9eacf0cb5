# SPDX-License-Identifier: Apache-2.0
"""Other people with the rights of an administrator, who do things to nodes at a bad moment.

Some of it is everyday work, which the operator mends. Some of it spoils the migration of a node:
then it may end held, but still nothing may be broken by ephyrad.
"""

import random
import uuid as uuids
from collections.abc import Callable
from functools import partial

from ephyrad.migration.effects import PartKind
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.refusals import ApiError
from tests.simulation.boundary import BoundedCloud
from tests.simulation.fleet import Member
from tests.simulation.trace import Trace

Roles = Callable[[str], tuple[BoundedCloud, BoundedCloud]]


class Meddlers:
    """What they do. `spoiled` are the nodes that they spoiled, `at` when they last meddled."""

    def __init__(
        self,
        roles: Roles,
        clock: VirtualClock,
        rng: random.Random,
        trace: Trace,
    ) -> None:
        """`roles` tells which cloud a node leaves, and which it enters."""
        self.spoiled: set[str] = set()
        self.at: dict[str, float] = {}
        self._roles = roles
        self._clock = clock
        self._rng = rng
        self._trace = trace

    def meddle(self, member: Member) -> None:
        """Do one thing to a node, if its cloud lets them."""
        node = member.uuid
        self._old, self._new = self._roles(node)
        old, new = f"in the {self._old.name} cloud", f"in the {self._new.name} cloud"
        everyday: list[tuple[str, Callable[[], None]]] = [
            (f"takes it out {old}", partial(self._take_out, self._old, node)),
            (f"takes it out {new}", partial(self._take_out, self._new, node)),
            ("moves it to another rack", partial(self._move, node)),
            ("switches it off", partial(self._switch_off, node)),
            (f"withdraws it {old}", partial(self._old.ironic.provision, node, "manage")),
        ]
        spoiling: list[tuple[str, Callable[[], object]]] = [
            ("unretires it", partial(self._old.ironic.patch, node, {"retired": False})),
            ("has it not cleaned", partial(self._patch_old, node, "automated_clean", False)),
            ("renames it", partial(self._patch_old, node, "name", f"{member.name}-renamed")),
            ("protects it", partial(self._patch_old, node, "protected", True)),
            ("changes its BMC's password", partial(self._patch_old, node, "driver_info", {})),
            ("claims it by hand", partial(self._claim, node)),
            (f"adds a port {old}", partial(self._add_port, self._old, node)),
            (f"adds a port {new}", partial(self._add_port, self._new, node)),
            (f"provides it {old}", partial(self._old.ironic.provision, node, "provide")),
            (f"deletes it {old}", partial(self._old.ironic.delete_node, node)),
            (f"deletes it {new}", partial(self._new.ironic.delete_node, node)),
            (f"manages it {new}", partial(self._new.ironic.provision, node, "manage")),
            (f"provides it {new}", partial(self._new.ironic.provision, node, "provide")),
        ]
        spoils = self._rng.random() < 0.3
        words, deed = self._rng.choice(spoiling if spoils else everyday)
        # Even what is refused may have been half done.
        if spoils:
            self.spoiled.add(node)
        self.at[node] = self._clock.monotonic()
        try:
            deed()
            self._trace.add(f"{node[:8]} somebody {words}")
        except ApiError as error:
            self._trace.add(f"{node[:8]} somebody would have it so: {words}: {error}")

    def _take_out(self, cloud: BoundedCloud, node: str) -> None:
        # Whoever finds it in maintenance leaves that, and its reason, alone.
        if not cloud.ironic.show(node)["maintenance"]:
            cloud.ironic.set_maintenance(node, "changing a fan")

    def _switch_off(self, node: str) -> None:
        if not self._old.ironic.show(node)["maintenance"]:
            self._old.ironic.power(node, "power off")

    def _move(self, node: str) -> None:
        self._old.ironic.patch(node, {"extra": {"rack": f"r{self._rng.randrange(100)}"}})

    def _patch_old(self, node: str, name: str, value: object) -> None:
        record = self._old.ironic.nodes.get(node)
        if name == "driver_info" and record is not None:
            value = record.body[name] | {"redfish_password": "changed"}
        self._old.ironic.patch(node, {name: value})

    def _claim(self, node: str) -> None:
        self._old.ironic.associate(node, self._uuid())

    def _add_port(self, cloud: BoundedCloud, node: str) -> None:
        address = f"52:54:02:{self._rng.randrange(256):02x}:{self._rng.randrange(256):02x}:00"
        cloud.ironic.create_part(PartKind.PORT, {"node_uuid": node, "address": address})

    def _uuid(self) -> str:
        return str(uuids.UUID(int=self._rng.getrandbits(128), version=4))
