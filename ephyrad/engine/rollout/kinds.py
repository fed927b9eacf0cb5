# SPDX-License-Identifier: Apache-2.0
"""Every kind of gate, put together."""

from collections.abc import Callable, Mapping

from ephyrad.clouds.trials import TrialCloud
from ephyrad.engine.perform import Clouds
from ephyrad.engine.rollout.boot_gate import BootRuns
from ephyrad.engine.rollout.command_gate import CommandRuns
from ephyrad.engine.rollout.gates import GateRunner
from ephyrad.engine.rollout.prometheus_gate import PrometheusRuns
from ephyrad.migration.facts import CloudName
from ephyrad.prometheus.query import Prometheus
from ephyrad.rollout.declaration import BootGate, CommandGate, PrometheusGate


def gate_runner(
    clouds: Clouds,
    trials: Mapping[CloudName, TrialCloud],
    owner: str,
    told: Callable[[str], None] = lambda _run_id: None,
) -> GateRunner:
    """Return what runs gates over two clouds; `trials` has those that have a Nova.

    `owner` names this ephyrad among all that may ever work on these clouds, and is the same after a
    restart: a host's name and a state directory.
    """
    boots = BootRuns({CloudName.OLD: clouds.old, CloudName.NEW: clouds.new}, trials, owner)
    return GateRunner(
        {
            CommandGate: CommandRuns(),
            PrometheusGate: PrometheusRuns(Prometheus().ask),
            BootGate: boots,
        },
        tidy=boots.tidy,
        told=told,
    )
