# SPDX-License-Identifier: Apache-2.0
"""The sweep: the regular look at whole clouds that finds what notifications did not tell."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ephyrad.clouds.port import Cloud, CloudReadError, CloudSetupError
from ephyrad.migration.facts import CloudName, NodeFacts

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweepState:
    """When a cloud was last read whole (UTC), and why it could not be, if it could not."""

    at: datetime | None = None
    error: str | None = None


class Sweep:
    """Lists both clouds every `interval()` seconds and wakes the nodes that look different.

    `followed` names the nodes whose migration is not over; the others are of no interest.
    """

    def __init__(
        self,
        clouds: Iterable[Cloud],
        followed: Callable[[], Iterable[str]],
        wake: Callable[[str], None],
        interval: Callable[[], float],
        clock: Callable[[], datetime],
        *,
        at_first: Callable[[Cloud], None] = lambda _: None,
    ) -> None:
        """`at_first` is called with each cloud once, when it is reached for the first time."""
        self._clouds = tuple(clouds)
        self._followed = followed
        self._wake = wake
        self._interval = interval
        self._clock = clock
        self._at_first = at_first
        self._seen: dict[CloudName, Mapping[str, NodeFacts]] = {}
        self._states = {cloud.name: SweepState() for cloud in self._clouds}
        self._checked: set[CloudName] = set()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start a thread per cloud: a cloud that answers slowly does not delay the other."""
        self._threads = [
            threading.Thread(
                target=self._run, args=(cloud,), name=f"sweep-{cloud.name}", daemon=True
            )
            for cloud in self._clouds
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Start no more sweeps. One that is under way is left to end with the process."""
        self._stop.set()

    def state(self, cloud: CloudName) -> SweepState:
        """Return how the cloud's last sweep went."""
        return self._states[cloud]

    def sweep(self, cloud: Cloud) -> None:
        """Read one cloud whole, and wake every followed node that changed since the last time."""
        found = self._read(cloud)
        if isinstance(found, str):
            self._failed(cloud.name, found)
            return
        before, self._seen[cloud.name] = self._seen.get(cloud.name), found
        if self._states[cloud.name].error is not None:
            LOG.warning("the %s cloud can be read again", cloud.name)
        self._states[cloud.name] = SweepState(self._clock())
        for node in self._followed():
            if before is None or before.get(node) != found.get(node):
                self._wake(node)

    def _read(self, cloud: Cloud) -> Mapping[str, NodeFacts] | str:
        """Return all nodes by UUID, or why they cannot be had."""
        try:
            if cloud.name not in self._checked:
                cloud.check()
                self._at_first(cloud)
                self._checked.add(cloud.name)
            return {node.uuid: node for node in cloud.nodes()}
        except (CloudReadError, CloudSetupError) as error:
            return str(error)

    def _run(self, cloud: Cloud) -> None:
        while not self._stop.is_set():
            try:
                self.sweep(cloud)
            except Exception:
                LOG.exception(
                    "the sweep of the %s cloud failed by an error of ephyrad's own", cloud.name
                )
            self._stop.wait(self._interval())

    def _failed(self, name: CloudName, error: str) -> None:
        if self._states[name].error is None:
            LOG.warning("the %s cloud cannot be read: %s; trying again at every sweep", name, error)
        self._states[name] = replace(self._states[name], error=error)
