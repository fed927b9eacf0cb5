# SPDX-License-Identifier: Apache-2.0
"""What runs met: faults, effects and their outcomes, holds, crashes; and the table of it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Row = tuple[str, str]
"""What was met, and in which way: an effect and its outcome, a state and the end of a turn."""

SECTIONS = ("fault", "journey", "effect", "hold", "crash", "killed", "rollout")


class Tally:
    """Counts, by section and row; tallies of many runs add up."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[Row]] = {name: Counter() for name in SECTIONS}
        self.runs = 0
        self._effects: dict[str, str] = {}
        self._directions: dict[str, str] = {}

    def add(self, section: str, what: str, how: str = "") -> None:
        """Count one."""
        self.counts[section][what, how] += 1

    def entry(self, node: str, kind: str, body: Mapping[str, Any]) -> None:
        """Count what an entry of the journal tells."""
        match kind:
            case "asked":
                self._directions[node] = body.get("direction", "forward")
                self.add("journey", self._directions[node], "asked for")
            case "transition" if body["dest"] == "compute-ready":
                self.add("journey", self._directions[node], "arrived")
            case "intent":
                self._effects[node] = body["effect"]["name"]
            case "outcome":
                self.add("effect", self._effects[node], body["outcome"]["name"])
            case "hold":
                self.add("hold", body["cause"])
            case _:
                pass

    def crash(self, boundary: str, state: str) -> None:
        """Count a crash: at which boundary, of a node in which state."""
        self.add("crash", state, boundary.partition(" ")[0])
        self.add("killed", boundary)

    def merge(self, other: "Tally") -> None:
        """Count what another run met."""
        self.runs += other.runs
        for section, counts in other.counts.items():
            self.counts[section].update(counts)

    def met(self, section: str) -> set[str]:
        """Return what was met at least once, in whatever way."""
        return {what for what, _ in self.counts[section]}

    def lines(self) -> Iterable[str]:
        """Return the table: a line for each thing, its ways beside each other."""
        yield f"what {self.runs} runs met"
        for section in SECTIONS:
            yield ""
            for what in sorted(self.met(section)):
                ways = {how: n for (each, how), n in self.counts[section].items() if each == what}
                shown = ", ".join(f"{how} {n}".strip() for how, n in sorted(ways.items()))
                yield f"  {section:8}{what:44}{shown}"
