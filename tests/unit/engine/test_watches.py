# SPDX-License-Identifier: Apache-2.0
"""What is looked at while a node waits for Nova and placement alone."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from ephyrad.engine.turn import Waiting
from ephyrad.migration.facts import CloudName, Notification
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.nova import Nova, Provider
from ephyrad.testing.troubles import Unreadable
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

PROVIDER = "the old Nova to remove its resource provider"
OFFER = "the new placement to offer it (it is available in the new cloud)"
WHOLE = {PROVIDER: ["old node", "new node", "old compute"], OFFER: ["new node", "new compute"]}
CHEAP = {PROVIDER: ["old compute"], OFFER: ["new compute"]}

waits = pytest.mark.parametrize("what", [PROVIDER, OFFER], ids=["provider", "offer"])


class Watched:
    """A node that waits in a cloud whose Nova stands still, and what is read of it."""

    def __init__(self, made: Rig, what: str) -> None:
        self.made = made
        self.node = made.fleet[0].uuid
        self.read: list[str] = []
        self.cloud = made.old if what == PROVIDER else made.new
        for cloud in (made.old, made.new):
            cloud.troubles.weather = self._note(cloud)
        made.operations.migrate([made.fleet[0].name], by="ann")
        for _ in range(500):
            migration = made.journal.migration(self.node)
            # Until then, other waits end by the old Nova's periodic work.
            self.nova.stalled = migration is not None and migration.state is State.TRANSFERRED
            if self.waits_for() == what:
                break
            self.look()
        self.nova.stalled = True
        assert self.waits_for() == what
        # The whole look with which the wait begins.
        self.look()

    def _note(self, cloud: SimulatedCloud) -> Callable[[str, bool], None]:
        return lambda call, changes: self.read.append(f"{cloud.name} {call}")

    def waits_for(self) -> str:
        end = self.made.engine.crew.end_of(self.node)
        return end.what if isinstance(end, Waiting) else ""

    def look(self, after: float | None = None) -> list[str]:
        """Let the time until the next turn pass, or less; return what that turn reads."""
        self.read.clear()
        due = self.made.engine.crew.due_in() or 0.0
        self.made.clock.advance(due if after is None else after)
        self.made.turn()
        return list(self.read)

    @property
    def nova(self) -> Nova:
        assert self.cloud.nova is not None
        return self.cloud.nova


@pytest.fixture
def idle(tmp_path: Path) -> Rig:
    return rig(tmp_path, Kind.IDLE)


@waits
def test_only_what_is_waited_for_is_looked_at_and_all_once_a_minute(idle: Rig, what: str) -> None:
    watched = Watched(idle, what)

    looks = [watched.look() for _ in range(26)]

    whole = [number for number, look in enumerate(looks) if look == WHOLE[what]]
    assert [second - first for first, second in pairwise(whole)] == [12]
    assert [look for look in looks if look != WHOLE[what]] == [CHEAP[what]] * 24


@waits
def test_what_changes_is_looked_at_whole_before_anything_is_decided(idle: Rig, what: str) -> None:
    watched = Watched(idle, what)
    before = len(idle.journal.history(watched.node))
    provider = watched.nova.providers.pop(watched.node, Provider("CUSTOM_X"))
    if what == OFFER:
        provider.reserved = 0
        watched.nova.providers[watched.node] = provider

    read = watched.look()

    looks = [*CHEAP[what], *WHOLE[what]]
    assert read[: len(looks)] == looks
    assert len(idle.journal.history(watched.node)) > before


@waits
def test_whatever_else_wakes_the_node_has_all_looked_at(idle: Rig, what: str) -> None:
    watched = Watched(idle, what)
    watched.look()
    idle.engine.crew.wake(watched.node)

    assert watched.look(after=1.0) == WHOLE[what]


@waits
def test_a_notification_has_all_looked_at(idle: Rig, what: str) -> None:
    watched = Watched(idle, what)
    idle.clock.advance(idle.engine.crew.due_in() or 0.0)
    told = Notification(CloudName.NEW, "m", "baremetal.x", idle.clock.now(), watched.node, {})
    idle.engine.receive([told])

    assert watched.look() == WHOLE[what]
    assert idle.journal.inbox(watched.node) == []


@waits
def test_a_cloud_that_cannot_be_read_has_all_looked_at(idle: Rig, what: str) -> None:
    watched = Watched(idle, what)
    watched.cloud.troubles.plan("compute", Unreadable())

    assert [read for read in watched.look() if "compute" not in read] == WHOLE[what][:-1]


@waits
def test_the_wait_ends_all_the_same(idle: Rig, what: str) -> None:
    watched = Watched(idle, what)

    for _ in range(500):
        watched.look()

    held = idle.journal.migration(watched.node)
    assert held is not None
    assert held.hold is not None
    assert held.hold.cause is Cause.DEADLINE
