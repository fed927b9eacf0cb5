# SPDX-License-Identifier: Apache-2.0
"""Looking at one item in both clouds, as the decision on it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ephyrad.clouds.environment.port import Collection, EnvironmentCloud
from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.environment.people import People
from ephyrad.environment import images
from ephyrad.environment.decide import Seen
from ephyrad.environment.item import Item, ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.record import Record
from ephyrad.environment.translate import Wanted, translate
from ephyrad.migration.facts import CloudName


class KindMissingError(CloudReadError):
    """A cloud has nothing of a kind: its release or its catalogue lacks it."""

    def __init__(self, cloud: CloudName, kind: Kind) -> None:
        super().__init__(
            f"the {cloud} cloud has no {kind}s: its release or its catalogue lacks them"
        )


@dataclass(frozen=True, slots=True)
class Environments:
    """The environments of the two control planes."""

    old: EnvironmentCloud
    new: EnvironmentCloud

    def of(self, name: CloudName, kind: Kind) -> Collection:
        """Return a cloud's items of one kind.

        :raises KindMissingError: that cloud has none of this kind.
        """
        cloud = self.old if name is CloudName.OLD else self.new
        found = cloud.collections.get(kind)
        if found is None:
            raise KindMissingError(name, kind)
        return found


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of an item, and what people call it."""

    seen: Seen
    name: str


@dataclass(frozen=True, slots=True)
class ItemLookout:
    """Where items are looked at from."""

    environments: Environments
    people: People
    clock: Callable[[], datetime]

    def look(self, record: Record) -> Look:
        """Return what both clouds show of an item now; `at` is before the first of it was read.

        :raises CloudReadError: a cloud could not be read.
        """
        at, item = self.clock(), record.item
        old = self.environments.of(CloudName.OLD, item.kind)
        new = self.environments.of(CloudName.NEW, item.kind)
        there = old.item(item.key)
        if there is None:
            found = new.item(record.new_key or item.key)
            if found is not None and (doubt := old.doubt()):
                raise CloudReadError(doubt)
            name = found.name if found else record.name or item.key
            return Look(Seen(at, None, found), name)
        wanted = translate(there, self.people.names)
        if not isinstance(wanted, Wanted):
            return Look(Seen(at, wanted, None), there.name)
        found = new.item(wanted.item.key)
        lacking = self._lacking(wanted.item, new) if found is None else ()
        return Look(Seen(at, wanted, found, lacking), there.name)

    def _lacking(self, wanted: Item, new: Collection) -> tuple[ItemId, ...]:
        needed = images.needed_by(wanted)
        return tuple(each for each in needed if not usable(new.item(each.key)))


def usable(found: Item | None) -> bool:
    """Return whether what an image needs is there, with its bytes."""
    return found is not None and not (images.lacks_bytes(found) or images.is_filled_now(found))
