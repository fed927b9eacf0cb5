# SPDX-License-Identifier: Apache-2.0
"""A fake of what can be seen of the whole fleet: as much as it was told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.fleet_answers import BurnUpAnswer, FleetAnswer, MarkAnswer

BEGUN = datetime(2026, 1, 2, 3, 4, 0, tzinfo=UTC)


@dataclass
class FakeFleet:
    """`found` are the marks that it shows, whatever they are grouped by."""

    found: list[MarkAnswer] = field(default_factory=list)
    keys: tuple[str, ...] = ("resource_class", "extra.rack")
    read_at: datetime | None = BEGUN
    trouble: str | None = None
    newest: str | None = None
    course: BurnUpAnswer | None = None
    asked_by: list[str | None] = field(default_factory=list)

    def marks(self, by: str | None) -> FleetAnswer:
        self.asked_by.append(by)
        if by == "nonsense":
            raise OperationError(Complaint.INVALID, "nodes cannot be grouped by 'nonsense'")
        key = by or self.keys[0]
        return FleetAnswer(key, self.keys, tuple(self.found), self.read_at, self.trouble)

    def rollout(self) -> str | None:
        return self.newest

    def burn_up(self, rollout: str) -> BurnUpAnswer:
        return self.course or BurnUpAnswer(
            rollout,
            BEGUN,
            nodes=4,
            arrived=(BEGUN + timedelta(minutes=30),),
            planned=(BEGUN + timedelta(minutes=20), BEGUN + timedelta(minutes=40)),
        )
