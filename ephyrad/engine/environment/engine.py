# SPDX-License-Identifier: Apache-2.0
"""The environment's engine put together: one road for each item, and the three doors to it.

The doors are the same as for nodes: :meth:`EnvironmentEngine.told` (a notification), the sweep, and
:meth:`EnvironmentEngine.start`, which takes up what a crash left. Items have a crew of their own: a
node must not wait for an image of many gigabytes.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ephyrad.engine.crew import Crew
from ephyrad.engine.environment.comparison import Comparer
from ephyrad.engine.environment.look import Environments, ItemLookout
from ephyrad.engine.environment.people import People, Rules
from ephyrad.engine.environment.perform import Hands
from ephyrad.engine.environment.standing import Standings
from ephyrad.engine.environment.sweep import EnvironmentSweep
from ephyrad.engine.environment.turn import ItemTurns
from ephyrad.engine.environment.uploads import Uploads
from ephyrad.engine.perform import Clouds
from ephyrad.engine.told import Tell, nobody, safely
from ephyrad.environment.item import ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.journal.environment import EnvironmentJournal

_ORDER = {kind: number for number, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class EnvironmentTuning:
    """What may change while the daemon runs. `uploads`: how many images' bytes are carried at once.

    `sweep_interval` is in seconds.
    """

    policy: EnvironmentPolicy = field(default_factory=EnvironmentPolicy)
    uploads: int = 3
    sweep_interval: float = 300.0
    rules: Rules = field(default_factory=Rules)


class EnvironmentEngine:
    """Keeps items in step. `tuning` is asked each time, so that a reload takes effect at once."""

    def __init__(
        self,
        journal: EnvironmentJournal,
        environments: Environments,
        clouds: Clouds,
        *,
        tuning: Callable[[], EnvironmentTuning],
        workers: int,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        tell: Tell = nobody,
    ) -> None:
        """`clouds` say who is who. `tell` is told of effects that were written down."""
        self.journal = journal
        self.tuning = tuning
        self.clock = clock
        self.standings = Standings()
        self.uploads = Uploads(lambda: tuning().uploads, clock)
        self.people = People(clouds, lambda: tuning().rules, monotonic)
        self.lookout = ItemLookout(environments, self.people, clock)
        self.turns = ItemTurns(
            journal,
            self.lookout,
            Hands(environments, self.uploads, lambda: self.crew.stopping),
            self.standings,
            policy=lambda: tuning().policy,
            stopping=lambda: self.crew.stopping,
            # The crew is made below.
            freed=lambda: self.crew.wake_queued(),  # noqa: PLW0108
            looks=lambda item: self.crew.looks(item),  # noqa: PLW0108
            wake=lambda item: self.crew.wake(item),  # noqa: PLW0108
            tell=safely(tell),
            monotonic=monotonic,
        )
        self.crew = Crew(self.turns.take, workers, clock, monotonic, word="item")
        self.comparer = Comparer(environments, self.people, journal, clock)
        self.sweep = EnvironmentSweep(
            self.comparer,
            self.standings,
            self.crew.wake,
            policy=lambda: tuning().policy,
            interval=lambda: tuning().sweep_interval,
        )

    def take_up(self) -> None:
        """Wake every item with which something was begun or asked, or of which something waits."""
        begun = [each.item for each in self.journal.records() if each.pending or each.asked]
        told = map(ItemId.parse, self.journal.items_in_inbox())
        self.wake({*begun, *filter(self.turns.is_followed, told)})

    def start(self) -> None:
        """Take up what is not over, then keep comparing."""
        self.take_up()
        self.crew.start()
        self.sweep.start()

    def halt(self) -> None:
        """Begin nothing more. Uploads are broken off: what is half there never becomes an image."""
        self.sweep.stop()
        self.crew.halt()

    def stop(self) -> None:
        """Return when the effects that are being performed have ended and are written down."""
        self.halt()
        self.crew.stop()

    def retuned(self) -> None:
        """Heed at once what changed in the tuning: images may wait for an upload to end."""
        self.crew.wake_all_queued()

    def told(self, items: Iterable[str]) -> None:
        """Wake those items, of which notifications have come, that are followed."""
        self.wake(filter(self.turns.is_followed, map(ItemId.parse, items)))

    def wake(self, items: Iterable[ItemId]) -> None:
        """Have the items' turns taken, in the order in which kinds are carried."""
        for item in sorted(items, key=lambda each: (_ORDER[each.kind], each.key)):
            self.crew.wake(str(item))

    def alive(self) -> bool:
        """Return whether turns are still taken."""
        return self.crew.alive()
