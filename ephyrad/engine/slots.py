# SPDX-License-Identifier: Apache-2.0
"""Slots: how many nodes are worked on at once. They count intents, not what a cloud shows."""

import threading
from collections.abc import Callable, Iterable

from ephyrad.migration.migration import Migration


class Slots:
    """The nodes that occupy a slot. `limit` is asked each time, so that it may change."""

    def __init__(self, limit: Callable[[], int], migrations: Iterable[Migration]) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._taken = {migration.node for migration in migrations if migration.in_flight}

    @property
    def taken(self) -> int:
        """How many slots are occupied."""
        with self._lock:
            return len(self._taken)

    def claim(self, node: str) -> bool:
        """Occupy a slot for the node, or return False where none is free."""
        with self._lock:
            if node not in self._taken and len(self._taken) >= self._limit():
                return False
            self._taken.add(node)
            return True

    def settle(self, migration: Migration) -> bool:
        """Give the slot back if the migration needs it no more; return whether it did."""
        with self._lock:
            if migration.in_flight or migration.node not in self._taken:
                return False
            self._taken.remove(migration.node)
            return True
