# SPDX-License-Identifier: Apache-2.0
"""All metrics put together: what is counted as it happens, and what is looked up when asked.

What is looked up is read from memory and the journal when Prometheus asks, so that nothing has to
be kept up to date, and nothing can be forgotten.
"""

import logging
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import (
    CollectorRegistry,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from ephyrad.engine.announcer import Announcer
from ephyrad.engine.engine import Engine
from ephyrad.engine.rollout_answers import RolloutOperations
from ephyrad.engine.told import Told
from ephyrad.metrics import announcements, clouds, environment, journal, nodes, rollouts
from ephyrad.metrics.counts import Counts
from ephyrad.metrics.families import gauge

LOG = logging.getLogger(__name__)

Part = Callable[[], Iterable[Metric]]


class Metrics:
    """Made before the engine, which tells it what happens; shown the engine afterwards."""

    def __init__(self) -> None:
        # When each series began is of use to nobody, and doubles the counters.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._counts = Counts(self.registry)
        ProcessCollector(registry=self.registry)

    def tell(self, told: Told) -> None:
        """Count what was written down."""
        self._counts.tell(told)

    def observe(
        self,
        engine: Engine,
        hearing: clouds.BusState,
        asked: RolloutOperations,
        version: str,
        mailbox: clouds.MailboxState = lambda: None,
        *,
        announcer: Announcer | None = None,
    ) -> None:
        """Look at this engine from now on, each time that somebody asks."""
        began = engine.clock()
        parts: tuple[Part, ...] = (
            lambda: journal.daemon(engine, version),
            lambda: nodes.nodes(engine),
            lambda: nodes.slots(engine),
            lambda: clouds.bus(engine, hearing, began),
            lambda: clouds.mailbox(mailbox),
            lambda: clouds.inbox(engine),
            lambda: clouds.quarantine(engine),
            lambda: clouds.sweeps(engine, began),
            lambda: journal.journal(engine),
            lambda: rollouts.rollout(engine, asked),
            lambda: environment.items(engine),
            lambda: environment.uploads(engine),
            lambda: announcements.announcements(announcer),
        )
        self.registry.register(_Observed(parts))

    def text(self) -> bytes:
        """Return all of them in Prometheus' text format, version 0.0.4."""
        return generate_latest(self.registry)


class _Observed(Collector):
    """Gives each part. Where one cannot be had, the others are given without it."""

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self._parts = parts

    def describe(self) -> Iterable[Metric]:
        """Say nothing beforehand: else all would be looked up at once."""
        return ()

    def collect(self) -> Iterator[Metric]:
        failed = 0
        for part in self._parts:
            try:
                yield from list(part())
            except Exception as error:
                # A disk's trouble has been told by the journal.
                LOG.debug("metrics: a part of them cannot be had: %s", error, exc_info=True)
                failed += 1
        yield gauge(
            "ephyrad_metrics_missing_parts",
            "Groups of metrics that could not be had this time; 0 where all is well.",
            failed,
        )
