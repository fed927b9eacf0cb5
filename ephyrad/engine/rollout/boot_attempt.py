# SPDX-License-Identifier: Apache-2.0
"""One trial, from the choice of its node until it is gone."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from ephyrad.clouds.port import Cloud, CloudReadError
from ephyrad.clouds.trials import TrialCloud
from ephyrad.engine.rollout.run_time import RunTime
from ephyrad.migration.identity import Account
from ephyrad.migration.outcomes import Done, Refused, Underway, Unknown, Unreachable
from ephyrad.rollout.boot_verdict import (
    Return,
    Standing,
    chosen,
    is_free,
    is_nowhere,
    of_failure,
    returned,
    standing,
)
from ephyrad.rollout.declaration import BootGate
from ephyrad.rollout.gate_run import GateRun
from ephyrad.rollout.trial import Trial, TrialOrder, mark_of, marks_of, name_of
from ephyrad.rollout.verdict import Result, Verdict

LOG = logging.getLogger(__name__)

_PAUSE = 5.0
"""Seconds between two looks."""

_APPEARS = 120.0
"""Seconds within which a trial is seen whose creation was not answered, or never was made."""

_GONE = 900.0
"""Seconds that a trial's deletion may take; the cleaning that follows is not waited for."""

_SILENT = 2
"""Looks at a trial that failed, in which Nova may not say yet why."""

_REFUSALS = 3
"""Trials that Nova may put nowhere, though nobody else is on their nodes, before that counts."""

_PAUSE_AFTER_REFUSAL = 30.0

_NODES_A_LOOK = 20

_DELETE_AGAIN = 60.0
"""Seconds until a deletion that did not begin is asked for again."""

_KNOCK = 5.0
"""Seconds that a port is given to answer each time."""

Knock = Callable[[str, int, float], bool]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A cloud and its trials; `owner` is which ephyrad's they are."""

    cloud: Cloud
    trials: TrialCloud
    owner: str


@dataclass(frozen=True, slots=True)
class _Parts:
    image: str
    flavor: str
    network: str | None
    resources: frozenset[str]


class _OverError(Exception):
    """The attempt is over, with this verdict; None: it was told to end."""

    def __init__(self, verdict: Verdict | None) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


class _NowhereError(Exception):
    """Nova put the trial on no node at all; `verdict` is what that comes to if it stays so."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict


class Attempt:
    """One run of a gate."""

    def __init__(
        self, run: GateRun, gate: BootGate, place: Place, time: RunTime, knock: Knock
    ) -> None:
        self._run = run
        self._gate = gate
        self._place = place
        self._time = time
        self._knock = knock
        self._began = time.now()
        self._end = self._began + gate.within.total_seconds()
        self._seen: dict[str, str | None] = {}
        self._looked = 0
        self._may_appear = False
        self._is_ended = False
        self._told: list[str] = []

    def verdict(self) -> Verdict | None:
        """Try it. Whatever happens, the trial is deleted, or the words say that it is not."""
        try:
            try:
                verdict: Verdict | None = self._tried()
            except _OverError as over:
                verdict = over.verdict
        finally:
            left = self._deleted()
            if left:
                LOG.warning("gate %s: %s", self._run.id, left)
        if verdict is not None and verdict.passed and not left:
            verdict = self._given_back(verdict)
        if verdict is None or self._is_ended:
            return None
        result = Result.UNCLEAR if left and verdict.passed else verdict.result
        words = "; ".join(filter(None, (verdict.words, left)))
        return Verdict(result, words, "\n".join(self._told))

    def _tried(self) -> Verdict:
        parts = self._patiently(self._parts, "the clouds' images, flavors and networks")
        refusals = 0
        while True:
            node = self._patiently(lambda: self._free_node(parts), self._no_node(parts))
            self._tell(f"node {node} is free")
            try:
                trial = self._up(self._created(node, parts).uuid, node)
            except _NowhereError as nowhere:
                if self._is_taken(node):
                    self._tell(f"node {node} was taken by somebody else")
                    continue
                # Placement offers it before Nova's scheduler has it, for a moment (observed on
                # 2023.1 with a node that had been there before).
                self._tell(f"Nova put it nowhere: {nowhere.verdict.words}")
                refusals += 1
                if refusals >= _REFUSALS or self._rest(_PAUSE_AFTER_REFUSAL):
                    raise _OverError(nowhere.verdict) from nowhere
                continue
            self._tell(f"instance {trial.uuid} is ACTIVE")
            if self._gate.port is not None:
                self._answered(trial, self._gate.port)
            seconds = self._time.now() - self._began
            words = f"instance {trial.uuid} booted on node {trial.node} within {seconds:.0f} s"
            return Verdict(Result.PASS, words)

    def _parts(self) -> _Parts:
        cloud, gate = self._place.cloud, self._gate
        flavors = self._place.trials.flavors()
        accounts = [Account(each.id, each.name) for each in flavors]
        flavor = self._chosen("flavor", gate.flavor, accounts)
        return _Parts(
            image=self._chosen("image", gate.image, cloud.image_names()),
            flavor=flavor,
            network=None
            if gate.network is None
            else self._chosen("network", gate.network, cloud.networks()),
            resources=next(each.resources for each in flavors if each.id == flavor),
        )

    def _chosen(self, what: str, wanted: str, offers: Iterable[Account]) -> str:
        found = chosen(self._run.cloud, what, wanted, offers)
        if isinstance(found, Verdict):
            raise _OverError(found)
        return found

    def _free_node(self, parts: _Parts) -> str | None:
        nodes = self._run.nodes
        if not nodes:
            words = "no node of the wave has arrived, so there is none to boot on"
            raise _OverError(Verdict(Result.UNCLEAR, words))
        # Of a big wave only some at each look: each takes several calls.
        for _ in range(min(len(nodes), _NODES_A_LOOK)):
            node = nodes[self._looked % len(nodes)]
            self._looked += 1
            if is_free(self._place.cloud.compute(node), parts.resources):
                return node
        return None

    def _no_node(self, parts: _Parts) -> str:
        of = f" with {' or '.join(sorted(parts.resources))}" if parts.resources else ""
        return f"a free node{of} among the {len(self._run.nodes)} of the wave"

    def _created(self, node: str, parts: _Parts) -> Trial:
        """Ask for the trial, once, and find it by its marks."""
        run = self._run
        marks = marks_of(self._place.owner, run.id)
        order = TrialOrder(name_of(run.id), node, parts.image, parts.flavor, parts.network, marks)
        outcome = self._patiently(lambda: self._asked(order), "Nova to take the instance on")
        self._tell(f"an instance was asked for: {outcome}")
        within = self._time.now() + _APPEARS
        return self._patiently(self._appeared, "the instance to be seen", within)

    def _asked(self, order: TrialOrder) -> Done | Underway | Unknown:
        # What was said to have changed nothing may have made it all the same.
        if self._may_appear and any(each.uuid not in self._seen for each in self._mine()):
            return Underway()
        self._may_appear = True
        outcome = self._place.trials.create(order)
        match outcome:
            case Refused(message=words):
                raise _OverError(Verdict(Result.UNCLEAR, f"Nova refuses the instance: {words}"))
            case Unreachable(words):
                raise CloudReadError(words)
            case Done() | Underway() | Unknown():
                return outcome

    def _appeared(self) -> Trial | None:
        found = next((each for each in self._mine() if each.uuid not in self._seen), None)
        if found is not None:
            self._seen[found.uuid] = None
            self._may_appear = False
        return found

    def _mine(self) -> list[Trial]:
        mark = mark_of(self._run.id)
        return [each for each in self._place.trials.trials(self._place.owner) if each.run == mark]

    def _up(self, uuid: str, node: str) -> Trial:
        """Wait until the trial is up.

        :raises _NowhereError: it was never placed.
        """
        last, silent = "nothing", 0

        def look() -> Trial | None:
            nonlocal last, silent
            trial = self._place.trials.trial(uuid)
            if trial is None:
                raise _OverError(Verdict(Result.FAIL, f"instance {uuid} was deleted by somebody"))
            last = f"{trial.status}" + (f" ({trial.task})" if trial.task else "")
            self._seen[uuid] = trial.node
            stands = standing(trial)
            # Nova says what is wrong a moment after it says that something is (observed).
            if stands is Standing.FAILED and trial.fault is None and silent < _SILENT:
                silent += 1
                return None
            if stands is Standing.FAILED:
                verdict = of_failure(trial, node, self._place.cloud.node(node))
                raise (_NowhereError if is_nowhere(trial) else _OverError)(verdict)
            return trial if stands is Standing.UP else None

        trial = self._patiently(
            look, lambda: f"instance {uuid} on node {node} to be ACTIVE; it is {last}", fails=True
        )
        if trial.node != node:
            words = f"instance {uuid} was put on node {trial.node} and asked for on {node}"
            raise _OverError(Verdict(Result.UNCLEAR, words))
        return trial

    def _is_taken(self, node: str) -> bool:
        """Say whether somebody else's instance is on a node, as far as that can be read."""
        try:
            facts = self._place.cloud.compute(node)
        except CloudReadError:
            return False
        if facts is None:
            return False
        consumers = facts.provider.consumers if facts.provider else ()
        return bool({*facts.instances, *consumers} - self._seen.keys())

    def _answered(self, trial: Trial, port: int) -> None:
        """Wait until the port answers at any address of the trial."""
        if not trial.addresses:
            words = f"instance {trial.uuid} has no address to knock at: give the gate a network"
            raise _OverError(Verdict(Result.UNCLEAR, words))

        def knock() -> str | None:
            reached = (each for each in trial.addresses if self._knock(each, port, _KNOCK))
            return next(reached, None)

        where = ", ".join(trial.addresses)
        address = self._patiently(knock, f"TCP port {port} of {where} to answer", fails=True)
        self._tell(f"TCP port {port} of {address} answers")

    def _deleted(self) -> str:
        """Delete all trials of this run, and return what is wrong if they are not gone."""
        if not self._seen and not self._may_appear:
            return ""
        asked: dict[str, float] = {}
        end = self._time.now() + _GONE
        while True:
            trouble = self._delete_once(asked)
            if not trouble:
                self._tell("the instance is gone")
                return ""
            if self._time.now() >= end:
                return f"{trouble}: delete it by hand, or ephyrad does before the gate's next run"
            if self._rest(_PAUSE):
                # The next start of ephyrad looks after what became of it.
                return trouble

    def _left(self) -> list[Trial]:
        """Return what there is: a list may lack one that is just being scheduled (observed)."""
        left = {trial.uuid: trial for trial in self._mine()}
        for uuid in self._seen.keys() - left.keys():
            trial = self._place.trials.trial(uuid)
            if trial is not None:
                left[uuid] = trial
        return list(left.values())

    def _delete_once(self, asked: dict[str, float]) -> str:
        """Ask for the deletion of what is there; return what is left, "" where nothing is."""
        try:
            left = self._left()
        except CloudReadError as error:
            return f"instances of this gate could not be looked for ({error})"
        trouble = ""
        for trial in left:
            trouble = f"instance {trial.uuid} is not gone"
            if trial.fault:
                trouble += f" ({trial.fault})"
            due = self._time.now() - asked.get(trial.uuid, -_DELETE_AGAIN) >= _DELETE_AGAIN
            if due and not trial.is_going:
                outcome = self._place.cloud.delete_server(trial.uuid)
                self._tell(f"instance {trial.uuid} is to be deleted: {outcome}")
                if isinstance(outcome, Done | Underway):
                    asked[trial.uuid] = self._time.now()
                else:
                    trouble = f"instance {trial.uuid} could not be deleted ({outcome.message})"
        return trouble

    def _given_back(self, verdict: Verdict) -> Verdict:
        """See that the nodes that trials were on are cleaned, or about to be."""
        for node in filter(None, self._seen.values()):
            end = self._time.now() + _GONE
            state = "of an unknown state"
            while True:
                try:
                    facts = self._place.cloud.node(node)
                    state = facts.provision_state if facts else "gone"
                    stands = returned(facts)
                except CloudReadError as error:
                    stands, state = Return.GOING_ON, str(error)
                if stands is Return.GIVEN_BACK:
                    break
                if stands is Return.SPOILT or self._time.now() >= end:
                    words = f"{verdict.words}, but after its deletion the node is {state}"
                    return Verdict(Result.FAIL, words)
                if self._rest(_PAUSE):
                    return verdict
        return verdict

    def _patiently(
        self,
        look: Callable[[], T | None],
        what: str | Callable[[], str],
        end: float | None = None,
        *,
        fails: bool = False,
    ) -> T:
        """Return what a look gives, as soon as it gives something.

        :raises _OverError: the run was told to end, or the time is over: which is a failure if so
            said, and the cloud could be read.
        """
        limit = self._end if end is None else end
        while True:
            trouble = None
            try:
                found = look()
            except CloudReadError as error:
                found, trouble = None, str(error)
            if found is not None:
                return found
            if self._time.now() >= limit:
                worded = what if isinstance(what, str) else what()
                words = f"waited {self._time.now() - self._began:.0f} s for {worded}"
                result = Result.FAIL if fails and trouble is None else Result.UNCLEAR
                raise _OverError(Verdict(result, f"{words}: {trouble}" if trouble else words))
            if self._rest(min(_PAUSE, max(limit - self._time.now(), 0.0))):
                raise _OverError(None)

    def _rest(self, seconds: float) -> bool:
        self._is_ended = self._time.rest(seconds)
        return self._is_ended

    def _tell(self, words: str) -> None:
        self._told.append(f"{self._time.now() - self._began:6.0f} s  {words}")
