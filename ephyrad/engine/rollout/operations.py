# SPDX-License-Identifier: Apache-2.0
"""What operators ask of rollouts: to start, to see, to pause, to stop."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.perform import Clouds
from ephyrad.engine.report_answers import ReportAnswer
from ephyrad.engine.rollout import view
from ephyrad.engine.rollout.plan import Judge, plan
from ephyrad.engine.rollout.report import Queues, Sources, report
from ephyrad.engine.rollout.scheduler import FRESH, Hands, Scheduler
from ephyrad.engine.rollout.summary import summary
from ephyrad.engine.rollout_answers import (
    ChangeAnswer,
    PlanAnswer,
    RolloutAnswer,
    RolloutEntryAnswer,
)
from ephyrad.journal.errors import ConflictError
from ephyrad.rollout import changes, entries, waves
from ephyrad.rollout.declaration import Declaration
from ephyrad.rollout.entries import (
    Applied,
    Approved,
    Entry,
    Member,
    PauseCause,
    Paused,
    Resumed,
    Started,
    Stopped,
)
from ephyrad.rollout.reversal import arrivals, reversed_of
from ephyrad.rollout.rollout import Rollout, Status
from ephyrad.rollout.selection import belongs, limit_keys
from ephyrad.rollout.spelled import spelled
from ephyrad.rollout.standing import Fleet, Standing

LOG = logging.getLogger(__name__)

_RECENT = timedelta(minutes=1)
"""How old what the clouds showed may be where the journal tells almost all."""


class RolloutAsked:
    """Implements :class:`ephyrad.engine.rollout_answers.RolloutOperations`."""

    def __init__(
        self, hands: Hands, scheduler: Scheduler, judge: Judge, clouds: Clouds, queues: Queues
    ) -> None:
        self._judge = judge
        self._clouds = clouds
        self._queues = queues
        self._hands = hands
        self._journal = hands.journal.rollouts
        self._scheduler = scheduler
        # One of its own: a reader serves one thread at a time.
        self._reader = hands.fleet.another()

    def plan(self, declared: Declaration) -> PlanAnswer:
        """Return what would become of a rollout, or of one under way by another file."""
        active = self._journal.active()
        changes_it = (
            active is not None
            and active.name == declared.name
            and active.status is not Status.STOPPING
            and active.declared.direction is declared.direction
        )
        rollout = active if changes_it else None
        return plan(declared, self._fleet(), self._hands, self._judge, rollout)

    def start(self, declared: Declaration, *, by: str) -> RolloutAnswer:
        """Start a rollout."""
        self._expect_free(declared.name)
        fleet = self._fleet()
        leaving = fleet.leaving(declared.direction)
        selected = sum(belongs(declared, node) for node in leaving.values())
        if not selected:
            raise OperationError(
                Complaint.INVALID,
                f"rollout {declared.name}: none of the {len(leaving)} nodes of the cloud that it"
                " would leave fits its nodes and is not excluded: correct nodes and exclude in its"
                " file; nothing was started",
            )
        entry = Started(self._hands.clock(), by, declared, selected)
        try:
            rollout = self._journal.begin(declared.name, entry)
        except ConflictError as error:
            raise OperationError(Complaint.CONFLICT, f"{error}; nothing was started") from error
        LOG.info("rollout %s: %s", rollout.name, summary(entry))
        self._scheduler.wake()
        return self._answer(rollout, fleet)

    def reverse(self, name: str, *, by: str) -> RolloutAnswer:
        """Start a rollout by which the nodes that arrived by this one go back, when empty."""
        rollout = self._known(name)
        self._expect_status(rollout, "be reversed", Status.STOPPED, Status.FINISHED)
        arrived = arrivals(Standing(rollout, self._fleet()))
        if not arrived:
            raise OperationError(
                Complaint.CONFLICT,
                f"no node of rollout {name} is where it was carried to: nothing goes back",
            )
        taken = {each.name for each in self._journal.rollouts()}
        return self.start(reversed_of(rollout, arrived, taken), by=by)

    def changes(self, declared: Declaration) -> Sequence[ChangeAnswer]:
        """Return what a changed declaration of a rollout changes."""
        before = spelled(self._known(declared.name).declared)
        return [ChangeAnswer(*each) for each in changes.between(before, spelled(declared))]

    def apply(self, declared: Declaration, *, by: str) -> RolloutAnswer:
        """Give a rollout that is not over a changed declaration."""

        def applied(rollout: Rollout) -> Entry:
            self._expect_not_over(rollout, "be changed")
            if declared.direction is not rollout.declared.direction:
                raise OperationError(
                    Complaint.CONFLICT,
                    f"rollout {rollout.name} goes {rollout.declared.direction}: its direction"
                    " cannot be changed; stop it and start another one",
                )
            return Applied(self._hands.clock(), by, declared, self._members(rollout, declared))

        return self._write(declared.name, applied)

    def _members(self, rollout: Rollout, declared: Declaration) -> tuple[Member, ...]:
        """Return what limits by other keys than before have to know of nodes on their way."""
        keys = limit_keys(declared)
        if not rollout.waves or set(keys) <= set(limit_keys(rollout.declared)):
            return ()
        fleet = self._fleet("nothing was changed")
        return tuple(waves.with_values(Standing(rollout, fleet), keys))

    def all(self) -> Sequence[RolloutAnswer]:
        """Return all rollouts, the newest first."""
        fleet = self._hands.fleet.last()
        return [self._answer(each, fleet) for each in reversed(self._journal.rollouts())]

    def one(self, name: str) -> RolloutAnswer:
        """Return one rollout."""
        return self._answer(self._known(name), self._hands.fleet.last())

    def history(self, name: str) -> Sequence[RolloutEntryAnswer]:
        """Return what happened to a rollout, oldest first."""
        return [
            RolloutEntryAnswer(seq, entry.at, entries.kind_of(entry), summary(entry))
            for seq, entry in self._journal.history(self._known(name).name)
        ]

    def report(self, name: str | None) -> ReportAnswer:
        """Return the report of a rollout, or of all that the journal has; change nothing."""
        sources = Sources(
            journal=self._hands.journal,
            clouds=self._clouds,
            queues=self._queues,
            clock=self._hands.clock,
            answer=lambda each: self._answer(each, self._hands.fleet.last()),
        )
        return report(None if name is None else self._known(name), sources)

    def pause(self, name: str, *, reason: str, by: str) -> RolloutAnswer:
        """Begin nothing new."""

        def paused(rollout: Rollout) -> Entry:
            self._expect_status(rollout, "be paused", Status.RUNNING)
            return Paused(self._hands.clock(), by, PauseCause.OPERATOR, reason)

        return self._write(name, paused)

    def resume(self, name: str, *, by: str) -> RolloutAnswer:
        """Let it go on; holds and gates that did not pass are forgiven."""

        def resumed(rollout: Rollout) -> Entry:
            self._expect_status(rollout, "be resumed", Status.PAUSED)
            return Resumed(self._hands.clock(), by)

        return self._write(name, resumed)

    def stop(self, name: str, *, by: str) -> RolloutAnswer:
        """Finish what is in flight, and begin nothing any more."""

        def stopped(rollout: Rollout) -> Entry:
            self._expect_status(rollout, "be stopped", Status.RUNNING, Status.PAUSED)
            return Stopped(self._hands.clock(), by)

        return self._write(name, stopped)

    def approve(self, name: str, *, by: str) -> RolloutAnswer:
        """Let it go on after the wave that is over.

        A wave that is under way cannot be approved: the word would be for the wave before, come
        late, or come twice.
        """

        def approved(rollout: Rollout) -> Entry:
            self._expect_not_over(rollout, "be approved")
            wave = rollout.wave
            standing = Standing(rollout, self._fleet("nothing was approved", _RECENT))
            if wave is None or not waves.asks_somebody(standing, wave):
                raise OperationError(
                    Complaint.CONFLICT,
                    f"rollout {name} has no wave that somebody has to approve: see"
                    f" `ephyra rollout show {name}`",
                )
            if wave.approved_by is not None:
                raise OperationError(
                    Complaint.CONFLICT,
                    f"wave {wave.number} of rollout {name} was approved by {wave.approved_by}"
                    " already: nothing is left to approve",
                )
            if not waves.may_be_approved(standing, wave):
                raise OperationError(
                    Complaint.CONFLICT,
                    f"wave {wave.number} of rollout {name} is under way still: approve it when"
                    f" `ephyra rollout show {name}` says that it waits for that",
                )
            return Approved(self._hands.clock(), by, wave.number)

        return self._write(name, approved)

    def _write(self, name: str, decide: Callable[[Rollout], Entry]) -> RolloutAnswer:
        """Write an operator's entry, whatever the scheduler writes at the same time."""
        while True:
            rollout = self._known(name)
            entry = decide(rollout)
            try:
                rollout = self._journal.append(rollout, entry)
            except ConflictError:
                continue
            LOG.info("rollout %s: %s", name, summary(entry))
            self._scheduler.wake()
            return self._answer(rollout, self._hands.fleet.last())

    def _known(self, name: str) -> Rollout:
        rollout = self._journal.rollout(name)
        if rollout is None:
            known = ", ".join(each.name for each in self._journal.rollouts()) or "none yet"
            raise OperationError(
                Complaint.NOT_FOUND,
                f"there is no rollout {name}: there is {known}; start one with"
                " `ephyra rollout start FILE`",
            )
        return rollout

    def _expect_free(self, name: str) -> None:
        if self._journal.rollout(name) is not None:
            raise OperationError(
                Complaint.CONFLICT,
                f"there is a rollout {name} already: give this one another name in its file, or"
                f" change that one with `ephyra rollout apply FILE`; nothing was started",
            )
        active = self._journal.active()
        if active is not None:
            raise OperationError(
                Complaint.CONFLICT,
                f"rollout {active.name} is {active.status}, and only one can be under way: stop it"
                f" first (`ephyra rollout stop {active.name}`); nothing was started",
            )

    def _expect_not_over(self, rollout: Rollout, verb: str) -> None:
        stati = (Status.RUNNING, Status.PAUSED, Status.STOPPING)
        self._expect_status(rollout, verb, *stati)

    @staticmethod
    def _expect_status(rollout: Rollout, verb: str, *stati: Status) -> None:
        if rollout.status not in stati:
            may = " or ".join(stati)
            raise OperationError(
                Complaint.CONFLICT,
                f"rollout {rollout.name} is {rollout.status} and cannot {verb}: only one that is"
                f" {may} can; see `ephyra rollout show {rollout.name}`",
            )

    def _fleet(self, otherwise: str = "nothing was started", oldest: timedelta = FRESH) -> Fleet:
        try:
            return self._reader.read(oldest)[0]
        except CloudReadError as error:
            raise OperationError(Complaint.UNAVAILABLE, f"{error}; {otherwise}") from error

    def _answer(self, rollout: Rollout, fleet: Fleet) -> RolloutAnswer:
        # Why it pauses or how it ended is its reason.
        going = rollout.status in (Status.RUNNING, Status.STOPPING)
        waits_for = self._scheduler.why(rollout) if going else ""
        return view.answer(Standing(rollout, fleet), waits_for)
