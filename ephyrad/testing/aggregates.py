# SPDX-License-Identifier: Apache-2.0
"""The host aggregates of a simulated Nova, by number."""

import random
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ephyrad.testing.bus import Bus, nova_object
from ephyrad.testing.nova import Nova
from ephyrad.testing.refusals import ApiError

HOST = "compute"
"""The host of the only compute service, which has all the nodes."""

_ZONE = "availability_zone"
_KEY = re.compile(r"[a-zA-Z0-9-_:. ]{1,255}")


@dataclass(slots=True)
class Aggregate:
    """One aggregate. Its zone stands in its metadata."""

    number: int
    uuid: str
    name: str
    metadata: dict[str, str] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)


class Aggregates:
    """What one Nova has, whose host has servers and serves nodes, the providers."""

    def __init__(self, bus: Bus, rng: random.Random, nova: Nova | None) -> None:
        self._bus = bus
        self._rng = rng
        self._nova = nova
        self._kept: dict[int, Aggregate] = {}
        self._last = 0

    def all(self) -> list[Aggregate]:
        """Return every aggregate."""
        return list(self._kept.values())

    def show(self, number: int) -> Aggregate:
        """Return one aggregate."""
        try:
            return self._kept[number]
        except KeyError:
            raise ApiError(404, f"Aggregate {number} could not be found.") from None

    def create(self, name: str, zone: str | None = None) -> Aggregate:
        """Make an aggregate. MariaDB takes names in letters of another case for the same."""
        if zone is not None:
            _check_zone(zone)
        if any(each.name.lower() == name.lower() for each in self._kept.values()):
            raise ApiError(409, f"Aggregate {name} already exists.")
        self._last += 1
        identity = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
        made = Aggregate(self._last, identity, name, {_ZONE: zone} if zone else {})
        self._publish("create.start", made)
        self._kept[made.number] = made
        self._publish("create.end", made)
        return made

    def move(self, number: int, zone: str | None) -> Aggregate:
        """Change the availability zone."""
        aggregate = self.show(number)
        doing = f"Cannot update aggregate {number}. Reason:"
        self._check_move(aggregate, zone, doing)
        return self._set(aggregate, {_ZONE: zone}, "update_prop")

    def describe(self, number: int, metadata: Mapping[str, str | None]) -> Aggregate:
        """Set metadata, and take away what is None."""
        for key in metadata:
            if not _KEY.fullmatch(key):
                words = f"'{key}' does not match any of the regexes: '^{_KEY.pattern}$'"
                words = f"Value: {dict(metadata)}. {words}"
                raise ApiError(400, f"Invalid input for field/attribute metadata. {words}")
        aggregate = self.show(number)
        if _ZONE in metadata:
            doing = f"Cannot update metadata of aggregate {number}. Reason:"
            self._check_move(aggregate, metadata[_ZONE], doing)
        return self._set(aggregate, metadata, "update_metadata")

    def delete(self, number: int) -> None:
        """Delete an aggregate without hosts."""
        aggregate = self.show(number)
        self._publish("delete.start", aggregate)
        if aggregate.hosts:
            words = f"Cannot remove host from aggregate {number}. Reason:"
            raise ApiError(400, f"{words} Host aggregate is not empty.")
        del self._kept[number]
        self._publish("delete.end", aggregate)

    def put_in(self, number: int, host: str) -> Aggregate:
        """Put a host into an aggregate.

        One that serves no node is put in as well, and said not to be found (observed on both
        releases): it cannot be taken out until it serves one.
        """
        absent = ApiError(404, f"Compute host {host} could not be found.")
        if host != HOST:
            raise absent
        aggregate = self.show(number)
        if host in aggregate.hosts:
            raise ApiError(409, f"Aggregate {number} already has host {host}.")
        self._publish("add_host.start", aggregate)
        aggregate.hosts.append(host)
        if not self._serves_nodes():
            raise absent
        self._publish("add_host.end", aggregate)
        return aggregate

    def take_out(self, number: int, host: str) -> Aggregate:
        """Take a host out of an aggregate."""
        aggregate = self.show(number)
        if host not in aggregate.hosts or not self._serves_nodes():
            raise ApiError(404, f"Cannot remove host {host} in aggregate {number}")
        self._publish("remove_host.start", aggregate)
        aggregate.hosts.remove(host)
        self._publish("remove_host.end", aggregate)
        return aggregate

    def _serves_nodes(self) -> bool:
        return self._nova is not None and bool(self._nova.providers)

    def _is_occupied(self) -> bool:
        return self._nova is not None and bool(self._nova.servers)

    def _check_move(self, aggregate: Aggregate, zone: str | None, doing: str) -> None:
        if not zone:
            words = f"Aggregate {aggregate.name} does not support empty named availability zone."
            raise ApiError(400, f"{doing} {words}")
        _check_zone(zone)
        if aggregate.hosts and self._is_occupied() and aggregate.metadata.get(_ZONE) != zone:
            raise ApiError(400, f"{doing} One or more hosts contain instances in this zone.")

    def _set(
        self, aggregate: Aggregate, metadata: Mapping[str, str | None], action: str
    ) -> Aggregate:
        self._publish(f"{action}.start", aggregate)
        for key, value in metadata.items():
            aggregate.metadata.pop(key, None)
            if value is not None:
                aggregate.metadata[key] = value
        self._publish(f"{action}.end", aggregate)
        return aggregate

    def _publish(self, action: str, aggregate: Aggregate) -> None:
        is_new = action == "create.start"
        data: dict[str, Any] = {
            "id": None if is_new else aggregate.number,
            "uuid": aggregate.uuid,
            "name": aggregate.name,
            "hosts": None if is_new else list(aggregate.hosts),
            "metadata": dict(aggregate.metadata),
        }
        payload = nova_object("AggregatePayload", data)
        self._bus.publish("nova-api:nova", f"aggregate.{action}", payload)


def _check_zone(zone: str) -> None:
    if ":" in zone or not zone.isprintable():
        words = f"Value: {zone}. '{zone}' is not valid under any of the given schemas"
        raise ApiError(400, f"Invalid input for field/attribute availability_zone. {words}")
