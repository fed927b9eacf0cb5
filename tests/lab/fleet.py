# SPDX-License-Identifier: Apache-2.0
"""Enrols nodes, takes them to available, and removes them. Needs openstacksdk."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from keystoneauth1.exceptions import ConnectFailure, DiscoveryFailure

from tests.lab import bmc, nodes, offer, patience
from tests.lab.errors import LabError
from tests.lab.nodes import Kind, Plan
from tests.lab.openstack_api import Api, ApiError
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.settings import Settings

_AT_ONCE = 6
_STOPS = ("enroll", "manageable", "available")


@dataclass(frozen=True)
class Node:
    """An enrolled node."""

    uuid: str
    name: str
    kind: Kind


def enrol(
    settings: Settings,
    wanted: Mapping[Kind, int],
    *,
    cloud: Cloud = "old",
    prefix: str = "lab",
    stop_at: str = "available",
) -> list[Node]:
    """Makes sure that so many nodes of each kind exist in a cloud, in at least the state `stop_at`
    ("enroll", "manageable", "available"); what exists is completed. Both clouds get the flavor and
    the image.

    Raises LabError when a node does not get there, or there are too few emulated BMCs; ApiError
    when a cloud refuses.
    """
    if stop_at not in _STOPS:
        raise LabError(f"stop_at is {stop_at!r}: one of {', '.join(_STOPS)}")
    prepare_offers(settings)
    ironic = Api(settings, cloud, "baremetal")
    owner = _demo_project(settings, cloud)
    plans = _plans(settings, wanted, prefix)

    def one(plan: Plan) -> None:
        _create(ironic, plan, owner)
        _advance(ironic, plan.uuid, stop_at)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(one, plans))
    return [
        Node(plan.uuid, plan.node["name"], kind)
        for kind, plan in zip(_kinds(wanted), plans, strict=True)
    ]


def prepare_offers(settings: Settings) -> None:
    """Flavor and image in every cloud that runs, with the same ids."""
    for cloud in running_clouds(settings):
        offer.ensure_flavor(Api(settings, cloud, "compute"))
        offer.ensure_image(Api(settings, cloud, "image"))


def running_clouds(settings: Settings) -> list[Cloud]:
    """Those whose Keystone answers."""
    found: list[Cloud] = []
    for cloud in CLOUDS:
        try:
            Api(settings, cloud, "identity").get("/projects?name=demo")
        except (ConnectFailure, DiscoveryFailure):
            continue
        found.append(cloud)
    return found


def discard(settings: Settings, prefix: str) -> list[str]:
    """Removes from both clouds every node whose name begins with the prefix and a dash, with its
    instance; gives their names.
    """
    return [
        name
        for cloud in running_clouds(settings)
        for name in _discard_from(settings, cloud, f"{prefix}-")
    ]


def _kinds(wanted: Mapping[Kind, int]) -> list[Kind]:
    return [kind for kind in Kind for _ in range(wanted.get(kind, 0))]


def _plans(settings: Settings, wanted: Mapping[Kind, int], prefix: str) -> list[Plan]:
    """Nodes that exist keep their machine, new ones get a free one."""
    taken = _taken_machines(settings)
    free = [one for one in bmc.machines(settings) if one.uuid not in taken.values()]
    known = {one.uuid: one for one in bmc.machines(settings)}
    found = []
    for kind in Kind:
        for number in range(wanted.get(kind, 0)):
            ident = nodes.node_uuid(nodes.node_name(prefix, kind, number))
            machine = None
            if kind is not Kind.FAKE:
                machine = known.get(taken.get(ident, "")) or _next(free, settings)
            found.append(nodes.plan(settings, kind, number, machine, prefix=prefix))
    return found


def _next(free: list[bmc.Machine], settings: Settings) -> bmc.Machine:
    if not free:
        raise LabError(
            f"all {settings.bmc_count} emulated BMCs are taken: discard nodes, or set "
            "EPHYRA_LAB_BMC_COUNT and restart agent and bmc"
        )
    return free.pop(0)


def _taken_machines(settings: Settings) -> dict[str, str]:
    """Node -> Redfish system, in both clouds: a node may have been carried over."""
    found = {}
    for cloud in running_clouds(settings):
        answer = Api(settings, cloud, "baremetal").get("/v1/nodes?fields=uuid,driver_info")
        for node in answer["nodes"]:
            if system := node["driver_info"].get("redfish_system_id"):
                found[node["uuid"]] = str(system).rpartition("/")[2]
    return found


def _demo_project(settings: Settings, cloud: Cloud) -> str:
    answer = Api(settings, cloud, "identity").get("/projects?name=demo")
    return str(answer["projects"][0]["id"])


def _create(ironic: Api, plan: Plan, owner: str) -> None:
    """The node and what belongs to it, as far as it is not there: a command may be interrupted."""
    if ironic.find(f"/v1/nodes/{plan.uuid}?fields=uuid") is None:
        ironic.post("/v1/nodes", plan.node | {"owner": owner})
    parts = (
        ("portgroups", plan.portgroups),
        ("ports", plan.ports),
        ("volume/connectors", plan.connectors),
        ("volume/targets", plan.targets),
    )
    for path, bodies in parts:
        for body in bodies:
            if ironic.find(f"/v1/{path}/{body['uuid']}?fields=uuid") is None:
                ironic.post(f"/v1/{path}", body)
    traits = f"/v1/nodes/{plan.uuid}/traits"
    if set(ironic.get(traits)["traits"]) != set(plan.traits):
        patience.unless_locked(lambda: ironic.put(traits, {"traits": list(plan.traits)}))


def _advance(ironic: Api, ident: str, stop_at: str) -> None:
    if stop_at == "enroll":
        return
    if _state(ironic, ident)["provision_state"] == "enroll":
        _order(ironic, ident, "manage")
        _wait_state(ironic, ident, "manageable", 120)
    _make_power_known(ironic, ident)
    if stop_at == "available" and _state(ironic, ident)["provision_state"] == "manageable":
        _order(ironic, ident, "provide")
        _wait_state(ironic, ident, "available", 600)


def _make_power_known(ironic: Api, ident: str) -> None:
    """Nova never offers a node whose power state is unknown, and the fake driver knows none until
    it was told one (observed on both releases).
    """
    if _state(ironic, ident)["power_state"] is None:
        path = f"/v1/nodes/{ident}/states/power"
        patience.unless_locked(lambda: ironic.put(path, {"target": "power off"}))
        patience.until(
            f"power state of node {ident}", lambda: _state(ironic, ident)["power_state"], 60
        )


def _state(ironic: Api, ident: str) -> Any:
    return ironic.get(f"/v1/nodes/{ident}?fields=provision_state,power_state,last_error")


def _order(ironic: Api, ident: str, verb: str) -> None:
    path = f"/v1/nodes/{ident}/states/provision"
    patience.unless_locked(lambda: ironic.put(path, {"target": verb}))


def _wait_state(ironic: Api, ident: str, wanted: str, seconds: float) -> None:
    def look() -> bool | None:
        now = _state(ironic, ident)
        state = now["provision_state"]
        if state != wanted and (state.endswith("failed") or now["last_error"]):
            raise LabError(f"node {ident} is {state}, not {wanted}: {now['last_error']}")
        return True if state == wanted else None

    patience.until(f"node {ident} {wanted}", look, seconds)


def _discard_from(settings: Settings, cloud: Cloud, start: str) -> Iterable[str]:
    ironic = Api(settings, cloud, "baremetal")
    nova = Api(settings, cloud, "compute")
    for node in ironic.get("/v1/nodes?fields=uuid,name,instance_uuid,protected")["nodes"]:
        if (node["name"] or "").startswith(start):
            _discard_one(ironic, node)
            if node["instance_uuid"] and nova.find(f"/servers/{node['instance_uuid']}"):
                nova.delete(f"/servers/{node['instance_uuid']}")
            yield f"{node['name']} ({cloud})"


def _discard_one(ironic: Api, node: Any) -> None:
    """In maintenance a node may be deleted in any state (observed on both releases)."""
    path = f"/v1/nodes/{node['uuid']}"
    if node["protected"]:
        patch = [{"op": "replace", "path": "/protected", "value": False}]
        patience.unless_locked(lambda: ironic.call("PATCH", path, patch))
    patience.unless_locked(lambda: ironic.put(f"{path}/maintenance", {"reason": "discarded"}))
    try:
        patience.unless_locked(lambda: ironic.delete(path))
    except ApiError as error:
        if error.status != 404:
            raise
