# SPDX-License-Identifier: Apache-2.0
"""What operators ask: to migrate, to see, to hold and to release."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ephyrad.bmc.reach import Reach
from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.answers import (
    BusAnswer,
    Complaint,
    HealthAnswer,
    HistoryAnswer,
    KeyAnswer,
    MigrateAnswer,
    NodeAnswer,
    OperationError,
    StatusAnswer,
    StrayAnswer,
)
from ephyrad.engine.cloud_answer import cloud_answer
from ephyrad.engine.engine import Engine
from ephyrad.engine.environment.operations import EnvironmentAsked
from ephyrad.engine.environment_answers import (
    DifferenceAnswer,
    EnvironmentAnswer,
    ItemAnswer,
    SyncAnswer,
)
from ephyrad.engine.health import health
from ephyrad.engine.node_answer import node_answer
from ephyrad.engine.preflight.operations import PreflightAsked
from ephyrad.engine.preflight_answers import PreflightAnswer
from ephyrad.engine.reclaim.operations import ReclaimAsked
from ephyrad.engine.reclaim_answers import MailboxAnswer, ReclaimOperations
from ephyrad.engine.report_answers import ReportAnswer
from ephyrad.engine.rollout.operations import RolloutAsked
from ephyrad.engine.rollout.overview import Overview
from ephyrad.engine.rollout.report import Queues
from ephyrad.engine.rollout_answers import RolloutOperations
from ephyrad.engine.strays import Stray
from ephyrad.engine.summary import summary
from ephyrad.engine.told import Written
from ephyrad.engine.ways import (
    is_uuid,
    no_notice,
    no_way_back,
    not_migrated,
    not_returned,
    rests_in,
    with_direction,
)
from ephyrad.journal.errors import ConflictError, DocumentError, JournalError
from ephyrad.journal.quarantine import Quarantined
from ephyrad.migration import entries
from ephyrad.migration.direction import Direction
from ephyrad.migration.entries import Aborting, Asked, Entry, Held, Lifted, Noticed, Recalled
from ephyrad.migration.facts import CloudName, NodeFacts
from ephyrad.migration.migration import Migration
from ephyrad.migration.mirror import marked_for
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause
from ephyrad.secrets.errors import SecretsError

LOG = logging.getLogger(__name__)


BusState = Callable[[CloudName], BusAnswer]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A node that is to be taken on."""

    uuid: str
    name: str | None
    direction: Direction = Direction.FORWARD


class EngineOperations:
    """Implements :class:`ephyrad.engine.port.Operations` on an engine."""

    def __init__(
        self,
        engine: Engine,
        bus: BusState,
        version: str,
        reach: Reach | None = None,
        queues: Queues = lambda _name: (),
        *,
        mailbox: Callable[[], MailboxAnswer | None] = lambda: None,
    ) -> None:
        """`queues` looks for ephyrad's own queues on a cloud's broker. `mailbox` says how the queue
        of CI's messages is read, None where there is none.
        """
        self._engine = engine
        self._bus = bus
        self._version = version
        self._mailbox = mailbox
        self._started_at = engine.clock()
        environment = engine.environment
        self._environment = None if environment is None else EnvironmentAsked(environment)
        self._preflight = PreflightAsked(engine, bus, reach)
        self._rollouts = RolloutAsked(
            engine.hands, engine.rollouts, self._preflight.judge, engine.clouds, queues
        )
        self.fleet = Overview(engine.hands)
        self._reclaims = ReclaimAsked(
            engine.reclaimer,
            engine.journal.reclaims,
            lambda: engine.tuning().reclaim,
            engine.clock,
            engine.rollouts.wake,
        )

    @property
    def rollouts(self) -> RolloutOperations:
        """What can be asked about rollouts."""
        return self._rollouts

    @property
    def reclaims(self) -> ReclaimOperations:
        """The doors for messages of CI."""
        return self._reclaims

    def migrate(self, nodes: Sequence[str], *, by: str) -> MigrateAnswer:
        """Take on these nodes of the old cloud; all of them or, on an error, none.

        One that was returned there, or was aborted and is back there, is carried once more.
        """
        known = {name: self._known(name) for name in dict.fromkeys(nodes)}
        fresh, already = [], []
        for name, migration in known.items():
            if migration is None or rests_in(migration) is CloudName.OLD:
                fresh.append(self._in_a_cloud(name if migration is None else migration.node, name))
            elif migration.direction is Direction.FORWARD or migration.over:
                already.append(migration)
            else:
                raise OperationError(*not_migrated(name))
        return self._take_on(fresh, already, by)

    def return_nodes(self, nodes: Sequence[str], *, by: str) -> MigrateAnswer:
        """Take on these nodes of the new cloud, back to the old one; all or, on an error, none."""
        known = {name: self._known(name) for name in dict.fromkeys(nodes)}
        fresh, already = [], []
        for name, migration in known.items():
            if migration is not None and rests_in(migration) is CloudName.NEW:
                fresh.append(self._in_new(migration, name))
            elif migration is not None and migration.direction is Direction.BACK:
                already.append(migration)
            else:
                raise OperationError(*not_returned(name, migration))
        return self._take_on(fresh, already, by)

    def migrate_all(self, *, by: str) -> MigrateAnswer:
        """Take on every node that the old cloud shows now, but for those returned to it."""
        try:
            shown = self._engine.clouds.old.nodes()
        except CloudReadError as error:
            raise OperationError(Complaint.UNAVAILABLE, f"{error}; no node was taken on") from error
        journal = self._engine.journal
        known = [found for node in shown if (found := journal.migration(node.uuid)) is not None]
        fresh = [
            _Wanted(node.uuid, node.name) for node in shown if journal.migration(node.uuid) is None
        ]
        return self._take_on(fresh, known, by)

    def migrate_strays(self, *, by: str) -> MigrateAnswer:
        """Take on every node that bears ephyrad's mark and is not in the journal."""
        strays = self._look_for_strays()
        wanted = (_Wanted(stray.uuid, stray.name, stray.direction) for stray in strays)
        return self._take_on(wanted, (), by)

    def strays(self) -> Sequence[StrayAnswer]:
        """Return the nodes that bear ephyrad's mark and are not in the journal, by name."""
        return [
            StrayAnswer(
                node=stray.uuid,
                name=stray.name,
                old_cloud=_standing(stray.old),
                new_cloud=_standing(stray.new),
            )
            for stray in self._look_for_strays()
        ]

    def health(self) -> HealthAnswer:
        """Return whether it lives, and whether it can do its work."""
        return health(self._engine)

    def status(self) -> StatusAnswer:
        """Return the counts and how the clouds are heard."""
        migrations = self._engine.journal.migrations()
        states = Counter(migration.state for migration in migrations)
        held = sum(migration.hold is not None for migration in migrations)
        in_flight = self._engine.slots.taken
        quarantine = self._quarantine()
        unfinished = sum(not migration.over for migration in migrations)
        return StatusAnswer(
            version=self._version,
            started_at=self._started_at,
            states={state.value: states[state] for state in State},
            in_flight=in_flight,
            max_in_flight=self._engine.tuning().max_in_flight,
            held=held,
            waiting=max(unfinished - in_flight - held, 0),
            strays=len(self._engine.strays.found()),
            journal_error=self._engine.journal.trouble,
            clouds=tuple(
                cloud_answer(name, self._bus(name), self._engine.sweep.state(name), quarantine)
                for name in CloudName
            ),
            ci=self._mailbox(),
        )

    def nodes(self) -> Sequence[NodeAnswer]:
        """Return every node that was asked for, by name."""
        migrations = self._engine.journal.migrations()
        return [
            self._answer(each) for each in sorted(migrations, key=lambda m: (m.name or "", m.node))
        ]

    def node(self, node: str) -> NodeAnswer:
        """Return one node that was asked for."""
        return self._answer(self._asked_for(node))

    def history(self, node: str) -> Sequence[HistoryAnswer]:
        """Return the node's journal entries, oldest first."""
        history = self._engine.journal.history(self._asked_for(node).node)
        return [
            HistoryAnswer(
                seq, entry.at, entries.kind_of(entry), summary(entry, way), entries.to_json(entry)
            )
            for seq, entry, way in with_direction(history)
        ]

    def hold(self, node: str, *, reason: str, by: str) -> NodeAnswer:
        """Hold a node; an effect that is being performed ends first."""
        migration = self._asked_for(node)
        if migration.over:
            where = "is back" if migration.restored else "has arrived"
            raise OperationError(
                Complaint.CONFLICT,
                f"node {node} {where} in the {rests_in(migration)} cloud: nothing is left to hold",
            )
        words = f"{reason} (held by {by})"
        held = Held(self._engine.clock(), Cause.OPERATOR, words, lifts_itself=False)
        return self._append(migration, held)

    def release(self, node: str, *, by: str) -> NodeAnswer:
        """Lift a node's hold."""
        migration = self._asked_for(node)
        if migration.hold is None:
            raise OperationError(Complaint.CONFLICT, f"node {node} is not held: nothing to release")
        answer = self._append(migration, Lifted(self._engine.clock(), by))
        self._engine.crew.wake(migration.node)
        return answer

    def abort(self, node: str, *, by: str) -> NodeAnswer:
        """Have a node go back to the old cloud as it was; what is being done with it ends first."""
        while True:
            migration = self._asked_for(node)
            refusal = no_way_back(node, migration)
            if refusal is not None:
                raise OperationError(Complaint.CONFLICT, refusal)
            if migration.aborting:
                return self._answer(migration)
            entry = Aborting(self._engine.clock(), by)
            # Unlike a hold, it may become impossible by what is written meanwhile.
            with suppress(ConflictError):
                migration = self._engine.journal.append(migration, [entry])
                break
        _log(migration, entry)
        if self._engine.slots.settle(migration):
            self._engine.crew.wake_queued()
        self._engine.crew.wake(migration.node)
        return self._answer(migration)

    def give_notice(self, node: str, instance: str, not_before: datetime, *, by: str) -> NodeAnswer:
        """Let ephyrad delete this instance on a node from that moment on, by word of `by`.

        The word stands until it is recalled, another one is given, or the instance is gone. What it
        says of the node is checked when the moment has come, not now.
        """
        migration = self._asked_for(node)
        if not is_uuid(instance) or not_before.tzinfo is None:
            raise OperationError(
                Complaint.INVALID,
                f"node {node}: notice needs an instance's UUID and a moment with its time zone, not"
                f" {instance!r:.80} and {not_before.isoformat()}",
            )
        refusal = no_notice(node, migration)
        if refusal is not None:
            raise OperationError(Complaint.CONFLICT, refusal)
        noticed = Noticed(self._engine.clock(), instance, not_before.astimezone(UTC), by)
        known = migration.notice
        if known is not None and replace(known, at=noticed.at) == noticed:
            return self._answer(migration)
        return self._heard(migration, noticed)

    def recall_notice(self, node: str, *, by: str) -> NodeAnswer:
        """Take back the word to delete a node's instance, where one was given.

        What was asked of Nova already is not undone: the node's history has it.
        """
        migration = self._asked_for(node)
        if migration.notice is None:
            return self._answer(migration)
        return self._heard(migration, Recalled(self._engine.clock(), by))

    def rotate_key(self, *, by: str) -> KeyAnswer:
        """Encrypt every document with a new key, and forget the others."""
        try:
            documents = self._engine.journal.rotate_key()
        except (DocumentError, SecretsError) as error:
            raise OperationError(Complaint.UNAVAILABLE, str(error)) from error
        LOG.warning("the journal has a new key, as %s asked: %d documents", by, documents)
        return KeyAnswer(documents)

    def preflight(self, nodes: Sequence[str], *, bmc: bool) -> PreflightAnswer:
        """Look at everything that may stand in the way; change nothing."""
        return self._preflight.preflight(nodes, bmc=bmc)

    def report(self, rollout: str | None) -> ReportAnswer:
        """Return a rollout's history in figures, and what still stands in the cloud it leaves."""
        return self._rollouts.report(rollout)

    def environment_status(self) -> EnvironmentAnswer:
        """Return how each kind stands."""
        return self._of_environment().environment_status()

    def environment_plan(self, kinds: Sequence[str], names: Sequence[str]) -> Sequence[ItemAnswer]:
        """Compare both clouds now and return what would be done; change nothing."""
        return self._of_environment().environment_plan(kinds, names)

    def environment_sync(
        self, kinds: Sequence[str], names: Sequence[str], *, by: str
    ) -> SyncAnswer:
        """Compare both clouds now and have done what is to be done."""
        return self._of_environment().environment_sync(kinds, names, by=by)

    def environment_diff(
        self, kinds: Sequence[str], names: Sequence[str]
    ) -> Sequence[DifferenceAnswer]:
        """Compare both clouds now and return all that differs."""
        return self._of_environment().environment_diff(kinds, names)

    def _of_environment(self) -> EnvironmentAsked:
        if self._environment is None:
            raise OperationError(
                Complaint.UNAVAILABLE, "this ephyrad carries nodes alone, and nothing else"
            )
        return self._environment

    def _append(self, migration: Migration, entry: Entry) -> NodeAnswer:
        """Write an operator's entry, whatever a turn writes at the same time."""
        migration = self._engine.journal.insist(migration, entry)
        _log(migration, entry)
        self._engine.tell(Written(migration.direction, entry))
        if self._engine.slots.settle(migration):
            self._engine.crew.wake_queued()
        return self._answer(migration)

    def _heard(self, migration: Migration, entry: Entry) -> NodeAnswer:
        """Write an entry that is to change what is done with a node at once."""
        answer = self._append(migration, entry)
        self._engine.crew.wake(migration.node)
        return answer

    def _take_on(
        self, fresh: Iterable["_Wanted"], known: Iterable[Migration], by: str
    ) -> MigrateAnswer:
        accepted = []
        for node in fresh:
            asked = Asked(self._engine.clock(), node.name, by, node.direction)
            try:
                migration = self._engine.journal.begin(node.uuid, asked)
            except ConflictError:
                # Somebody asked for the same node at the same moment: it is taken on either way.
                continue
            _log(migration, asked)
            self._engine.strays.taken_on(node.uuid)
            accepted.append(migration)
            self._engine.crew.wake(node.uuid)
        return MigrateAnswer(tuple(map(self._answer, accepted)), tuple(map(self._answer, known)))

    def _look_for_strays(self) -> Sequence[Stray]:
        clouds = self._engine.clouds
        try:
            for cloud in (clouds.old, clouds.new):
                self._engine.strays.look(cloud)
        except CloudReadError as error:
            raise OperationError(Complaint.UNAVAILABLE, f"{error}; no stray was found") from error
        return self._engine.strays.found()

    def _in_a_cloud(self, ident: str, name: str) -> "_Wanted":
        """Return the node of the old cloud, or the marked one that the new cloud alone has.

        Where marks say that it was on its way back, it goes on so.
        """
        clouds = self._engine.clouds
        try:
            found, where = clouds.old.node(ident), CloudName.OLD
            if found is None:
                found, where = clouds.new.node(ident), CloudName.NEW
        except CloudReadError as error:
            raise OperationError(Complaint.UNAVAILABLE, f"{error}; no node was taken on") from error
        marked = found and marked_for(found, where)
        if found is None or (where is CloudName.NEW and marked is None):
            raise OperationError(
                Complaint.NOT_FOUND,
                f"the old cloud shows no node {name}: check the name or UUID with"
                " `openstack baremetal node list`; no node was taken on",
            )
        return _Wanted(found.uuid, found.name, marked or Direction.FORWARD)

    def _in_new(self, migration: Migration, name: str) -> "_Wanted":
        """Return a node that the new cloud shows still, to be returned."""
        try:
            found = self._engine.clouds.new.node(migration.node)
        except CloudReadError as error:
            raise OperationError(Complaint.UNAVAILABLE, f"{error}; no node was taken on") from error
        if found is None:
            raise OperationError(
                Complaint.NOT_FOUND,
                f"the new cloud shows no node {name} any more: check its UUID {migration.node} with"
                " `openstack baremetal node list`; no node was taken on",
            )
        return _Wanted(found.uuid, found.name, Direction.BACK)

    def _known(self, ident: str) -> Migration | None:
        found = self._engine.journal.migration(ident)
        if found is not None:
            return found
        named = [each for each in self._engine.journal.migrations() if each.name == ident]
        if len(named) > 1:
            uuids = ", ".join(each.node for each in named)
            raise OperationError(
                Complaint.INVALID, f"the name {ident} is ambiguous: name one of {uuids}"
            )
        return named[0] if named else None

    def _asked_for(self, ident: str) -> Migration:
        found = self._known(ident)
        if found is None:
            raise OperationError(
                Complaint.NOT_FOUND,
                f"nobody asked to migrate node {ident}: see `ephyra node list`, or ask with"
                f" `ephyra migrate {ident}`",
            )
        return found

    def _answer(self, migration: Migration) -> NodeAnswer:
        return node_answer(self._engine, migration)

    def _quarantine(self) -> Sequence[Quarantined]:
        """Return what could not be read; nothing while the journal cannot tell."""
        try:
            return self._engine.journal.quarantine()
        except JournalError:
            return ()


def _standing(record: NodeFacts | None) -> str | None:
    """Return how a cloud has a marked record: its state and its reason for maintenance."""
    if record is None:
        return None
    maintenance = f", in maintenance ({record.maintenance_reason})" if record.maintenance else ""
    return f"{record.provision_state}{maintenance}"


def _log(migration: Migration, entry: Entry) -> None:
    """Tell who asked for what, beside what the turns tell."""
    way = migration.direction
    words = summary(entry, way)
    if isinstance(entry, Held):
        words = f"held ({entry.cause}): {entry.reason}"
    LOG.info("node %s (%s): %s", migration.name or "-", migration.node, words)
