# SPDX-License-Identifier: Apache-2.0
"""One run of a gate: what is to be tried, and on what."""

from collections.abc import Mapping
from dataclasses import dataclass

from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import CloudName
from ephyrad.rollout.declaration import Gate


@dataclass(frozen=True, slots=True)
class GateRun:
    """A gate's run after a wave. `nodes`: UUIDs of those of the wave that arrived.

    `id` is its own alone, and durable: by it, what a run left behind is told from what another
    does. The same gate of the same wave that runs again has another one.
    """

    id: str
    gate: Gate
    nodes: tuple[str, ...]
    rollout: str
    wave: str
    direction: Direction = Direction.FORWARD

    @property
    def cloud(self) -> CloudName:
        """The cloud that the nodes entered."""
        return CloudName.NEW if self.direction is Direction.FORWARD else CloudName.OLD

    @property
    def environment(self) -> Mapping[str, str]:
        """What a command is told; the nodes are UUIDs with a space between."""
        return {
            "EPHYRA_ROLLOUT": self.rollout,
            "EPHYRA_WAVE": self.wave,
            "EPHYRA_NODES": " ".join(self.nodes),
            "EPHYRA_DIRECTION": str(self.direction),
        }
