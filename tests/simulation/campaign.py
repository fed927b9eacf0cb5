# SPDX-License-Identifier: Apache-2.0
"""The auditor of rollouts: objects where what an operator declared of one is not kept.

It shares no code with `ephyrad.rollout`: it reads declarations as the journal's JSON has them, and
counts from the journal's entries and from what the old cloud truly is.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from tests.simulation.auditor import Auditor
from tests.simulation.boundary import BoundedCloud
from tests.simulation.ledger import Ledger
from tests.simulation.offered import Offered

LOOKED = 90.0
"""Seconds before which a node's beginning may not rest on what the clouds were seen to be.

A look at both clouds that is 30 s old, and a turn whose own look at the node is 60 s old.
"""


@dataclass
class Told:
    """What the journal told of one rollout. `waves` has each wave's rule and members."""

    name: str
    declared: Mapping[str, Any]
    selected: int
    heeded: datetime
    status: str = "running"
    waves: list[tuple[str, list[str]]] = field(default_factory=list)
    values: dict[str, Mapping[str, str]] = field(default_factory=dict)
    runs: dict[str, tuple[int, str]] = field(default_factory=dict)
    passed: set[tuple[int, str]] = field(default_factory=set)
    starts: list[datetime] = field(default_factory=list)


class Campaign:
    """Is told each entry of both journals in the instant in which it becomes durable."""

    def __init__(
        self,
        clouds: tuple[BoundedCloud, BoundedCloud],
        auditor: Auditor,
        now: Callable[[], datetime],
    ) -> None:
        self.rollouts: dict[str, Told] = {}
        self.checks = Counter[str]()
        self._old, self._new = clouds
        self._auditor = auditor
        self._now = now
        self._offered = Offered(self._old, LOOKED)
        self._class = {
            uuid: str(node.body["resource_class"]) for uuid, node in self._old.ironic.nodes.items()
        }
        self._busy: set[str] = set()
        self._asked: dict[str, str] = {}
        self._withdrawn: set[str] = set()
        self._held: dict[str, tuple[datetime, str]] = {}
        self._arrived: dict[str, datetime] = {}

    @property
    def active(self) -> Told | None:
        """The rollout that is not over."""
        return next((each for each in self.rollouts.values() if each.status != "over"), None)

    @property
    def all_asked(self) -> bool:
        """Whether every node was asked for that the old cloud has still."""
        return not self._class.keys() & self._old.ironic.nodes.keys() - self._asked.keys()

    # What is heard

    def rollout_written(self, at: datetime, kind: str, body: Mapping[str, Any]) -> None:
        """Hear of an entry of a rollout's journal."""
        name = body["rollout"]
        if kind == "started":
            self.rollouts[name] = Told(name, body["declared"], body["selected"], at)
            return
        told = self.rollouts[name]
        match kind:
            case "applied":
                told.declared = body["declared"]
            case "opened":
                self._opened(told, body)
            case "gate-begun":
                told.runs[body["run"]] = body["wave"], body["gate"]
            case "gate-ended" if body["result"] == "pass":
                told.passed.add(told.runs[body["run"]])
            case "approved":
                told.passed |= {(body["wave"], gate) for gate in told.declared["gates"]}
            case "paused":
                told.status = "paused"
            case "resumed":
                told.status, told.heeded = "running", at
            case "stopped":
                told.status = "stopping"
            case "ended":
                told.status = "over"
            case _:
                pass

    def written(self, node: str, kind: str, body: Mapping[str, Any]) -> None:
        """Hear of an entry of a node's, after the auditor did."""
        ledger = self._auditor.ledger(node)
        begins = ledger.state == "active" and not ledger.aborting
        match kind:
            case "asked":
                self._begin(node, body["by"])
            case "intent" if body["effect"]["name"] == "WithdrawNode":
                self._withdrawn.add(node)
                self._keeps_floor(node)
            case "hold":
                self._held[node] = body["at"], body["cause"]
            case "lifted" | "aborting":
                self._held.pop(node, None)
            case "transition":
                begins = body["source"] == "active" and not ledger.aborting
                if body["dest"] == "compute-ready":
                    self._arrived[node] = body["at"]
                    self._withdrawn.discard(node)
            case "restored":
                self._withdrawn.discard(node)
                self._held.pop(node, None)
            case _:
                pass
        self._follow(node, ledger, begins)

    def _follow(self, node: str, ledger: Ledger, begins: bool) -> None:
        busy = ledger.working and not ledger.held
        if busy and node not in self._busy:
            self._busy.add(node)
            self._enters(node, begins)
        elif not busy:
            self._busy.discard(node)

    # What must be so

    def _begin(self, node: str, by: str) -> None:
        """A rollout asks for a node."""
        self._asked[node] = by
        self._held.pop(node, None)
        self._arrived.pop(node, None)
        self._withdrawn.discard(node)
        told = next((each for each in self.rollouts.values() if by == f"rollout {each.name}"), None)
        if told is None:
            return
        self._may_begin(told, node)
        last = told.waves[-1][1] if told.waves else []
        self._expect(node in last, "waves", node, "asked for, and not of the wave that is open")
        self._keeps_rate(told, node)
        self._keeps_budget(told, node)

    def _enters(self, node: str, begins: bool) -> None:
        """A node begins to occupy a slot; `begins`: for the first time."""
        told = self.active
        if told is None or node not in told.values:
            by = self._asked.get(node, "")
            stopped = begins and by.startswith("rollout ") and by[8:] in self.rollouts
            self._expect(not stopped, "pause", node, "begun, and its rollout is over")
            return
        if begins:
            self._may_begin(told, node)
        limits = told.declared["limits"]
        mine = [each for each in self._busy if each in told.values]
        most = limits["in_flight"]
        self._expect(
            most is None or len(mine) <= most, "limits", node, f"{len(mine)} of {most} in flight"
        )
        for key, most in limits["by_value"].items():
            value = told.values[node].get(key, "")
            alike = sum(told.values[each].get(key, "") == value for each in mine)
            words = f"{alike} of {most} of {key} {value} in flight"
            self._expect(alike <= most, "limits", node, words)

    def _may_begin(self, told: Told, node: str) -> None:
        running = told.status == "running"
        self._expect(running, "pause", node, f"begun, and {told.name} is {told.status}")
        windows, at = told.declared["windows"], self._now()
        is_open = not windows or any(_is_open(each, at) for each in windows)
        self._expect(is_open, "window", node, f"begun at {at:%a %T}, outside of every window")

    def _keeps_rate(self, told: Told, node: str) -> None:
        at = self._now()
        told.starts.append(at)
        rate = told.declared["limits"]["starts"]
        if rate is not None:
            span = timedelta(seconds=rate["span"])
            recent = sum(at - span < each <= at for each in told.starts)
            words = f"{recent} were begun with within {span}, and {rate['count']} may be"
            self._expect(recent <= rate["count"], "rate", node, words)

    def _keeps_budget(self, told: Told, node: str) -> None:
        budget = told.declared["budget"]
        failed = {
            each: at
            for each, (at, cause) in self._held.items()
            if each in told.values and cause != "operator" and at > told.heeded
        }
        if budget["held"] is not None:
            most = max(_amount(budget["held"], told.selected), 1)
            words = f"begun with, and {len(failed)} are held of at most {most}"
            self._expect(len(failed) < most, "budget", node, words)
        if budget["in_a_row"] is not None:
            ends = {each: at for each, at in self._arrived.items() if each in told.values} | failed
            row = 0
            for each in sorted(ends, key=lambda each: (ends[each], each), reverse=True):
                if each not in failed:
                    break
                row += 1
            words = f"begun with, and the last {row} were held"
            self._expect(row < budget["in_a_row"], "budget", node, words)

    def _keeps_floor(self, node: str) -> None:
        """No node is taken where too few are left, as things were at some time of the look."""
        told = self.active
        if told is None or node not in told.values:
            return
        of = self._class[node]
        total = sum(
            str(each.body["resource_class"]) == of
            for uuid, each in {**self._old.ironic.nodes, **self._new.ironic.nodes}.items()
        )
        floors = (
            _amount(each["amount"], total)
            for each in told.declared["floors"]
            if each["cloud"] == "old" and fnmatchcase(of, each["resource_class"])
        )
        least = max(floors, default=0)
        if least:
            alike = {uuid for uuid, each in self._class.items() if each == of}
            ways = list(self._offered.left_without(self._withdrawn, alike))
            kept = any(left >= least or not used for left, used in ways)
            self._expect(kept, "floor", node, f"withdrawn, {ways[0][0]} are left of {least}")

    def _opened(self, told: Told, body: Mapping[str, Any]) -> None:
        """The wave before is over and its gates have passed."""
        number = len(told.waves)
        if told.waves:
            rule, nodes = told.waves[-1]
            found = next((each for each in told.declared["waves"] if each["name"] == rule), None)
            for gate in found["gates"] if found else ():
                passed = (number, gate) in told.passed
                self._expect(
                    passed, "waves", "-", f"wave {number + 1} opened, {gate} has not passed"
                )
            self._over(number, nodes, waits=bool(found and found["waits_for_owners"]))
        told.waves.append((body["rule"], [row[0] for row in body["members"]]))
        told.values |= {row[0]: row[2] for row in body["members"]}
        self._expect(body["wave"] == len(told.waves), "waves", "-", f"{body['wave']} is no next")

    def _over(self, wave: int, nodes: Iterable[str], *, waits: bool) -> None:
        waiting, arrived = [], False
        for node in nodes:
            ledger = self._auditor.ledger(node)
            arrived = arrived or ledger.state == "compute-ready"
            if ledger.state == "compute-ready" or ledger.held or ledger.restored:
                continue
            if node not in self._asked:
                there = node in self._old.ironic.nodes
                self._expect(not there, "waves", node, f"wave {wave} left it out")
            elif ledger.state == "active" and (ledger.was_in_use or self._offered.is_used(node)):
                waiting.append(node)
            if node in self._busy:
                self._expect(False, "waves", node, f"under way, and wave {wave} is over")
        over = not waiting or (arrived and not waits)
        self._expect(over, "waves", "-", f"wave {wave} is over, and nothing of it has arrived")

    def _expect(self, right: bool, promise: str, node: str, words: str) -> None:
        self.checks[promise] += 1
        self._auditor.expect(right, promise, node, words)


def _amount(amount: Mapping[str, Any], of: int) -> int:
    percent = amount["percent"]
    return int(amount["count"]) if percent is None else math.ceil(of * percent / 100)


def _is_open(window: Mapping[str, Any], at: datetime) -> bool:
    """Whether a window of UTC is open; one that ends before it begins is of the next day."""
    clock, today, before = f"{at:%T}", at.weekday(), (at.weekday() - 1) % 7
    start, end, days = window["start"], window["end"], window["days"]
    if start < end:
        return today in days and start <= clock < end
    return (today in days and start <= clock) or (before in days and clock < end)
