# SPDX-License-Identifier: Apache-2.0
"""An inbox in memory, in the journal's place."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from ephyrad.migration.facts import Notification, Poison


class Inbox:
    """Keeps what it is given, or refuses it while it is told to."""

    def __init__(self) -> None:
        self.kept: list[Notification] = []
        self.poison: list[Poison] = []
        self.came: list[datetime] = []
        self.batches: list[int] = []
        self.tries = 0
        self.works = threading.Event()
        self.works.set()

    def __call__(
        self, notifications: Sequence[Notification], poison: Sequence[Poison] = ()
    ) -> None:
        self.tries += 1
        if not self.works.is_set():
            raise OSError("the disk is full")
        now = datetime.now(UTC)
        self.kept += notifications
        self.came += [now] * len(notifications)
        self.poison += poison
        self.batches.append(len(notifications))

    @property
    def kinds(self) -> list[str]:
        """The kinds of poison that came, each as often as it was counted."""
        return [one.kind for one in self.poison for _ in range(one.count)]

    @property
    def names(self) -> list[str]:
        """The nodes' names in the order they came, which the publisher counts up."""
        return [str(one.fields["name"]) for one in self.kept]
