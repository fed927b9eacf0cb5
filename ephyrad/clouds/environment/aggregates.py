# SPDX-License-Identifier: Apache-2.0
"""The host aggregates of a cloud: metadata, and the availability zones that they make.

What stands in an aggregate are hosts: compute services, each with all the nodes that it serves
(nova/compute/api.py, AggregateAPI, of 27.1 and 34.0). Nodes are in none by themselves, but by
the compute service that serves them. The services of the new cloud are others, whatever they are
called, and their operator puts them into aggregates: so hosts are said, and not carried.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ephyrad.clouds.environment import mark
from ephyrad.clouds.environment.reading import taking_apart
from ephyrad.clouds.environment.steps import completed_or_undone
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Service
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Outcome, Refused, Unknown, Unreachable

_PATH = "/os-aggregates"
_ZONE = "availability_zone"
_HOSTS = "they are compute services of this cloud; add those of the new cloud to it there"
_GONE = Unknown("Nova does not show the aggregate any more")


class Aggregates:
    """All host aggregates of one cloud, known by name. Any number of threads may call it."""

    def __init__(self, nova: Service) -> None:
        self._nova = nova

    @property
    def kind(self) -> Kind:
        """Host aggregates."""
        return Kind.AGGREGATE

    def items(self) -> Sequence[Item]:
        """Return every aggregate, by one call: Nova's list has no pages."""
        with taking_apart(self._nova, _PATH):
            return [_item(raw) for raw in self._all()]

    def item(self, key: str) -> Item | None:
        """Return the aggregate of a name."""
        return next((item for item in self.items() if item.key == key), None)

    def doubt(self) -> None:
        """Return None: who is no administrator is refused (403, observed)."""

    def create(self, item: Item) -> Outcome:
        """Make the aggregate without hosts, then give it its metadata.

        Where Nova refuses that, no aggregate stays.
        """
        body = {"name": item.name}
        if _ZONE in item.fields:
            body[_ZONE] = item.fields[_ZONE]
        made = self._nova.change("POST", _PATH, {"aggregate": body})
        if not isinstance(made, Done):
            return made
        return self._on(item.key, partial(self._finish, item), _GONE)

    def amend(self, item: Item, found: Item) -> Outcome:
        """Change the availability zone and the metadata.

        Nova changes no zone of hosts that have instances, and takes no zone away (observed).
        """
        if _ZONE in found.fields and _ZONE not in item.fields:
            return Refused(
                0,
                f"Nova cannot take its availability zone {found.fields[_ZONE]} from aggregate"
                f" {item.name}: take its hosts out and delete it in the new cloud, and it is made"
                " anew when it is asked for",
            )
        return self._on(item.key, partial(self._change, item, found), _GONE)

    def delete(self, key: str) -> Outcome:
        """Delete an aggregate, which Nova refuses while a host stands in it."""
        return self._on(key, self._delete, Done())

    def _finish(self, item: Item, number: int) -> Outcome:
        outcome = self._describe(number, item, {})
        return completed_or_undone(outcome, partial(self._delete, number))

    def _change(self, item: Item, found: Item, number: int) -> Outcome:
        zone = item.fields.get(_ZONE)
        if zone != found.fields.get(_ZONE):
            body = {"aggregate": {_ZONE: zone}}
            moved = self._nova.change("PUT", f"{_PATH}/{number}", body)
            if not isinstance(moved, Done):
                return moved
        return self._describe(number, item, found.fields.get("metadata", {}))

    def _delete(self, number: int) -> Outcome:
        ident = f"Aggregate {number} could not be found"
        return self._nova.delete(ident, f"{_PATH}/{number}", mute=True)

    def _describe(self, number: int, item: Item, found: Mapping[str, Any]) -> Outcome:
        """Set the metadata and the mark in one call; what is null is taken away."""
        wanted = item.fields.get("metadata", {})
        gone = dict.fromkeys(found.keys() - wanted.keys())
        body = {"set_metadata": {"metadata": {**gone, **wanted, mark.KEY: mark.of(item)}}}
        return self._nova.change("POST", f"{_PATH}/{number}/action", body, plain=True)

    def _on(self, name: str, act: Callable[[int], Outcome], absent: Outcome) -> Outcome:
        """Do something with the aggregate of this name, by the number that Nova has for it."""
        try:
            with taking_apart(self._nova, _PATH):
                numbers = [int(raw["id"]) for raw in self._all() if raw["name"] == name]
        except CloudReadError as error:
            return Unreachable(str(error))
        return act(numbers[0]) if numbers else absent

    def _all(self) -> Sequence[Mapping[str, Any]]:
        listed: Sequence[Mapping[str, Any]] = self._nova.get(_PATH)["aggregates"]
        return listed


def _item(raw: Mapping[str, Any]) -> Item:
    metadata, marked = mark.taken_off(raw["metadata"], raw["name"])
    # Nova keeps the zone among the metadata as well.
    zone = metadata.pop(_ZONE, None)
    fields = {_ZONE: zone, "metadata": metadata}
    fields = {name: value for name, value in fields.items() if value}
    hosts = ", ".join(sorted(raw["hosts"]))
    left_behind = (f"its hosts {hosts}: {_HOSTS}",) if hosts else ()
    return Item(Kind.AGGREGATE, raw["name"], raw["name"], fields, marked, left_behind=left_behind)
