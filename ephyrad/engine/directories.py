# SPDX-License-Identifier: Apache-2.0
"""What both clouds have of the things that nodes name, listed once for many nodes."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ephyrad.clouds.port import Cloud
from ephyrad.engine.perform import Clouds
from ephyrad.migration import mirror
from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import CloudName
from ephyrad.migration.flavors import Flavors
from ephyrad.migration.identity import Account, Directory
from ephyrad.migration.mapping import Kind
from ephyrad.migration.references import Directories

_KEPT = timedelta(seconds=30)
"""For how long a list is believed: it tells before anything is changed, and never instead of it."""

Key = tuple[CloudName, Kind]
T = TypeVar("T")


class Lists:
    """The lists of both clouds. While one is read, whoever needs the same waits for it."""

    def __init__(self, clouds: Clouds, clock: Callable[[], datetime]) -> None:
        self._clouds = clouds
        self._clock = clock
        self._lists: dict[Key, _Kept[Directory]] = {}
        self._flavors = {
            CloudName.OLD: _Kept(clouds.old.flavor_facts),
            CloudName.NEW: _Kept(clouds.new.flavor_facts),
        }
        self._lock = threading.Lock()

    def of(self, wanted: Iterable[Key], direction: Direction = Direction.FORWARD) -> Directories:
        """Return these lists, of clouds by their roles in a journey.

        :raises CloudReadError: one could not be read.
        """
        return {
            (name, kind): self._list((mirror.cloud(name, direction), kind)).read(self._clock)
            for name, kind in sorted(wanted)
        }

    def flavors(self) -> Mapping[CloudName, Flavors]:
        """Return what the flavors of both clouds demand.

        :raises CloudReadError: they could not be read.
        """
        return {name: kept.read(self._clock) for name, kept in self._flavors.items()}

    def _list(self, key: Key) -> "_Kept[Directory]":
        name, kind = key
        cloud = self._clouds.old if name is CloudName.OLD else self._clouds.new
        with self._lock:
            return self._lists.setdefault(key, _Kept(lambda: _directory(cloud, kind)))


class _Kept(Generic[T]):
    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._kept: tuple[datetime, T] | None = None
        self._lock = threading.Lock()

    def read(self, clock: Callable[[], datetime]) -> T:
        with self._lock:
            at = clock()
            # One of the future is of before the clock was set back.
            if self._kept is None or not timedelta() <= at - self._kept[0] < _KEPT:
                self._kept = at, self._ask()
            return self._kept[1]


def _directory(cloud: Cloud, kind: Kind) -> Directory:
    return Directory(kind.value, _listed(cloud, kind))


def _listed(cloud: Cloud, kind: Kind) -> Sequence[Account]:
    match kind:
        case Kind.PROJECT:
            return cloud.projects()
        case Kind.NETWORK:
            return cloud.networks()
        case Kind.IMAGE:
            return cloud.image_names()
        case _:
            msg = f"a cloud gives no list of a {kind}"
            raise ValueError(msg)
