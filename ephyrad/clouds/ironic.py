# SPDX-License-Identifier: Apache-2.0
"""What ephyrad reads from an Ironic and does there."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from ephyrad.clouds.candidates import CANDIDATE_FIELDS, candidate
from ephyrad.clouds.decode import (
    NODE_FIELDS,
    DecodeError,
    address_of,
    conductor_group,
    each,
    enabled_interfaces,
    fault,
    node_facts,
    node_of,
    strings,
)
from ephyrad.clouds.errors import words_of
from ephyrad.clouds.port import CloudReadError, Verb
from ephyrad.clouds.service import MissingError, Params, Service
from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import Fault, NodeFacts, NodeRecords
from ephyrad.migration.mirror import bears_a_mark
from ephyrad.migration.outcomes import Done, Outcome, Underway
from ephyrad.rollout.candidate import Candidate

HISTORY = (1, 78)
"""The first API version with node history (Ironic API reference)."""

CHILDREN = (1, 83)
"""The first API version with child nodes, which a list leaves out unless asked (observed)."""

_COLLECTIONS = {
    PartKind.PORTGROUP: ("/portgroups", "portgroups"),
    PartKind.PORT: ("/ports", "ports"),
    PartKind.CONNECTOR: ("/volume/connectors", "connectors"),
    PartKind.TARGET: ("/volume/targets", "targets"),
}

# The names that Ironic gives to nodes (ironic/api/controllers/v1/utils.py, is_valid_logical_name),
# so that no ident can be read as another path. /nodes/detail is a list.
_IDENT = re.compile(r"(?!\.*$|detail$)[A-Za-z0-9._~-]{1,255}")

# Its interfaces are not checked against what it lists (ironic/common/driver_factory.py).
_TAKES_ANY = "fake-hardware"

# What unsets an attribute whose removal is answered by a 500 (observed on 2023.1 and 2026.2).
_UNSET = {"automated_clean": None, "conductor_group": ""}

_WITH_MARK = f"{NODE_FIELDS},extra"

# The next page is found by the UUID.
_WITH_ADDRESS = "uuid,address,node_uuid"

# No project has this id.
_NOBODY = "0" * 32

_WHOLE = 100
"""How many whole records of nodes are asked for in one page."""

T = TypeVar("T")


class Ironic:
    """One Ironic, through its REST API."""

    def __init__(self, service: Service, page_size: int) -> None:
        self._service = service
        self._page_size = page_size

    def refusal_to_show_all(self) -> str | None:
        """Return Ironic's words where these credentials may not see every node.

        To who may not, Ironic shows a list without the nodes of others, and no error. It answers
        403, though, when asked for the nodes of a project that is not one's own
        (ironic/api/controllers/v1/utils.py, check_list_policy; observed on 2023.1 and 2026.2), and
        does so for an empty cloud as well.

        :raises CloudReadError: it could not be asked.
        """
        path = "/nodes"
        answer = self._service.ask(path, {"project": _NOBODY, "limit": 1, "fields": "uuid"})
        if answer.status == 403:
            return words_of(answer)
        # A 200 of somebody else's, a proxy's for instance, gives no rights.
        self._service.read(path, answer)
        return None

    def nodes(self) -> list[NodeFacts]:
        """Return every node, by one paged list."""
        return list(self._listed(NODE_FIELDS, node_facts).values())

    def candidates(self) -> list[Candidate]:
        """Return every node with all that a rollout may select by, by one paged list."""
        return list(self._listed(CANDIDATE_FIELDS, candidate).values())

    def marked(self) -> list[NodeFacts]:
        """Return every node whose record bears ephyrad's mark, by one paged list."""
        found = self._listed(_WITH_MARK, node_facts).values()
        return [node for node in found if bears_a_mark(node)]

    def _listed(self, fields: str, decode: Callable[[Mapping[str, Any]], T]) -> dict[str, T]:
        """Return every node by its UUID."""
        params = self._of_all() | {"fields": fields, "limit": self._page_size}
        pages = self._service.pages("/nodes", "nodes", params)
        # A node that moves across a page's edge meanwhile may be listed twice.
        found: dict[str, T] = {}
        for page in pages:
            decoded = self._decoded("node", decode, page)
            found |= {raw["uuid"]: node for raw, node in zip(page, decoded, strict=True)}
        return found

    def _of_all(self) -> dict[str, str | int]:
        """Return what a list of nodes is asked with to have all of them."""
        return {"include_children": "true"} if self._service.version() >= CHILDREN else {}

    def node(self, ident: str) -> NodeFacts | None:
        """Return the node with this UUID or name."""
        raw = self._node(ident, {"fields": _WITH_MARK})
        return None if raw is None else self._decoded("node", node_facts, [raw])[0]

    def records(self, uuid: str) -> NodeRecords | None:
        """Return the node and all that belongs to it."""
        node = self._node(uuid, None)
        if node is None:
            return None
        parts = {kind: self._parts(kind, uuid) for kind in PartKind}
        if None in parts.values():
            return None
        return self._put_together(node, {kind: found or () for kind, found in parts.items()})

    def every_record(self) -> Iterator[NodeRecords]:
        """Give every node and all that belongs to it, by a paged list of each kind."""
        parts = {kind: self._by_node(kind) for kind in PartKind}
        # Whole records are large.
        asked = self._of_all() | {"detail": "true", "limit": min(self._page_size, _WHOLE)}
        for page in self._service.pages("/nodes", "nodes", asked):
            for node in self._decoded("node", dict, page):
                own = {kind: tuple(parts[kind].get(str(node.get("uuid")), ())) for kind in PartKind}
                yield self._put_together(node, own)

    def _put_together(
        self, node: dict[str, Any], parts: Mapping[PartKind, tuple[dict[str, Any], ...]]
    ) -> NodeRecords:
        # The node's own record names its traits since API 1.37.
        (traits,) = self._decoded("node", lambda raw: strings(raw, "traits"), [node])
        return NodeRecords(
            node=node,
            facts=self._decoded("node", node_facts, [node])[0],
            ports=parts[PartKind.PORT],
            portgroups=parts[PartKind.PORTGROUP],
            traits=traits,
            connectors=parts[PartKind.CONNECTOR],
            targets=parts[PartKind.TARGET],
        )

    def _by_node(self, kind: PartKind) -> dict[str, list[dict[str, Any]]]:
        path, key = _COLLECTIONS[kind]
        listed = self._all(path, key, {"detail": "true", "limit": self._page_size})
        found: dict[str, list[dict[str, Any]]] = {}
        for part in self._decoded(kind.value, dict, listed):
            (node,) = self._decoded(kind.value, node_of, [part])
            found.setdefault(node, []).append(part)
        return found

    def faults(self, uuid: str) -> tuple[Fault, ...] | None:
        """Return the errors of the node's history, oldest first."""
        if self._service.version() < HISTORY:
            return None
        path = f"/nodes/{uuid}/history"
        entries = self._of_node(uuid, path, "history", {"detail": "true"})
        if entries is None:
            return None
        found = self._decoded("history entry", fault, entries)
        return tuple(sorted(filter(None, found), key=lambda fault: fault.at))

    def drivers(self) -> dict[str, Mapping[str, frozenset[str]]]:
        """Return the enabled interfaces of each kind of each driver."""
        listed = self._all("/drivers", "drivers", {"detail": "true"})
        drivers = dict(self._decoded("driver", enabled_interfaces, listed))
        if _TAKES_ANY in drivers:
            drivers[_TAKES_ANY] = _union(drivers.values())
        return drivers

    def conductor_groups(self) -> frozenset[str]:
        """Return the groups that a living conductor is in."""
        listed = self._all("/conductors", "conductors", {"limit": self._page_size})
        groups = self._decoded("conductor", conductor_group, listed)
        return frozenset(group for group in groups if group is not None)

    def owners_of(self, addresses: Iterable[str]) -> dict[str, str]:
        """Return the UUID of the node whose port or port group has each of these MACs."""
        owners: dict[str, str] = {}
        for address in addresses:
            for kind in (PartKind.PORT, PartKind.PORTGROUP):
                path, key = _COLLECTIONS[kind]
                listed = self._all(path, key, {"address": address, "fields": "node_uuid"})
                for owner in self._decoded(kind.value, node_of, listed):
                    owners[address] = owner
        return owners

    def addresses(self) -> dict[str, str]:
        """Return the UUID of the node that has each MAC address, by a list of ports and one of port
        groups.
        """
        owners: dict[str, str] = {}
        for kind in (PartKind.PORT, PartKind.PORTGROUP):
            path, key = _COLLECTIONS[kind]
            listed = self._all(path, key, {"fields": _WITH_ADDRESS, "limit": self._page_size})
            owners |= {
                address.lower(): owner
                for address, owner in self._decoded(kind.value, address_of, listed)
                if address is not None
            }
        return owners

    def provision(self, uuid: str, verb: Verb) -> Outcome:
        """Ask for a change of provision state."""
        return self._service.change("PUT", f"/nodes/{uuid}/states/provision", {"target": verb})

    def set_maintenance(self, uuid: str, reason: str) -> Outcome:
        """Set maintenance, or its reason."""
        return _at_once(self._service.change("PUT", _maintenance(uuid), {"reason": reason}))

    def clear_maintenance(self, uuid: str) -> Outcome:
        """Lift maintenance."""
        return _at_once(self._service.change("DELETE", _maintenance(uuid)))

    def patch_node(self, uuid: str, values: Mapping[str, Any]) -> Outcome:
        """Set attributes of a node in one PATCH; None removes one."""
        patch = [_operation(name, value) for name, value in values.items()]
        return self._service.change("PATCH", f"/nodes/{uuid}", patch)

    def power_off(self, uuid: str) -> Outcome:
        """Ask for power off."""
        path = f"/nodes/{uuid}/states/power"
        return self._service.change("PUT", path, {"target": "power off"})

    def create_node(self, body: Mapping[str, Any]) -> Outcome:
        """Create a node record."""
        return self._service.change("POST", "/nodes", dict(body))

    def create_part(self, kind: PartKind, body: Mapping[str, Any]) -> Outcome:
        """Create a record that belongs to a node."""
        path, _ = _COLLECTIONS[kind]
        return self._service.change("POST", path, dict(body))

    def set_traits(self, uuid: str, traits: Sequence[str]) -> Outcome:
        """Replace the node's traits."""
        path = f"/nodes/{uuid}/traits"
        return self._service.change("PUT", path, {"traits": list(traits)})

    def delete_node(self, uuid: str) -> Outcome:
        """Delete a node and all that belongs to it."""
        return self._service.delete(uuid, f"/nodes/{uuid}")

    def _node(self, ident: str, params: Mapping[str, str] | None) -> dict[str, Any] | None:
        if not _IDENT.fullmatch(ident):
            return None
        raw = self._service.find(ident, f"/nodes/{quote(ident, safe='')}", params)
        # Below API 1.91 Ironic takes `.json` off a name.
        if raw is None or ident not in (raw.get("uuid"), raw.get("name")):
            return None
        return raw

    def _parts(self, kind: PartKind, uuid: str) -> tuple[dict[str, Any], ...] | None:
        path, key = _COLLECTIONS[kind]
        found = self._of_node(uuid, path, key, {"node": uuid, "detail": "true"})
        return None if found is None else tuple(self._decoded(kind.value, dict, found))

    def _of_node(self, uuid: str, path: str, key: str, params: Params) -> list[Any] | None:
        """Return a whole list about a node, None where the node is not there."""
        try:
            return self._all(path, key, params, about=uuid)
        except MissingError:
            return None

    def _all(self, path: str, key: str, params: Params, about: str | None = None) -> list[Any]:
        pages = self._service.pages(path, key, params, about)
        return [one for page in pages for one in page]

    def _decoded(
        self, what: str, decode: Callable[[Mapping[str, Any]], T], raws: Iterable[object]
    ) -> list[T]:
        try:
            return each(what, decode, raws)
        except DecodeError as error:
            raise CloudReadError(f"{self._service.label}: {error}") from error


def _union(
    drivers: Iterable[Mapping[str, frozenset[str]]],
) -> Mapping[str, frozenset[str]]:
    together: dict[str, frozenset[str]] = {}
    for kinds in drivers:
        for kind, names in kinds.items():
            together[kind] = together.get(kind, frozenset()) | names
    return together


def _operation(name: str, value: object) -> dict[str, object]:
    """Return the JSON patch of one attribute; `add` replaces what is there (RFC 6902)."""
    path = f"/{name}"
    if value is None and name not in _UNSET:
        return {"op": "remove", "path": path}
    return {"op": "add", "path": path, "value": _UNSET[name] if value is None else value}


def _maintenance(uuid: str) -> str:
    return f"/nodes/{uuid}/maintenance"


def _at_once(outcome: Outcome) -> Outcome:
    """Take the 202 about maintenance for what it is: done before it is answered.

    The API waits for the conductor's update (ironic/api/controllers/v1/node.py,
    NodeMaintenanceController).
    """
    return Done() if isinstance(outcome, Underway) else outcome
