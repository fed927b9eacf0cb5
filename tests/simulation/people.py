# SPDX-License-Identifier: Apache-2.0
"""The people of both clouds: a CI that boots and deletes, an operator who mends and releases."""

import contextlib
import random
from collections.abc import Callable

from ephyrad.engine.answers import OperationError
from ephyrad.engine.operations import EngineOperations
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.nova import Nova
from ephyrad.testing.refusals import ApiError
from tests.simulation.boundary import BoundedCloud
from tests.simulation.fleet import UNFIT, Member
from tests.simulation.meddlers import Meddlers, Roles
from tests.simulation.trace import Trace
from tests.simulation.weather import Weather

OURS = "ephyrad:"
MARK = "ephyrad"
"""How ephyrad's own reasons on the old record begin; the operator leaves those alone."""

_STUCK = ("clean failed", "deploy failed", "error", "adopt failed")


class People:
    """What they do by themselves, at random times, through the clouds' own doors."""

    def __init__(
        self,
        clouds: tuple[BoundedCloud, BoundedCloud],
        fleet: list[Member],
        *,
        clock: VirtualClock,
        rng: random.Random,
        weather: Weather,
        trace: Trace,
        operations: Callable[[], EngineOperations | None],
        roles: Roles,
        aborts: float = 0.0,
        whims: random.Random | None = None,
    ) -> None:
        """`aborts`: how often a minute the operator aborts a node, at what moments `whims` say."""
        old, new = clouds
        assert old.nova is not None
        assert new.nova is not None
        self._roles = roles
        self._novas = (old.nova, new.nova)
        self._fleet = fleet
        self._clock = clock
        self._rng = rng
        self._weather = weather
        self._trace = trace
        self._operations = operations
        self.meddlers = Meddlers(roles, clock, rng, trace)
        self.aborts = aborts
        self._whims = whims or random.Random(0)
        self.booting = True
        self.deleting = True
        self.mending = True

    def send_about(self, rng: random.Random, mean: float) -> None:
        """Let the operator ask for nodes to be returned, and to be carried once more."""

        def again() -> None:
            self._clock.call_later(rng.expovariate(1 / mean), again)
            if self.booting:
                self._send_about(rng)

        self._clock.call_later(rng.expovariate(1 / mean), again)

    def _send_about(self, rng: random.Random) -> None:
        member, operations = rng.choice(self._fleet), self._operations()
        if operations is None:
            return
        ask = rng.choice((operations.return_nodes, operations.migrate))
        with contextlib.suppress(OperationError):
            if ask([member.uuid], by="operator").accepted:
                self._trace.add(f"{member.uuid[:8]} the operator sends it the other way")

    def begin(self) -> None:
        """Let everybody do what they do from now on."""
        self._every(60.0, self._ci)
        self._every(300.0, self._mend)
        self._every(60.0, self._meddle)
        if self.aborts:
            self._change_mind()

    def _every(self, mean: float, what: Callable[[], None]) -> None:
        def again() -> None:
            self._clock.call_later(self._rng.expovariate(1 / mean), again)
            what()

        self._clock.call_later(self._rng.expovariate(1 / mean), again)

    def _ci(self) -> None:
        """Boot where the scheduler finds room, and delete some server of what is to leave."""
        for nova in self._novas:
            if self.booting and self._rng.random() < 0.5:
                uuid = nova.boot()
                if uuid is not None:
                    self._trace.add(f"{nova.servers[uuid].node[:8]} CI boots on it")
        servers = [
            (nova, server)
            for nova in self._novas
            if self.deleting
            for server in nova.servers.values()
            if self._leaves(server.node, nova)
        ]
        if servers and (not self.booting or self._rng.random() < 0.5):
            nova, server = self._rng.choice(servers)
            self._trace.add(f"{server.node[:8]} CI deletes its server")
            nova.delete(server.uuid)

    def _leaves(self, node: str, nova: Nova) -> bool:
        """Whether a node is to leave the cloud of this Nova."""
        return self._roles(node)[0].nova is nova

    def _mend(self) -> None:
        """Look at what is held, mend what one can see is broken, and release it."""
        operations = self._operations()
        for member in self._fleet if self.mending else ():
            if member.kind in UNFIT:
                continue
            leaves, enters = self._roles(member.uuid)
            self._mend_node(leaves, member)
            self._mend_node(enters, member)
            if operations is None:
                continue
            try:
                answer = operations.node(member.uuid)
                if answer.held and answer.state == "registered":
                    self._offer(member)
                if answer.cause == "locked":
                    self._unlock(member)
                if answer.held:
                    operations.release(member.uuid, by="operator")
                    self._trace.add(f"{member.uuid[:8]} the operator releases it")
            except OperationError:
                pass

    def _offer(self, member: Member) -> None:
        """Have the new cloud offer a node that somebody used there, and that failed to clean."""
        _, enters = self._roles(member.uuid)
        node = enters.ironic.nodes.get(member.uuid)
        if node is not None and node.state == "manageable":
            self._trace.add(f"{node.uuid[:8]} the operator provides it in the {enters.name}")
            with contextlib.suppress(ApiError):
                enters.ironic.provision(node.uuid, "provide")

    def _unlock(self, member: Member) -> None:
        """Have the instance unlocked that is to be deleted."""
        nova = self._roles(member.uuid)[0].nova
        for server in nova.servers.values() if nova else ():
            if server.node == member.uuid:
                server.locked = False
                self._trace.add(f"{member.uuid[:8]} the operator unlocks {server.uuid[:8]}")

    def _mend_node(self, cloud: BoundedCloud, member: Member) -> None:
        node = cloud.ironic.nodes.get(member.uuid)
        if node is None:
            return
        body = node.body
        try:
            leaves, enters = self._roles(node.uuid)
            carried = enters.ironic.nodes.get(node.uuid)
            if carried is not None and cloud is leaves:
                theirs = {key: value for key, value in carried.body["extra"].items() if key != MARK}
                if body["extra"] != theirs:
                    cloud.ironic.patch(node.uuid, {"extra": theirs})
            half_deployed = node.state == "deploy failed" and not body["instance_uuid"]
            if node.state == "error" or half_deployed:
                cloud.ironic.provision(node.uuid, "deleted")
            elif node.state == "clean failed":
                self._trace.add(f"{node.uuid[:8]} the operator manages it in the {cloud.name}")
                cloud.ironic.provision(node.uuid, "manage")
            foreign = not str(body["maintenance_reason"]).startswith(OURS)
            if body["maintenance"] and foreign and node.state not in _STUCK:
                self._trace.add(f"{node.uuid[:8]} the operator ends {cloud.name} maintenance")
                cloud.ironic.clear_maintenance(node.uuid)
        except ApiError:
            pass

    def _change_mind(self) -> None:
        """Abort a node at any moment, or ask anew for one that is back."""
        if not self.aborts:
            return
        self._clock.call_later(self._whims.expovariate(self.aborts / 60.0), self._change_mind)
        member, operations = self._whims.choice(self._fleet), self._operations()
        if operations is None:
            return
        with contextlib.suppress(OperationError):
            if self._whims.random() < 0.3:
                if operations.migrate([member.uuid], by="operator").accepted:
                    self._trace.add(f"{member.uuid[:8]} the operator wants it carried after all")
            else:
                operations.abort(member.uuid, by="operator")
                self._trace.add(f"{member.uuid[:8]} the operator aborts it")

    def _meddle(self) -> None:
        """Do what other people do to nodes, at a bad moment."""
        if not self._weather.strikes("meddling"):
            return
        member = self._rng.choice(self._fleet)
        if self._rng.random() < 0.8:
            self.meddlers.meddle(member)
            return
        operations = self._operations()
        if operations is not None:
            with contextlib.suppress(OperationError):
                operations.hold(member.uuid, reason="wait for me", by="operator")
                self._trace.add(f"{member.uuid[:8]} the operator holds it")
