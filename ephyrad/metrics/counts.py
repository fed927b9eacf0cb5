# SPDX-License-Identifier: Apache-2.0
"""What is counted as it happens, after it was written down; since the daemon was started."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from ephyrad.engine.told import Performed, Told, Written
from ephyrad.environment.effects import Effect as ItemEffect
from ephyrad.migration import effects
from ephyrad.migration.direction import Direction
from ephyrad.migration.entries import Held, Lifted, Moved
from ephyrad.migration.states import ALLOWED
from ephyrad.migration.steps import Cause

_NODE_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_ITEM_BUCKETS = (0.1, 0.5, 1, 5, 30, 60, 300, 900, 3600, 14400)


class Counts:
    """Counters and histograms. All that may be counted from begins at 0, so that a rate sees it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._transitions = Counter(
            "ephyrad_transitions",
            "Changes of a node's state, by the edge of the table.",
            ("direction", "from", "to"),
            registry=registry,
        )
        self._holds = Counter(
            "ephyrad_holds", "Times that a node was held.", ("cause",), registry=registry
        )
        self._lifted = Counter(
            "ephyrad_holds_lifted", "Times that a node was released.", registry=registry
        )
        self._seconds = Histogram(
            "ephyrad_effect_seconds",
            "How long the calls took that change a cloud, for nodes.",
            ("effect", "outcome"),
            buckets=_NODE_BUCKETS,
            registry=registry,
        )
        self._retries = Counter(
            "ephyrad_effect_retries",
            "Tries of an effect on a node after the first one.",
            ("effect",),
            registry=registry,
        )
        self._item_seconds = Histogram(
            "ephyrad_environment_effect_seconds",
            "How long the calls took that change a cloud, for items of the environment.",
            ("effect", "outcome"),
            buckets=_ITEM_BUCKETS,
            registry=registry,
        )
        self._item_retries = Counter(
            "ephyrad_environment_effect_retries",
            "Tries of an effect on an item after the first one.",
            ("effect",),
            registry=registry,
        )
        self._begin_at_zero()

    def tell(self, told: Told) -> None:
        """Count what was written down."""
        match told:
            case Written(direction, Moved(source=source, dest=dest)):
                self._transitions.labels(direction, source, dest).inc()
            case Written(_, Held(cause=cause)):
                self._holds.labels(cause).inc()
            case Written(_, Lifted()):
                self._lifted.inc()
            case Performed(on_item=True):
                self._performed(told, self._item_seconds, self._item_retries)
            case Performed():
                self._performed(told, self._seconds, self._retries)
            case _:
                pass

    @staticmethod
    def _performed(told: Performed, seconds: Histogram, retries: Counter) -> None:
        outcome = type(told.outcome).__name__.lower()
        seconds.labels(told.effect, outcome).observe(told.seconds)
        if told.again:
            retries.labels(told.effect).inc()

    def _begin_at_zero(self) -> None:
        for direction in Direction:
            for edge in ALLOWED:
                self._transitions.labels(direction, edge.source, edge.dest)
        for cause in Cause:
            self._holds.labels(cause)
        for effect in effects.Effect.__args__:
            self._retries.labels(effect.__name__)
        for each in ItemEffect:
            self._item_retries.labels(each)
