# SPDX-License-Identifier: Apache-2.0
"""Slots: how many nodes are worked on at once. They count intents, not what a cloud shows."""

import threading
from collections.abc import Callable, Collection, Iterable

from ephyrad.migration.migration import Migration

Admission = Callable[[str, Collection[str]], str | None]
"""Says why a node has to wait beside those that occupy a slot, in words; None: it has not."""

_ALL_TAKEN = "all slots are taken (max_in_flight)"


class Slots:
    """The nodes that occupy a slot. `limit` is asked each time, so that it may change."""

    def __init__(
        self,
        limit: Callable[[], int],
        migrations: Iterable[Migration],
        admission: Admission = lambda _node, _taken: None,
    ) -> None:
        self._limit = limit
        self._admission = admission
        self._lock = threading.Lock()
        self._taken = {migration.node for migration in migrations if migration.in_flight}

    @property
    def taken(self) -> int:
        """How many slots are occupied."""
        with self._lock:
            return len(self._taken)

    def claim(self, node: str) -> bool:
        """Occupy a slot for the node, or return False where it has to wait."""
        with self._lock:
            if self._refusal(node) is not None:
                return False
            self._taken.add(node)
            return True

    def refusal(self, node: str) -> str | None:
        """Return why the node would have to wait for a slot now, in words; None: it would not."""
        with self._lock:
            return self._refusal(node)

    def settle(self, migration: Migration) -> bool:
        """Give the slot back if the migration needs it no more; return whether it did."""
        with self._lock:
            if migration.in_flight or migration.node not in self._taken:
                return False
            self._taken.remove(migration.node)
            return True

    def _refusal(self, node: str) -> str | None:
        if node in self._taken:
            return None
        if len(self._taken) >= self._limit():
            return _ALL_TAKEN
        return self._admission(node, self._taken)
