# SPDX-License-Identifier: Apache-2.0
"""What a cloud truly has available and in use, now and in the last moments."""

from collections import deque
from collections.abc import Collection, Iterator, Sequence

from ephyrad.testing.records import Node
from tests.simulation.boundary import BoundedCloud

_Change = tuple[float, str, bool, bool]


class Offered:
    """The nodes of a cloud by what its records are, followed change by change."""

    def __init__(self, cloud: BoundedCloud, kept: float) -> None:
        """`kept`: for how many seconds it is remembered how it was."""
        self._cloud = cloud
        self._clock = cloud.ironic.conductor.clock
        self._kept = kept
        self._available: set[str] = set()
        self._used: set[str] = set()
        self._changes: deque[_Change] = deque()
        for uuid in cloud.ironic.nodes:
            self._changed(uuid)
        self._changes.clear()
        cloud.ironic.conductor.changed.append(self._changed)

    def is_used(self, node: str) -> bool:
        """Whether an instance is on it, or was in the last moments."""
        was = any(used for _, other, _, used in self._recent() if other == node)
        return was or node in self._used

    def left_without(
        self, nodes: Collection[str], of: Collection[str]
    ) -> Iterator[tuple[int, int]]:
        """Give how many nodes of these were available without some, and how many in use.

        As it is, and as it was before each of the last changes.
        """
        left = len((self._available & set(of)) - set(nodes))
        used = len(self._used & set(of))
        yield left, used
        now = {
            uuid: (uuid in self._available, uuid in self._used) for _, uuid, *_ in self._recent()
        }
        for _, uuid, available, in_use in reversed(self._recent()):
            if uuid not in of:
                continue
            if uuid not in nodes:
                left += available - now[uuid][0]
            used += in_use - now[uuid][1]
            now[uuid] = available, in_use
            yield left, used

    def _recent(self) -> Sequence[_Change]:
        oldest = self._clock.monotonic() - self._kept
        while self._changes and self._changes[0][0] < oldest:
            self._changes.popleft()
        return list(self._changes)

    def _changed(self, uuid: str) -> None:
        node = self._cloud.ironic.nodes.get(uuid)
        before = uuid in self._available, uuid in self._used
        after = _is_available(node), _is_used(node)
        if before != after:
            self._changes.append((self._clock.monotonic(), uuid, *before))
            for nodes, member in zip((self._available, self._used), after, strict=True):
                (nodes.add if member else nodes.discard)(uuid)


def _is_available(node: Node | None) -> bool:
    if node is None or node.state != "available":
        return False
    return not any(node.body[name] for name in ("maintenance", "retired", "instance_uuid"))


def _is_used(node: Node | None) -> bool:
    return node is not None and bool(
        node.body["instance_uuid"] or node.state in ("active", "rescue")
    )
