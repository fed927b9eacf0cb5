# SPDX-License-Identifier: Apache-2.0
"""A fake of the rollouts' part of the engine: it keeps them in memory and carries nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.rollout_answers import (
    ChangeAnswer,
    PlanAnswer,
    PlannedAnswer,
    PointAnswer,
    RolloutAnswer,
    RolloutEntryAnswer,
)
from ephyrad.rollout import changes
from ephyrad.rollout.declaration import Declaration
from ephyrad.rollout.spelled import spelled

THEN = datetime(2026, 1, 2, 3, 4, 0, tzinfo=UTC)


class FakeRollouts:
    """Has the rollouts that were started; each has `nodes` nodes, and none was begun with."""

    def __init__(self) -> None:
        self.nodes = 7
        self._answers: dict[str, RolloutAnswer] = {}
        self._declared: dict[str, Declaration] = {}
        self._history: dict[str, list[RolloutEntryAnswer]] = {}

    def put(self, answer: RolloutAnswer) -> None:
        """Let a rollout be as it is said."""
        self._answers[answer.name] = answer

    def plan(self, declared: Declaration) -> PlanAnswer:
        in_first = PlannedAnswer("0a1b", "rack1", 1, "")
        out = PlannedAnswer("0a1c", "rack2", None, "it is protected in the old cloud")
        return PlanAnswer(
            name=declared.name,
            selected=1,
            nodes=(in_first, out),
            points=(
                PointAnswer(THEN, 1, {"baremetal": 2}, {}),
                PointAnswer(THEN, 0, {"baremetal": 1}, {"baremetal": 1}),
            ),
            end=THEN,
            arrived=1,
            left="",
            carry_seconds=1800.0,
            measured=False,
        )

    def start(self, declared: Declaration, *, by: str) -> RolloutAnswer:
        if declared.name in self._answers:
            raise OperationError(Complaint.CONFLICT, f"there is a rollout {declared.name} already")
        self._declared[declared.name] = declared
        self._answers[declared.name] = RolloutAnswer(
            name=declared.name,
            status="running",
            since=THEN,
            by=by,
            cause=None,
            reason="",
            waits_for="",
            direction=declared.direction,
            started_at=THEN,
            started_by=by,
            nodes=self.nodes,
            begun=0,
            in_flight=0,
            waiting=0,
            held=0,
            arrived=0,
            back=0,
            waves=(),
        )
        return self._told(declared.name, "started", f"started by {by}")

    def changes(self, declared: Declaration) -> Sequence[ChangeAnswer]:
        self.one(declared.name)
        before, after = spelled(self._declared[declared.name]), spelled(declared)
        return [ChangeAnswer(*each) for each in changes.between(before, after)]

    def apply(self, declared: Declaration, *, by: str) -> RolloutAnswer:
        self.one(declared.name)
        self._declared[declared.name] = declared
        return self._told(declared.name, "applied", f"changed by {by}")

    def all(self) -> Sequence[RolloutAnswer]:
        return list(reversed(self._answers.values()))

    def one(self, name: str) -> RolloutAnswer:
        if name not in self._answers:
            raise OperationError(Complaint.NOT_FOUND, f"there is no rollout {name}")
        return self._answers[name]

    def history(self, name: str) -> Sequence[RolloutEntryAnswer]:
        self.one(name)
        return self._history[name]

    def pause(self, name: str, *, reason: str, by: str) -> RolloutAnswer:
        self._become(name, "paused", by, reason, cause="operator")
        return self._told(name, "paused", f"paused by {by}: {reason}")

    def resume(self, name: str, *, by: str) -> RolloutAnswer:
        if self.one(name).status != "paused":
            raise OperationError(Complaint.CONFLICT, f"rollout {name} cannot be resumed")
        self._become(name, "running", by)
        return self._told(name, "resumed", f"resumed by {by}")

    def stop(self, name: str, *, by: str) -> RolloutAnswer:
        self._become(name, "stopping", by)
        return self._told(name, "stopped", f"stopped by {by}")

    def reverse(self, name: str, *, by: str) -> RolloutAnswer:
        self.one(name)
        return self.start(replace(self._declared[name], name=f"{name}-back"), by=by)

    def approve(self, name: str, *, by: str) -> RolloutAnswer:
        return self._told(name, "approved", f"wave 1 approved by {by}")

    def _become(
        self, name: str, status: str, by: str, reason: str = "", cause: str | None = None
    ) -> None:
        self._answers[name] = replace(
            self.one(name), status=status, by=by, reason=reason, cause=cause
        )

    def _told(self, name: str, kind: str, summary: str) -> RolloutAnswer:
        entries = self._history.setdefault(name, [])
        entries.append(RolloutEntryAnswer(len(entries) + 1, THEN, kind, summary))
        return self.one(name)
