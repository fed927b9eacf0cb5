# SPDX-License-Identifier: Apache-2.0
"""The fleet at one glance: every node, and how the rollout goes on against its plan.

Nobody who looks waits for a cloud: the clouds are read in a thread beside, when somebody looks and
what is known is a minute old.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.fleet_answers import BurnUpAnswer, FleetAnswer, MarkAnswer
from ephyrad.engine.rollout.plan import GUESS, carried
from ephyrad.engine.rollout.scheduler import Hands
from ephyrad.migration.migration import Migration
from ephyrad.rollout import waves
from ephyrad.rollout.declaration import Declaration
from ephyrad.rollout.forecast import Pace
from ephyrad.rollout.hindsight import hindsight
from ephyrad.rollout.rollout import Rollout
from ephyrad.rollout.selection import limit_keys
from ephyrad.rollout.standing import Fleet, Standing

LOG = logging.getLogger(__name__)

KEYS = ("resource_class", "conductor_group", "owner")
_TABLES = ("extra.", "properties.")
_STALE = timedelta(minutes=1)

Aside = Callable[[Callable[[], None]], None]
"""Has something done beside what asks for it."""


def in_thread(work: Callable[[], None]) -> None:
    """Do it in a thread that nobody waits for."""
    threading.Thread(target=work, name="overview", daemon=True).start()


class Overview:
    """Implements :class:`ephyrad.engine.fleet_answers.FleetOperations`."""

    def __init__(self, hands: Hands, aside: Aside = in_thread) -> None:
        self._hands = hands
        self._aside = aside
        self._reader = hands.fleet.another()
        self._reading = threading.Lock()
        self._read_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._trouble: str | None = None
        self._planned: tuple[str, Declaration, tuple[datetime, ...], bool] | None = None

    def marks(self, by: str | None) -> FleetAnswer:
        """Return every node, grouped by a key."""
        self._look()
        fleet = self._reader.last()
        keys = self._keys()
        key = by or keys[0]
        if not _is_key(key):
            raise OperationError(
                Complaint.INVALID,
                f"nodes cannot be grouped by {key!r:.80}: name {', '.join(KEYS)}, extra.KEY or"
                " properties.KEY",
            )
        shown = {**fleet.new, **fleet.old}
        found = [
            MarkAnswer(node.uuid, node.facts.name, node.value(key))
            for node in fleet.old.values()
            if node.uuid not in fleet.migrations
        ]
        for migration in fleet.migrations.values():
            candidate = shown.get(migration.node)
            found.append(_mark(migration, "" if candidate is None else candidate.value(key)))
        found.sort(key=lambda each: (each.name or "", each.node))
        return FleetAnswer(key, keys, tuple(found), self._read_at, self._trouble)

    def rollout(self) -> str | None:
        """Return the rollout under way, or else the newest."""
        journal = self._hands.journal.rollouts
        active = journal.active()
        newest = (active,) if active is not None else tuple(journal.rollouts())[-1:]
        return newest[0].name if newest else None

    def burn_up(self, rollout: str) -> BurnUpAnswer:
        """Return how a rollout goes on over time."""
        found = self._hands.journal.rollouts.rollout(rollout)
        if found is None:
            raise OperationError(Complaint.NOT_FOUND, f"there is no rollout {rollout}")
        standing = Standing(found, self._reader.last())
        arrived = sorted(each.since for each in standing.journeys if each.finished)
        plan = self._planned
        fits = plan is not None and plan[:2] == (found.name, found.declared)
        length = found.declared.deadlines.rollout
        return BurnUpAnswer(
            name=found.name,
            started_at=found.started_at,
            nodes=max(found.selected, sum(1 for _ in found.members())),
            arrived=tuple(arrived),
            planned=plan[2] if plan and fits else (),
            measured=bool(plan and fits and plan[3]),
            until=None if length is None else found.timed_from + length,
            approval=_to_approve(standing),
        )

    def _keys(self) -> tuple[str, ...]:
        """Return the keys that the rollout's limits name, and those that every node may have."""
        name = self.rollout()
        rollout = None if name is None else self._hands.journal.rollouts.rollout(name)
        named: Sequence[str] = [] if rollout is None else sorted(limit_keys(rollout.declared))
        return tuple(dict.fromkeys((*named, *KEYS)))

    def _look(self) -> None:
        """Have the clouds read, where that was long ago and nobody does it."""
        now = self._hands.clock()
        tried = self._tried_at
        if tried is not None and timedelta() <= now - tried < _STALE:
            return
        if self._reading.acquire(blocking=False):
            self._tried_at = now
            self._aside(self._read)

    def _read(self) -> None:
        try:
            fleet, age = self._reader.read(_STALE / 2)
            self._read_at, self._trouble = fleet.at - age, None
            self._plan(fleet)
        except CloudReadError as error:
            self._trouble = str(error)
        except Exception:
            LOG.exception("the overview of the fleet could not be made")
            self._trouble = "ephyrad made a mistake; its log has the details"
        finally:
            self._reading.release()

    def _plan(self, fleet: Fleet) -> None:
        """Play the rollout through as it would have gone, once for each file that it had."""
        name = self.rollout()
        rollout = None if name is None else self._hands.journal.rollouts.rollout(name)
        if rollout is None:
            return
        carry = carried(fleet)
        known = self._planned
        if known and known[:2] == (rollout.name, rollout.declared) and known[3] == bool(carry):
            return
        moments = self._hindsight(rollout, fleet, carry)
        self._planned = rollout.name, rollout.declared, moments, bool(carry)

    def _hindsight(
        self, rollout: Rollout, fleet: Fleet, carry: timedelta | None
    ) -> tuple[datetime, ...]:
        pace = Pace(carry or GUESS, self._hands.slots())
        return hindsight(Standing(rollout, fleet), pace=pace, zones=self._hands.zones)


def _is_key(key: str) -> bool:
    return key in ("name", *KEYS) or any(key.startswith(each) and key != each for each in _TABLES)


def _to_approve(standing: Standing) -> int | None:
    wave = standing.rollout.wave
    if wave is None or wave.approved_by is not None or standing.rollout.over:
        return None
    if not (waves.asks_somebody(standing, wave) and waves.may_be_approved(standing, wave)):
        return None
    return wave.number


def _mark(migration: Migration, group: str) -> MarkAnswer:
    hold = migration.hold
    return MarkAnswer(
        node=migration.node,
        name=migration.name,
        group=group,
        state=migration.state.value,
        since=hold.since if hold else migration.since,
        direction=migration.direction.value,
        in_flight=migration.in_flight,
        restored=migration.restored,
        aborting=migration.aborting,
        cause=hold.cause.value if hold else None,
        reason=hold.reason if hold else "",
    )
