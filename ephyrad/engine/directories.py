# SPDX-License-Identifier: Apache-2.0
"""What both clouds have of the things that nodes name, listed once for many nodes."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from ephyrad.clouds.port import Cloud
from ephyrad.engine.perform import Clouds
from ephyrad.migration.facts import CloudName
from ephyrad.migration.identity import Account, Directory
from ephyrad.migration.mapping import Kind
from ephyrad.migration.references import Directories

_KEPT = timedelta(seconds=30)
"""For how long a list is believed: it tells before anything is changed, and never instead of it."""

Key = tuple[CloudName, Kind]


class Lists:
    """The lists of both clouds. While one is read, whoever needs the same waits for it."""

    def __init__(self, clouds: Clouds, clock: Callable[[], datetime]) -> None:
        self._clouds = clouds
        self._clock = clock
        self._lists: dict[Key, _List] = {}
        self._lock = threading.Lock()

    def of(self, wanted: Iterable[Key]) -> Directories:
        """Return these lists.

        :raises CloudReadError: one could not be read.
        """
        return {key: self._list(key).read(self._clock) for key in sorted(wanted)}

    def _list(self, key: Key) -> "_List":
        name, kind = key
        cloud = self._clouds.old if name is CloudName.OLD else self._clouds.new
        with self._lock:
            return self._lists.setdefault(key, _List(cloud, kind))


class _List:
    def __init__(self, cloud: Cloud, kind: Kind) -> None:
        self._cloud = cloud
        self._kind = kind
        self._kept: tuple[datetime, Directory] | None = None
        self._lock = threading.Lock()

    def read(self, clock: Callable[[], datetime]) -> Directory:
        with self._lock:
            at = clock()
            # One of the future is of before the clock was set back.
            if self._kept is None or not timedelta() <= at - self._kept[0] < _KEPT:
                self._kept = at, Directory(self._kind.value, _listed(self._cloud, self._kind))
            return self._kept[1]


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
