# SPDX-License-Identifier: Apache-2.0
"""A fake of the environment's half of the engine: items, and what is to be done with them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.environment_answers import (
    DifferenceAnswer,
    EnvironmentAnswer,
    ItemAnswer,
    KindAnswer,
    ProblemAnswer,
    SyncAnswer,
    TransferAnswer,
)
from ephyrad.environment.kinds import Kind

THEN = datetime(2026, 1, 2, 3, 4, 0, tzinfo=UTC)
DEBIAN = ItemAnswer("image", "1f", "debian", "create", "create it in the new cloud")
GOLD = ItemAnswer("flavor", "7", "bm.gold", "in-step", "it is equal in both clouds")
LAPTOP = ItemAnswer(
    "keypair",
    "u1/laptop",
    "laptop",
    "problem",
    "the new cloud has no user ann: create it there",
    "unknown-owner",
)


class FakeEnvironment:
    """Has items, and says of them what was asked for."""

    def __init__(self, *items: ItemAnswer) -> None:
        self.items = items or (GOLD, DEBIAN, LAPTOP)
        self.asked: list[tuple[str, str]] = []
        self.unreadable = False
        self.compared = True

    def environment_status(self) -> EnvironmentAnswer:
        problems = [each for each in self.items if each.todo == "problem"]
        return EnvironmentAnswer(
            kinds=tuple(self._kind(kind) for kind in Kind),
            problems=tuple(
                ProblemAnswer(each.kind, each.cause or "", each.why, (each.name,))
                for each in problems
            ),
            transfers=tuple(
                TransferAnswer(key, key, 512 * 2**20, 2**30, THEN - timedelta(seconds=10))
                for kind, key in self.asked
                if kind == "image"
            ),
        )

    def environment_plan(self, kinds: Sequence[str], names: Sequence[str]) -> Sequence[ItemAnswer]:
        if self.unreadable:
            raise OperationError(Complaint.UNAVAILABLE, "the old cloud: Glance: HTTP 503")
        found = [
            each
            for each in self.items
            if (not kinds or each.kind in kinds) and (not names or {each.name, each.key} & {*names})
        ]
        if names and not found:
            raise OperationError(Complaint.NOT_FOUND, f"neither cloud has {', '.join(names)}")
        return found

    def environment_sync(
        self, kinds: Sequence[str], names: Sequence[str], *, by: str
    ) -> SyncAnswer:
        found = self.environment_plan(kinds, names)
        asked = tuple(each for each in found if each.todo == "create")
        self.asked += [(each.kind, each.key) for each in asked]
        return SyncAnswer(
            asked=tuple(replace(each, why=f"{each.why}, says {by}") for each in asked),
            in_step=sum(each.todo == "in-step" for each in found),
            problems=tuple(each for each in found if each.todo == "problem"),
        )

    def environment_diff(
        self, kinds: Sequence[str], names: Sequence[str]
    ) -> Sequence[DifferenceAnswer]:
        return [
            DifferenceAnswer(each.kind, each.key, each.name, "", {"tags": []}, None)
            for each in self.environment_plan(kinds, names)
            if each.todo == "create"
        ]

    def _kind(self, kind: Kind) -> KindAnswer:
        mine = [each for each in self.items if each.kind == kind]
        if kind is Kind.RUNBOOK:
            error = "the old cloud's release has none"
            return KindAnswer(kind.value, False, None, None, None, None, error)
        if not self.compared:
            return KindAnswer(kind.value, False, None, None, None, None, None)
        return KindAnswer(
            kind=kind.value,
            kept=kind is Kind.IMAGE,
            in_step=sum(each.todo == "in-step" for each in mine),
            to_do=sum(each.todo == "create" for each in mine),
            problems=sum(each.todo == "problem" for each in mine),
            compared_at=THEN,
            error=None,
        )
