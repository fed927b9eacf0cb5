# SPDX-License-Identifier: Apache-2.0
"""How each node of a cloud stood a moment ago, for a read that is answered by a stale replica."""

from collections import defaultdict, deque

from ephyrad.clouds.decode import node_facts
from ephyrad.migration.facts import NodeFacts
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.ironic import Ironic
from ephyrad.testing.refusals import ApiError

_LONGEST = 60.0


class Past:
    """Remembers how the nodes of an Ironic stood in the last minute."""

    def __init__(self, ironic: Ironic, clock: VirtualClock) -> None:
        self._ironic = ironic
        self._clock = clock
        self._stood: dict[str, deque[tuple[float, NodeFacts | None]]] = defaultdict(
            lambda: deque([(0.0, None)])
        )
        ironic.conductor.changed.append(self._changed)

    def of(self, uuid: str, when: float) -> NodeFacts | None:
        """Return how the node stood then, None where there was none."""
        stood = self._stood[uuid]
        for at, facts in reversed(stood):
            if at <= when:
                return facts
        return stood[0][1]

    def _changed(self, uuid: str) -> None:
        try:
            facts = node_facts(self._ironic.show(uuid))
        except ApiError:
            facts = None
        stood, now = self._stood[uuid], self._clock.monotonic()
        stood.append((now, facts))
        while len(stood) > 1 and stood[1][0] < now - _LONGEST:
            stood.popleft()
