# SPDX-License-Identifier: Apache-2.0
"""What happened in a run, line by line; two runs of one seed have equal lines."""

import hashlib

from ephyrad.testing.clock import VirtualClock


class Trace:
    """Lines with the time of the virtual clock."""

    def __init__(self, clock: VirtualClock) -> None:
        self.lines: list[str] = []
        self._clock = clock

    def add(self, words: str) -> None:
        self.lines.append(f"{self._clock.monotonic():12.3f} {words}")

    def digest(self) -> str:
        """Return a fingerprint of the run."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()

    def about(self, node: str | None, last: int = 80) -> str:
        """Return the last lines, those of one node where it is given."""
        chosen = [line for line in self.lines if node is None or node[:8] in line]
        return "\n".join(chosen[-last:])
