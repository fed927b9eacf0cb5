# SPDX-License-Identifier: Apache-2.0
"""Uploads: how many images' bytes are carried at once, and how far each has come."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ephyrad.clouds.environment.port import Content
from ephyrad.clouds.port import CloudReadError
from ephyrad.environment.item import Item, ItemId


@dataclass(frozen=True, slots=True)
class Upload:
    """One image on its way: its size and what of it was carried, in bytes; None: not yet known."""

    item: ItemId
    name: str
    since: datetime
    size: int | None = None
    carried: int = 0


class Uploads:
    """The uploads under way. `limit` is asked each time, so that it may change."""

    def __init__(self, limit: Callable[[], int], clock: Callable[[], datetime]) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way: dict[ItemId, Upload] = {}
        self._carried = 0

    def under_way(self) -> Sequence[Upload]:
        """Return them, the oldest first."""
        with self._lock:
            return list(self._under_way.values())

    @property
    def carried(self) -> int:
        """How many bytes were carried since the start."""
        with self._lock:
            return self._carried

    def claim(self, item: ItemId, name: str) -> bool:
        """Begin an upload, or return False where too many are under way."""
        with self._lock:
            if item not in self._under_way and len(self._under_way) >= self._limit():
                return False
            self._under_way[item] = Upload(item, name, self._clock())
            return True

    def end(self, item: ItemId) -> None:
        """End an upload, whatever became of it."""
        with self._lock:
            self._under_way.pop(item, None)

    def sized(self, item: ItemId, size: int) -> None:
        """Say how many bytes there are."""
        with self._lock:
            self._under_way[item] = replace(self._under_way[item], size=size)

    def told(self, item: ItemId, carried: int) -> None:
        """Say how many bytes of it were carried so far."""
        with self._lock:
            before = self._under_way[item]
            self._carried += max(carried - before.carried, 0)
            self._under_way[item] = replace(before, carried=carried)


def until(stopping: Callable[[], bool], content: Content, item: Item) -> Content:
    """Return a content that breaks off as soon as `stopping` says so: an upload may take hours."""

    def chunks() -> Iterator[bytes]:
        for chunk in content.chunks:
            if stopping():
                raise CloudReadError(f"the bytes of {item.kind} {item.name}: ephyrad is stopped")
            yield chunk

    return Content(content.size, chunks())
