# SPDX-License-Identifier: Apache-2.0
"""The trials of a simulated cloud: the real gateway before its Nova, without HTTP in between."""

from collections.abc import Sequence

from ephyrad.clouds.trials import Trials
from ephyrad.migration.outcomes import Outcome
from ephyrad.rollout.trial import FlavorOffer, Trial, TrialOrder
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.direct import services


class SimulatedTrials:
    """Implements :class:`ephyrad.clouds.trials.TrialCloud`.

    What goes wrong with its calls is told by the cloud's `troubles`: "trials", "trial", "trial
    create", "trial flavors".
    """

    def __init__(self, cloud: SimulatedCloud, *, page_size: int = 1000) -> None:
        nova = services(cloud).nova
        if nova is None:
            raise AssertionError("the cloud has a Nova")
        self._calling = cloud.calling
        self._trials = Trials(nova, page_size)

    def flavors(self) -> Sequence[FlavorOffer]:
        return self._calling.read("trial flavors", self._trials.flavors)

    def create(self, order: TrialOrder) -> Outcome:
        return self._calling.change("trial create", lambda: self._trials.create(order))

    def trials(self, owner: str) -> Sequence[Trial]:
        return self._calling.read("trials", lambda: self._trials.trials(owner))

    def trial(self, uuid: str) -> Trial | None:
        return self._calling.read("trial", lambda: self._trials.trial(uuid))
