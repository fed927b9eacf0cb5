# SPDX-License-Identifier: Apache-2.0
"""Boots an instance on a carried node and deletes it, whatever happens."""

import logging
import socket
import threading
from collections.abc import Mapping

from ephyrad.clouds.port import Cloud, CloudReadError
from ephyrad.clouds.trials import TrialCloud
from ephyrad.engine.rollout.boot_attempt import Attempt, Knock, Place
from ephyrad.engine.rollout.run_time import RunTime
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done, Underway
from ephyrad.rollout.declaration import BootGate
from ephyrad.rollout.gate_run import GateRun
from ephyrad.rollout.trial import mark_of
from ephyrad.rollout.verdict import Result, Verdict

LOG = logging.getLogger(__name__)

_AGAIN = 60.0
"""Seconds until a cloud that could not be asked is asked again for what was left behind."""

_LATE = 120.0
"""Seconds within which Nova may still carry out what was asked of it before a crash."""


class BootRuns:
    """Tries gates of this kind.

    `owner` tells this ephyrad's trials from another's, and stays the same when it is started anew.
    """

    def __init__(
        self,
        clouds: Mapping[CloudName, Cloud],
        trials: Mapping[CloudName, TrialCloud],
        owner: str,
        knock: Knock | None = None,
    ) -> None:
        """`trials` has the clouds that have a Nova; `knock` says whether a TCP port answers."""
        self._places = {name: Place(clouds[name], each, owner) for name, each in trials.items()}
        self._knock = knock or answers
        self._under_way: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, run: GateRun, time: RunTime) -> Verdict | None:
        gate = run.gate
        if not isinstance(gate, BootGate):
            raise TypeError(f"{gate!r} is no boot of an instance")
        place = self._places.get(run.cloud)
        if place is None:
            words = f"the {run.cloud} cloud is configured without a Nova, so nothing can boot there"
            return Verdict(Result.UNCLEAR, words)
        mark = mark_of(run.id)
        with self._lock:
            self._under_way.add(mark)
        try:
            self._sweep_unless_deaf(place)
            return Attempt(run, gate, place, time, self._knock).verdict()
        finally:
            with self._lock:
                self._under_way.discard(mark)

    def tidy(self, time: RunTime) -> None:
        """Delete the trials that an earlier process left behind, as soon as the clouds answer."""
        for wait in (0.0, _LATE):
            if time.rest(wait):
                return
            for place in self._places.values():
                while not self._sweep_unless_deaf(place):
                    if time.rest(_AGAIN):
                        return

    def _sweep_unless_deaf(self, place: Place) -> bool:
        try:
            self._sweep(place)
        except CloudReadError as error:
            LOG.info("trials that may be left of earlier runs cannot be looked for: %s", error)
            return False
        return True

    def _sweep(self, place: Place) -> None:
        for trial in place.trials.trials(place.owner):
            with self._lock:
                mine = trial.run in self._under_way
            if mine or trial.is_going:
                continue
            outcome = place.cloud.delete_server(trial.uuid)
            if isinstance(outcome, Done | Underway):
                LOG.info("instance %s of gate %s, left behind, is deleted", trial.uuid, trial.run)
            else:
                LOG.warning(
                    "instance %s of gate %s, left behind, cannot be deleted now: %s",
                    trial.uuid,
                    trial.run,
                    outcome,
                )


def answers(address: str, port: int, seconds: float) -> bool:
    """Say whether a TCP port answers within so many seconds."""
    try:
        with socket.create_connection((address, port), timeout=seconds):
            return True
    except OSError:
        return False
