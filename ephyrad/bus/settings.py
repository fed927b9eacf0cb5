# SPDX-License-Identifier: Apache-2.0
"""What a listener must be told about one cloud's bus."""

from dataclasses import dataclass, field

from ephyrad.migration.facts import CloudName

# Those the clouds' services send at; `audit` and `sample` are of other services.
PRIORITIES = ("debug", "info", "warn", "error", "critical")

# Topics whose queues the clouds' services declare by themselves, for whoever reads them.
DEFAULT_TOPICS = frozenset(
    {"ironic_versioned_notifications", "versioned_notifications", "notifications"}
)


class BusSetupError(Exception):
    """A bus cannot be used as configured; the message names the option and the cure."""


class NotSentError(Exception):
    """The broker did not take a notification, or nobody knows whether it did."""


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """Where ephyrad's own notifications go, on which topics, and from which host.

    The URL may hold a password and is kept out of `repr`.
    """

    transport_url: str = field(repr=False)
    topics: tuple[str, ...]
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BusSettings:
    """One cloud's bus.

    `transport_url` is an oslo.messaging transport URL; the options of `[oslo_messaging_rabbit]`
    may stand in its query and then hold for this cloud only. It may hold a password and is kept
    out of `repr`. `pool` names a queue of our own beside the default ones; without it, topics
    of our own are needed, or messages are taken from other consumers. `prefetch`: how many
    messages the broker may hand out before they are acknowledged. Times are in seconds:
    `look_seconds` between two looks at the broker, `stall_seconds` without progress until the
    listener is rebuilt, `silence_seconds` without any message until a warning says so (0: never).
    """

    cloud: CloudName
    transport_url: str = field(repr=False)
    ironic_exchange: str = "ironic"
    ironic_topics: tuple[str, ...] = ("ironic_versioned_notifications",)
    nova_exchange: str = "nova"
    nova_topics: tuple[str, ...] = ("versioned_notifications",)
    glance_exchange: str = "glance"
    glance_topics: tuple[str, ...] = ()
    pool: str | None = None
    prefetch: int = 100
    look_seconds: float = 10.0
    stall_seconds: float = 60.0
    silence_seconds: float = 1800.0

    @property
    def feeds(self) -> tuple[tuple[str, str], ...]:
        """Each (exchange, topic) that is listened to."""
        topics = (
            (self.ironic_exchange, self.ironic_topics),
            (self.nova_exchange, self.nova_topics),
            (self.glance_exchange, self.glance_topics),
        )
        return tuple((exchange, topic) for exchange, names in topics for topic in names)

    @property
    def queues(self) -> tuple[str, ...]:
        """The broker's names of the queues that are read: the pool's, or one per priority."""
        if self.pool:
            return (self.pool,)
        topics = sorted({topic for _, topic in self.feeds})
        return tuple(f"{topic}.{priority}" for topic in topics for priority in PRIORITIES)

    @property
    def shared_topics(self) -> tuple[str, ...]:
        """Default topics that are read without a pool: other consumers lose what we take."""
        if self.pool:
            return ()
        return tuple(sorted({topic for _, topic in self.feeds} & DEFAULT_TOPICS))

    @property
    def own_queues(self) -> tuple[str, ...]:
        """Those of the queues that nobody else reads, by these settings."""
        shared = tuple(f"{topic}." for topic in self.shared_topics)
        return tuple(name for name in self.queues if not name.startswith(shared))
