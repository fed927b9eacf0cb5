# SPDX-License-Identifier: Apache-2.0
"""Runs of gates over the lab's two clouds, by ephyrad's own runner.

``python -m tests.harness.gates OWNER RUN NODE`` boots a trial in the new cloud, and is there to be
killed in the middle of it.
"""

import os
import sys
import threading
from datetime import timedelta

from ephyrad.clouds.connect import connect
from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.settings import CloudSettings
from ephyrad.clouds.trials import Trials
from ephyrad.engine.perform import Clouds
from ephyrad.engine.rollout.gates import GateRunner
from ephyrad.engine.rollout.kinds import gate_runner
from ephyrad.migration.facts import CloudName
from ephyrad.rollout.declaration import BootGate, Gate
from ephyrad.rollout.gate_run import GateRun
from ephyrad.rollout.verdict import Verdict
from tests.lab.settings import Settings, from_environment

BOOT = BootGate("lab-img", "bm.gold", timedelta(minutes=6))
"""A boot of what the lab offers, by names."""


class Gates:
    """A runner, as the daemon has one. `owner` is which ephyrad's it is."""

    def __init__(self, lab: Settings, owner: str) -> None:
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(lab.clouds_yaml)
        self._over = threading.Event()
        both = {
            name: CloudSettings(name=name, cloud=f"{name}-system", project_cloud=str(name))
            for name in CloudName
        }
        self.clouds = Clouds(*(OpenStackCloud(both[name]) for name in CloudName))
        self.trials: dict[CloudName, Trials] = {}
        for name, settings in both.items():
            nova = connect(settings).nova
            assert nova is not None
            self.trials[name] = Trials(nova)
        self.owner = owner
        self.runner: GateRunner = gate_runner(
            self.clouds, self.trials, owner, lambda _run_id: self._over.set()
        )

    def left(self) -> list[str]:
        """Return the trials of this owner in the new cloud."""
        return [trial.uuid for trial in self.trials[CloudName.NEW].trials(self.owner)]

    def begin(self, gate: Gate, run_id: str, *nodes: str) -> None:
        self.runner.begin(GateRun(run_id, gate, nodes, "of the lab", "canary"))

    def verdict(self, gate: Gate, run_id: str, *nodes: str, seconds: float = 900) -> Verdict:
        """Try a gate, and return its verdict."""
        self._over.clear()
        self.begin(gate, run_id, *nodes)
        assert self._over.wait(seconds)
        verdict = self.runner.result(run_id)
        assert verdict is not None
        return verdict


if __name__ == "__main__":
    owner, run_id, node = sys.argv[1:]
    gates = Gates(from_environment(), owner)
    print(gates.verdict(BOOT, run_id, node), flush=True)
