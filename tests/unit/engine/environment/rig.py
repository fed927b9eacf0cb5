# SPDX-License-Identifier: Apache-2.0
"""An environment's engine over two fake clouds and a real journal, on a virtual clock."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from ephyrad.engine.environment.engine import EnvironmentEngine, EnvironmentTuning
from ephyrad.engine.environment.look import Environments
from ephyrad.engine.perform import Clouds
from ephyrad.environment.entries import kind_of
from ephyrad.environment.item import Item, ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.journal.journal import Journal
from ephyrad.migration.facts import CloudName, Notification
from ephyrad.testing.clock import VirtualClock
from tests.fakes.cloud_environment import FakeEnvironment, hash_of
from tests.unit.journal.samples import Reversed

ALL = EnvironmentPolicy(kept=frozenset(Kind))
DATA = b"the bytes of debian 13"


def flavor(key: str = "7", **fields: Any) -> Item:
    return Item(Kind.FLAVOR, key, f"flavor-{key}", {"ram": 64, **fields})


def image(key: str = "1f", data: bytes = DATA, **fields: Any) -> Item:
    whole = {"status": "active", "hash": hash_of(data), "visibility": "public", **fields}
    return Item(Kind.IMAGE, key, f"image-{key}", whole)


def keypair(user: str, name: str = "laptop") -> Item:
    fields = {"user_id": user, "public_key": "ssh-ed25519 AAAA", "type": "ssh"}
    return Item(Kind.KEYPAIR, f"{user}/{name}", name, fields)


def template(key: str, name: str) -> Item:
    return Item(Kind.DEPLOY_TEMPLATE, key, name, {"name": name, "steps": [{"step": "erase"}]})


def id_of(item: Item) -> ItemId:
    return ItemId(item.kind, item.key)


@dataclass
class Rig:
    """The parts; the tuning may be changed."""

    directory: Path
    clock: VirtualClock
    old: FakeEnvironment
    new: FakeEnvironment
    journal: Journal
    engine: EnvironmentEngine
    tuning: EnvironmentTuning

    def tune(self, **changes: Any) -> None:
        self.tuning = replace(self.tuning, **changes)

    def allow(self, **changes: Any) -> None:
        self.tune(policy=replace(self.tuning.policy, **changes))

    def turn(self) -> bool:
        """Take the turn that is due first; False where none is."""
        return self.engine.crew.take_one(lambda ready: next(iter(ready)))

    def run(self, seconds: float = 0.0) -> None:
        """Take every turn that comes due within so many seconds of virtual time."""
        end = self.clock.monotonic() + seconds
        while True:
            while self.turn():
                pass
            pause = self.engine.crew.due_in()
            if pause is None or self.clock.monotonic() + pause > end:
                self.clock.advance(max(end - self.clock.monotonic(), 0.0))
                return
            self.clock.advance(pause)

    def carry(self, *items: Item, seconds: float = 0.0) -> None:
        """Wake items and take all turns."""
        self.engine.wake(map(id_of, items))
        self.run(seconds)

    def kinds_of_entries(self, item: Item) -> list[str]:
        return [kind_of(entry) for _, entry in self.journal.environment.history(id_of(item))]

    def tell(self, item: Item, number: int = 1) -> None:
        """Have the old cloud's bus tell of an item."""
        told = Notification(
            CloudName.OLD, f"m{number}", "x.update", self.clock.now(), None, {}, str(id_of(item))
        )
        self.engine.told(self.journal.receive([told]).items)

    def restarted(self) -> "Rig":
        """Return another ephyrad on the same clouds and the same directory."""
        self.journal.close()
        return _rig(self.directory, self.clock, self.old, self.new, self.tuning)


def rig(directory: Path, policy: EnvironmentPolicy = ALL) -> Rig:
    old, new = FakeEnvironment(CloudName.OLD), FakeEnvironment(CloudName.NEW)
    return _rig(directory, VirtualClock(), old, new, EnvironmentTuning(policy))


def _rig(
    directory: Path,
    clock: VirtualClock,
    old: FakeEnvironment,
    new: FakeEnvironment,
    tuning: EnvironmentTuning,
) -> Rig:
    journal = Journal.open(directory, Reversed(), clock.now)
    made = Rig(directory, clock, old, new, journal, cast("EnvironmentEngine", None), tuning)
    made.engine = EnvironmentEngine(
        journal.environment,
        Environments(old, new),
        Clouds(cast("Any", old), cast("Any", new)),
        tuning=lambda: made.tuning,
        workers=0,
        clock=clock.now,
        monotonic=clock.monotonic,
    )
    return made
