# SPDX-License-Identifier: Apache-2.0
"""Whether the daemon lives, and whether it can do its work: two questions for two readers.

Who restarts it asks the first, since a restart mends no cloud and no disk; who is to see to those
asks the second.
"""

from collections.abc import Mapping

from ephyrad.engine.answers import HealthAnswer
from ephyrad.engine.engine import Engine
from ephyrad.engine.sweep import SweepState
from ephyrad.migration.facts import CloudName


def health(engine: Engine) -> HealthAnswer:
    """Return how it stands: no cloud is asked, and nothing is written."""
    sweeps = {name: engine.sweep.state(name) for name in CloudName}
    return judge(live=engine.alive(), trouble=engine.journal.trouble, sweeps=sweeps)


def judge(
    *, live: bool, trouble: str | None, sweeps: Mapping[CloudName, SweepState]
) -> HealthAnswer:
    """Judge by the threads, the journal's trouble and the last sweep of each cloud."""
    because = [] if live else ["a thread of ephyrad's has ended, or hangs: start it again"]
    if trouble is not None:
        because.append(trouble)
    for name, swept in sweeps.items():
        if swept.error is not None:
            because.append(f"the {name} cloud cannot be read: {swept.error}")
        elif swept.at is None:
            because.append(f"the {name} cloud was not read whole yet")
    return HealthAnswer(live, not because, tuple(because))
