# SPDX-License-Identifier: Apache-2.0
"""A simulated Ironic: what its API shows and takes. Refusals are :class:`ApiError`."""

import random
import uuid as uuids
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ephyrad.migration.effects import PartKind
from ephyrad.testing.bus import Bus
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.conductor import Conductor
from ephyrad.testing.index import Holders
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import Node, copied, new_node, new_part, show_node, show_parts
from ephyrad.testing.refusals import (
    ApiError,
    forbidden,
    in_transition,
    locked,
    not_found,
    wrong_state,
)
from ephyrad.testing.settings import IronicSettings
from ephyrad.testing.step_lists import TRAIT, StepLists
from ephyrad.testing.work import Work

# ironic/common/states.py: UPDATE_ALLOWED_STATES, DELETE_ALLOWED_STATES and `available`.
_PATCHED_IN_TRANSITION = frozenset(
    """
    verifying inspecting error
    """.split()
) | {"deploy failed", "clean failed", "inspect failed", "adopt failed", "inspect wait"}
_DELETABLE = frozenset({"enroll", "manageable", "available", "adopt failed"})
_MANAGED_AT_ONCE = frozenset({"available", "clean failed", "inspect failed", "adopt failed"})
_UNDEPLOYABLE = frozenset({"active", "deploy failed", "error", "wait call-back", "rescue"})
_IN_CLEANING = frozenset({"deleting", "cleaning", "clean wait"})
_PROTECTABLE = frozenset({"active", "rescue"})


class Ironic:
    """One Ironic's API over its conductor. `ident` is a UUID or a name."""

    def __init__(
        self,
        clock: VirtualClock,
        room: MachineRoom,
        bus: Bus,
        rng: random.Random,
        settings: IronicSettings,
    ) -> None:
        self.settings = settings
        self.conductor = Conductor(clock, room, bus, rng, settings)
        self._clock = clock
        self._rng = rng
        self._work = Work(self.conductor)
        self._named = Holders()
        self._holders = {kind: Holders() for kind in PartKind}
        self.step_lists = {
            kind: StepLists(kind, clock.now, bus, rng, settings)
            for kind in settings.release.step_lists
        }

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The records themselves, secrets in clear, by UUID: for who checks on the simulation."""
        return self.conductor.nodes

    # What it shows

    def list_nodes(
        self,
        fields: Collection[str] | None = None,
        *,
        project: str | None = None,
        limit: int | None = None,
        marker: str | None = None,
    ) -> list[dict[str, Any]]:
        """GET /v1/nodes: every node that the caller may see, or `limit` of those after `marker`.

        `project` is that of the nodes' owners or lessees.
        """
        if not self.settings.system_scope:
            if project is not None:
                raise forbidden("baremetal:node:list_all")
            return []
        if marker is not None:
            self._node(marker)
        nodes = list(self.nodes.values())
        if project is not None:
            nodes = [node for node in nodes if project in _projects(node)]
        first = 0 if marker is None else 1 + [node.uuid for node in nodes].index(marker)
        page = nodes[first:] if limit is None else nodes[first : first + limit]
        return [self._shown(node, fields) for node in page]

    def show(self, ident: str, fields: Collection[str] | None = None) -> dict[str, Any]:
        """GET /v1/nodes/IDENT: all of it, or these fields."""
        return self._shown(self._node(ident), fields)

    def parts(self, ident: str, kind: PartKind) -> list[dict[str, Any]]:
        """GET /v1/ports and the like, of one node, in detail."""
        secrets = self.settings.show_secrets
        return show_parts(self.settings.release, self._node(ident), kind, secrets=secrets)

    def parts_with(self, kind: PartKind, address: str) -> list[dict[str, Any]]:
        """GET /v1/ports?address= and /v1/portgroups?address=."""
        if not self.settings.system_scope:
            return []
        return [
            copied(part)
            for node in self._with_address(kind, address)
            for part in node.parts[kind].values()
            if _has_address(part, address)
        ]

    def traits(self, ident: str) -> list[str]:
        """GET /v1/nodes/IDENT/traits."""
        return list(self._node(ident).traits)

    def history(self, ident: str) -> list[dict[str, Any]]:
        """GET /v1/nodes/IDENT/history?detail=true."""
        return copied(self._node(ident).history)

    def owner_of(self, address: str) -> str | None:
        """Return the UUID of the node whose port or port group has a MAC address."""
        kinds = (PartKind.PORT, PartKind.PORTGROUP)
        owners = (node.uuid for kind in kinds for node in self._with_address(kind, address))
        return next(owners, None)

    # What it takes

    def create_node(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST /v1/nodes."""
        release = self.settings.release
        _only_known(body, release.creatable)
        uuid = str(body.get("uuid") or uuids.UUID(int=self._rng.getrandbits(128), version=4))
        if uuid in self.nodes:
            raise ApiError(409, f"A node with UUID {uuid} already exists.")
        self._name_is_free(body.get("name"), uuid)
        self._drivers_are_there(body)
        node = new_node(release, {**body, "uuid": uuid}, self._clock.now())
        self.conductor.nodes[uuid] = node
        self._named.add(str(node.body["name"]), uuid)
        self.conductor.notify(node, "create.start")
        self.conductor.tell(uuid)
        self.conductor.notify(node, "create.end")
        return self._shown(node)

    def create_part(self, kind: PartKind, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST /v1/ports, /v1/portgroups, /v1/volume/connectors, /v1/volume/targets."""
        release = self.settings.release
        _only_known(body, release.part_fields[kind] | {"node_uuid"})
        node = self.nodes.get(str(body.get("node_uuid")))
        if node is None:
            raise ApiError(400, f"Node {body.get('node_uuid')} could not be found.")
        uuid = str(body.get("uuid") or uuids.UUID(int=self._rng.getrandbits(128), version=4))
        if any(uuid in other.parts[kind] for other in self._among(self._holders[kind].of(uuid))):
            raise ApiError(409, f"A {kind} with UUID {uuid} already exists.")
        address = body.get("address")
        if address is not None and next(self._with_address(kind, address), None):
            raise ApiError(409, f"A {kind} with MAC address {address} already exists.")
        group = body.get("portgroup_uuid")
        if group is not None and group not in node.parts[PartKind.PORTGROUP]:
            raise ApiError(400, f"Portgroup {group} could not be found.")
        node.parts[kind][uuid] = new_part(release, kind, {**body, "uuid": uuid})
        for word in (uuid, str(address)):
            self._holders[kind].add(word, node.uuid)
        self.conductor.tell(node.uuid)
        return copied(node.parts[kind][uuid])

    def set_traits(self, ident: str, traits: Sequence[str]) -> None:
        """PUT /v1/nodes/IDENT/traits."""
        node = self._unlocked(ident)
        for trait in traits:
            if not TRAIT.fullmatch(trait):
                raise ApiError(
                    400,
                    f"Invalid trait. A valid trait must be no longer than 255 characters: {trait}",
                )
        node.traits[:] = sorted(set(traits))
        self.conductor.notify(node, "update.start")
        self.conductor.write(node)
        self.conductor.notify(node, "update.end")

    def patch(self, ident: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """PATCH /v1/nodes/IDENT; None removes an attribute."""
        node = self._node(ident)
        values = _whole(node.body, values)
        _only_known(values, self.settings.release.creatable | {"protected", "protected_reason"})
        if node.body["target_provision_state"] and node.state not in _PATCHED_IN_TRANSITION:
            raise in_transition(node.uuid)
        if values.get("retired") and node.state == "available":
            raise ApiError(409, f"Node {node.uuid} can not be retired while it is available.")
        if values.get("protected") and node.state not in _PROTECTABLE:
            raise ApiError(409, f"Node {node.uuid} can not be protected in state {node.state}.")
        self._unlocked(ident)
        self._name_is_free(values.get("name"), node.uuid)
        written = copied(dict(values))
        if "retired" in written and not written["retired"]:
            written |= {"retired": False, "retired_reason": None}
        if "protected" in written and not written["protected"]:
            written |= {"protected": False, "protected_reason": None}
        self.conductor.notify(node, "update.start")
        self.conductor.write(node, **written)
        self._named.add(str(node.body["name"]), node.uuid)
        self.conductor.notify(node, "update.end")
        return self._shown(node)

    def associate(self, ident: str, instance: str) -> None:
        """PATCH instance_uuid, which Ironic refuses where another one is."""
        node = self._node(ident)
        if node.body["instance_uuid"] not in (None, instance):
            other = node.body["instance_uuid"]
            raise ApiError(409, f"Node {node.uuid} is associated with instance {other}.")
        self.patch(ident, {"instance_uuid": instance})

    def set_maintenance(self, ident: str, reason: str | None) -> None:
        """PUT /v1/nodes/IDENT/maintenance."""
        node = self._unlocked(ident)
        self.conductor.notify(node, "maintenance_set.start")
        self.conductor.write(node, maintenance=True, maintenance_reason=reason)
        self.conductor.notify(node, "maintenance_set.end")

    def clear_maintenance(self, ident: str) -> None:
        """DELETE /v1/nodes/IDENT/maintenance."""
        node = self._unlocked(ident)
        self.conductor.notify(node, "maintenance_set.start")
        self.conductor.write(node, maintenance=False, maintenance_reason=None, fault=None)
        self.conductor.notify(node, "maintenance_set.end")

    def power(self, ident: str, target: str) -> None:
        """PUT /v1/nodes/IDENT/states/power."""
        node = self._node(ident)
        if node.state in ("cleaning", "clean wait"):
            raise ApiError(
                400, f"Node {node.uuid} is in state {node.state}: its power can not be changed."
            )
        self._work.power(self._unlocked(ident), target)

    def provision(self, ident: str, verb: str) -> None:
        """PUT /v1/nodes/IDENT/states/provision: manage, provide, active, deleted."""
        # Here Ironic looks at the lock first, elsewhere at the state (observed on both releases).
        node = self._unlocked(ident)
        match verb, node.state:
            case "manage", "enroll":
                self._work.verify(node)
            case "manage", state if state in _MANAGED_AT_ONCE:
                self.conductor.move(node, "manage", "manageable")
            case "provide", "manageable":
                if node.body["retired"]:
                    raise ApiError(400, f"Node {node.uuid} can not be provided: it is retired.")
                self._room_to_clean()
                self._work.provide(node)
            case "active", "available":
                if node.body["maintenance"]:
                    raise ApiError(
                        400,
                        f"The deploy operation can't be performed on node {node.uuid} because"
                        " it's in maintenance mode.",
                    )
                self._work.deploy(node)
            case "deleted", state if state in _UNDEPLOYABLE:
                self._unprotected(node)
                self._room_to_clean()
                self._work.undeploy(node)
            case _:
                raise wrong_state(verb, node.uuid, node.state)

    def delete_node(self, ident: str) -> None:
        """DELETE /v1/nodes/IDENT: the guards but `protected` are off in maintenance."""
        node = self._unlocked(ident)
        self._unprotected(node)
        if not node.body["maintenance"]:
            if node.body["instance_uuid"]:
                instance = node.body["instance_uuid"]
                raise ApiError(409, f"Node {node.uuid} is associated with instance {instance}.")
            if node.state not in _DELETABLE:
                raise ApiError(
                    409,
                    f"Can not delete node {node.uuid} while it is in provision state {node.state}.",
                )
        self.conductor.notify(node, "delete.start")
        del self.conductor.nodes[node.uuid]
        self.conductor.tell(node.uuid)
        self.conductor.notify(node, "delete.end")

    def _shown(self, node: Node, fields: Collection[str] | None = None) -> dict[str, Any]:
        return show_node(node, secrets=self.settings.show_secrets, fields=fields)

    def _node(self, ident: str) -> Node:
        found = self.nodes.get(ident)
        if found is None:
            found = next(self._called(ident), None)
        if found is None or not self.settings.system_scope:
            raise not_found("Node", ident)
        return found

    def _unlocked(self, ident: str) -> Node:
        node = self._node(ident)
        if node.body["reservation"] is not None:
            raise locked(node.uuid, node.body["reservation"])
        if not self.conductor.alive:
            raise _no_conductor(node.body["driver"], node.body["conductor_group"])
        return node

    @staticmethod
    def _unprotected(node: Node) -> None:
        if node.body["protected"]:
            raise ApiError(
                403, f"Node {node.uuid} is protected and can not be undeployed, rebuilt or deleted."
            )

    def _room_to_clean(self) -> None:
        busy = len(self.conductor.in_states(_IN_CLEANING))
        if busy >= self.settings.max_concurrent_clean:
            raise ApiError(
                503,
                "Concurrent process limit for cleaning has been reached. Please contact your"
                " administrator or try again later.",
            )

    def _name_is_free(self, name: str | None, uuid: str) -> None:
        if name is not None and any(node.uuid != uuid for node in self._called(name)):
            raise ApiError(409, f"A node with name {name} already exists.")

    def _drivers_are_there(self, body: Mapping[str, Any]) -> None:
        driver, group = body.get("driver"), body.get("conductor_group") or ""
        enabled = self.settings.drivers.get(str(driver))
        here = enabled is not None and group in self.settings.conductor_groups
        if enabled is None or not here or not self.conductor.alive:
            raise _no_conductor(driver, group)
        for kind in self.settings.release.interfaces:
            wanted = body.get(f"{kind}_interface")
            if wanted is not None and wanted not in enabled.get(kind, ()):
                raise ApiError(
                    400,
                    f"Could not find the following interface in the"
                    f" 'ironic.hardware.interfaces.{kind}' entrypoint: {wanted}.",
                )

    def _called(self, name: str) -> Iterator[Node]:
        return (node for node in self._among(self._named.of(name)) if node.body["name"] == name)

    def _with_address(self, kind: PartKind, address: str) -> Iterator[Node]:
        for node in self._among(self._holders[kind].of(address)):
            if any(_has_address(part, address) for part in node.parts[kind].values()):
                yield node

    def _among(self, uuids: Sequence[str]) -> Iterator[Node]:
        return (self.nodes[uuid] for uuid in uuids if uuid in self.nodes)


def _no_conductor(driver: object, group: object) -> ApiError:
    return ApiError(
        400,
        "No valid host was found. Reason: No conductor service registered which"
        f' supports driver {driver} for conductor group "{group}".',
    )


def _has_address(part: Mapping[str, Any], address: str) -> bool:
    return str(part.get("address")).lower() == address.lower()


def _projects(node: Node) -> tuple[str | None, str | None]:
    return node.body["owner"], node.body["lessee"]


def _whole(body: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of whole attributes where `values` names a member of one."""
    whole: dict[str, Any] = {}
    for path, value in values.items():
        name, _, member = path.partition("/")
        if not member:
            whole[name] = value
            continue
        before = whole.get(name, body[name])
        if value is None and member not in before:
            raise ApiError(400, f"can't remove a non-existent object '{member}'")
        rest = {key: kept for key, kept in before.items() if key != member}
        whole[name] = rest if value is None else {**rest, member: value}
    return whole


def _only_known(body: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(set(body) - known)
    if unknown:
        names = ", ".join(f"'{name}'" for name in unknown)
        raise ApiError(400, f"Additional properties are not allowed ({names} unexpected)")
