# SPDX-License-Identifier: Apache-2.0
"""A simulated cloud that implements :class:`ephyrad.clouds.port.Cloud`, in process."""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ephyrad.clouds.candidates import candidate
from ephyrad.clouds.decode import fault, node_facts, server_facts
from ephyrad.clouds.errors import Answer, outcome_of
from ephyrad.clouds.port import CloudReadError, CloudSetupError, Verb
from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import (
    CloudName,
    ComputeFacts,
    Fault,
    NewCloudFacts,
    NodeFacts,
    NodeRecords,
    ServerFacts,
    ServiceFacts,
)
from ephyrad.migration.flavors import FlavorFacts, flavor_facts
from ephyrad.migration.identity import Account
from ephyrad.migration.mirror import bears_a_mark
from ephyrad.migration.outcomes import Outcome, Refused
from ephyrad.rollout.candidate import Candidate
from ephyrad.testing.accounts import NETWORKS, Accounts
from ephyrad.testing.aggregates import Aggregates
from ephyrad.testing.bus import Bus
from ephyrad.testing.calling import Calling
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.flavors import Flavors
from ephyrad.testing.glance import Glance
from ephyrad.testing.ironic import Ironic
from ephyrad.testing.keypairs import Keypairs
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.nova import Nova
from ephyrad.testing.records import RELEASE_2023_1
from ephyrad.testing.refusals import ApiError
from ephyrad.testing.settings import IronicSettings
from ephyrad.testing.troubles import Answered, ReplyLost, Troubles, Unreadable

T = TypeVar("T")


class SimulatedCloud:
    """One control plane: `ironic`, `nova` (None: the cloud has none), `glance`, `accounts`,
    `keypairs`, `flavors`, `aggregates`, the names of its networks by id (`neutron`) and its `bus`.

    `troubles` says what goes wrong with the calls of the port; calls of `ironic` and `nova`
    themselves are other people's and always go through. `latency` gives the seconds that pass on
    the clock before and after what a call does; none by default.
    """

    def __init__(
        self,
        name: CloudName,
        clock: VirtualClock,
        room: MachineRoom,
        *,
        rng: random.Random,
        settings: IronicSettings | None = None,
        compute: bool = True,
    ) -> None:
        self.settings = settings or IronicSettings()
        self.bus = Bus(name, clock, rng)
        self.ironic = Ironic(clock, room, self.bus, rng, self.settings)
        self.nova = Nova(clock, self.ironic, self.bus, rng) if compute else None
        inspects = self.settings.release.name != RELEASE_2023_1.name
        self.glance = Glance(clock, self.bus, inspects=inspects)
        self.neutron = dict(NETWORKS)
        self.accounts = Accounts()
        self.keypairs = Keypairs(self.bus)
        self.flavors = Flavors(self.bus, self.accounts.projects)
        self.aggregates = Aggregates(self.bus, rng, self.nova)
        self.troubles = Troubles()
        self.latency: Callable[[], tuple[float, float]] | None = None
        self._name = name
        self._clock = clock
        self._calling = Calling(name, clock, self.troubles, self._latency)

    def fail_next(self, call: str, outcome: Outcome, times: int = 1) -> None:
        """Have the next calls of a method of the port answered so, without doing anything."""
        self.troubles.plan(call, Answered(outcome), times)

    def lose_reply(self, call: str, times: int = 1) -> None:
        """Have the next calls of a method of the port done, and answered Unknown."""
        self.troubles.plan(call, ReplyLost(), times)

    def fail_read(self, call: str, words: str = "HTTP 503", times: int = 1) -> None:
        """Have the next calls of a reading method of the port raise CloudReadError."""
        self.troubles.plan(call, Unreadable(words), times)

    @property
    def name(self) -> CloudName:
        return self._name

    @property
    def calling(self) -> Calling:
        """The way of its calls, for the ports beside this one."""
        return self._calling

    def check(self) -> None:
        self._read("check", lambda: None)
        if not self.settings.system_scope:
            raise CloudSetupError(
                f"[{self._name}_cloud]: the credentials are project-scoped, so Ironic hides the"
                " nodes of others from them; give them system scope"
            )

    def services(self) -> Sequence[ServiceFacts]:
        compute = () if self.nova is None else ("Nova", "placement")
        names = ("Keystone", "Ironic", *compute, "Glance", "Neutron")
        return [ServiceFacts(name, there=True) for name in names]

    def nodes(self) -> Sequence[NodeFacts]:
        return self._read("nodes", lambda: self._listed(marks=False))

    def candidates(self) -> Sequence[Candidate]:
        return self._read("candidates", lambda: list(map(candidate, self.ironic.list_nodes())))

    def marked(self) -> Sequence[NodeFacts]:
        return self._read("marked", lambda: list(filter(bears_a_mark, self._listed(marks=True))))

    def node(self, ident: str) -> NodeFacts | None:
        return self._find("node", lambda: node_facts(self.ironic.show(ident)))

    def records(self, uuid: str) -> NodeRecords | None:
        return self._find("records", lambda: self._records(uuid))

    def every_record(self) -> Iterator[NodeRecords]:
        yield from self._read(
            "every_record",
            lambda: [self._records(node["uuid"]) for node in self.ironic.list_nodes()],
        )

    def faults(self, uuid: str) -> tuple[Fault, ...] | None:
        return self._find("faults", lambda: self._faults(uuid))

    def compute(self, uuid: str, *, who: bool = True, offer: bool = True) -> ComputeFacts | None:
        nova = self.nova
        facts = self._read("compute", lambda: None if nova is None else nova.facts(uuid))
        return None if facts is None else _asked_for(facts, who=who, offer=offer)

    def server(self, uuid: str) -> ServerFacts | None:
        nova = self.nova
        return self._find("server", lambda: None if nova is None else server_facts(nova.show(uuid)))

    def servers(self) -> Sequence[ServerFacts]:
        nova = self.nova
        found = () if nova is None else nova.servers
        return self._read(
            "servers", lambda: [server_facts(nova.show(each)) for each in found if nova]
        )

    def providers(self) -> Sequence[Account]:
        found = {} if self.nova is None else self.nova.providers
        return self._read("providers", lambda: [Account(uuid, uuid) for uuid in found])

    def new_cloud_facts(
        self, name: str | None, addresses: Iterable[str], images: Iterable[str]
    ) -> NewCloudFacts:
        return self._read(
            "new_cloud_facts",
            lambda: NewCloudFacts(
                api_version=self.settings.release.api_version,
                drivers=self.settings.drivers,
                conductor_groups=self.settings.conductor_groups,
                images=frozenset(images) & self.glance.active(),
                node_by_name=self._uuid_of(name),
                addresses={
                    address: owner
                    for address in addresses
                    if (owner := self.ironic.owner_of(address)) is not None
                },
            ),
        )

    def addresses(self) -> Mapping[str, str]:
        def listed() -> dict[str, str]:
            return {
                part["address"].lower(): part["node_uuid"]
                for node in self.ironic.list_nodes()
                for kind in (PartKind.PORT, PartKind.PORTGROUP)
                for part in self.ironic.parts(node["uuid"], kind)
                if part.get("address")
            }

        return self._read("addresses", listed)

    def users(self) -> Sequence[Account]:
        return self._read("users", lambda: self._accounts(self.accounts.users))

    def projects(self) -> Sequence[Account]:
        return self._read("projects", lambda: self._accounts(self.accounts.projects))

    def networks(self) -> Sequence[Account]:
        return self._read(
            "networks", lambda: [Account(ident, name) for ident, name in self.neutron.items()]
        )

    def image_names(self) -> Sequence[Account]:
        def listed() -> list[Account]:
            active = self.glance.active()
            return [
                Account(ident, record["name"] or "")
                for ident, record in self.glance.records.items()
                if ident in active
            ]

        return self._read("image_names", listed)

    def flavor_facts(self) -> Sequence[FlavorFacts]:
        found = () if self.nova is None else self.flavors.all(private=True)
        return self._read(
            "flavor_facts", lambda: [flavor_facts(each.name, each.extra_specs) for each in found]
        )

    def provision(self, uuid: str, verb: Verb) -> Outcome:
        return self._change("provision", uuid, 202, lambda: self.ironic.provision(uuid, verb))

    def set_maintenance(self, uuid: str, reason: str) -> Outcome:
        # The API's 202 is given when it is done.
        return self._change(
            "set_maintenance", uuid, 204, lambda: self.ironic.set_maintenance(uuid, reason)
        )

    def clear_maintenance(self, uuid: str) -> Outcome:
        return self._change(
            "clear_maintenance", uuid, 204, lambda: self.ironic.clear_maintenance(uuid)
        )

    def patch_node(self, uuid: str, values: Mapping[str, Any]) -> Outcome:
        return self._change("patch_node", uuid, 200, lambda: self.ironic.patch(uuid, values))

    def power_off(self, uuid: str) -> Outcome:
        return self._change("power_off", uuid, 202, lambda: self.ironic.power(uuid, "power off"))

    def create_node(self, body: Mapping[str, Any]) -> Outcome:
        return self._change(
            "create_node", str(body.get("uuid")), 201, lambda: self.ironic.create_node(body)
        )

    def create_part(self, kind: PartKind, body: Mapping[str, Any]) -> Outcome:
        return self._change(
            "create_part",
            str(body.get("node_uuid")),
            201,
            lambda: self.ironic.create_part(kind, body),
        )

    def set_traits(self, uuid: str, traits: Sequence[str]) -> Outcome:
        return self._change("set_traits", uuid, 204, lambda: self.ironic.set_traits(uuid, traits))

    def delete_node(self, uuid: str) -> Outcome:
        return self._change(
            "delete_node", uuid, 204, lambda: self.ironic.delete_node(uuid), deleted=uuid
        )

    def delete_server(self, uuid: str) -> Outcome:
        nova = self.nova
        if nova is None:
            return Refused(0, f"no Nova of the {self._name} cloud is configured")
        node = nova.servers[uuid].node if uuid in nova.servers else "-"
        return self._change(
            "delete_server", node, 204, lambda: nova.delete_as_admin(uuid), deleted=uuid
        )

    def _read(self, call: str, read: Callable[[], T]) -> T:
        return self._calling.read(call, read)

    def _find(self, call: str, read: Callable[[], T]) -> T | None:
        def found() -> T | None:
            try:
                return read()
            except ApiError as error:
                if error.status == 404:
                    return None
                raise CloudReadError(f"the {self._name} cloud: {call}: {error}") from error

        return self._read(call, found)

    def _change(
        self,
        call: str,
        node: str,
        status: int,
        change: Callable[[], object],
        *,
        deleted: str = "",
    ) -> Outcome:
        """Change something of a node; `deleted` is the UUID of what is to be deleted."""
        return self._calling.change(
            call, lambda: outcome_of(_answered(status, change), deleted=deleted)
        )

    def _latency(self) -> tuple[float, float]:
        return self.latency() if self.latency else (0.0, 0.0)

    def _accounts(self, kept: Mapping[str, Account]) -> Sequence[Account]:
        domains = self.accounts.domains
        return [replace(each, domain=domains[each.domain]) for each in kept.values()]

    def _listed(self, *, marks: bool) -> list[NodeFacts]:
        listed = self.ironic.list_nodes()
        return [node_facts(raw if marks else {**raw, "extra": {}}) for raw in listed]

    def _records(self, uuid: str) -> NodeRecords:
        node = self.ironic.show(uuid)
        return NodeRecords(
            node=node,
            facts=node_facts(node),
            ports=tuple(self.ironic.parts(uuid, PartKind.PORT)),
            portgroups=tuple(self.ironic.parts(uuid, PartKind.PORTGROUP)),
            traits=tuple(self.ironic.traits(uuid)),
            connectors=tuple(self.ironic.parts(uuid, PartKind.CONNECTOR)),
            targets=tuple(self.ironic.parts(uuid, PartKind.TARGET)),
        )

    def _faults(self, uuid: str) -> tuple[Fault, ...]:
        found = (fault(entry) for entry in self.ironic.history(uuid))
        return tuple(each for each in found if each is not None)

    def _uuid_of(self, name: str | None) -> str | None:
        if name is None:
            return None
        try:
            return str(self.ironic.show(name)["uuid"])
        except ApiError:
            return None


def _asked_for(facts: ComputeFacts, *, who: bool, offer: bool) -> ComputeFacts:
    provider = facts.provider
    if provider is not None and not who:
        provider = replace(provider, consumers=())
    if provider is not None and not offer:
        provider = replace(provider, inventory={})
    return ComputeFacts(facts.instances if who else (), provider)


def _answered(status: int, change: Callable[[], object]) -> Answer:
    """Do it, and return what the service answers."""
    try:
        shown = change()
    except ApiError as error:
        return Answer(error.status, error.body)
    return Answer(status, b"" if shown is None else json.dumps(shown).encode())
