# SPDX-License-Identifier: Apache-2.0
"""How ephyrad's own notifications get to the new cloud's bus."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from ephyrad.engine.announcer import Announcer
from ephyrad.metrics.families import counters, gauge


def announcements(announcer: Announcer | None) -> Iterator[Metric]:
    """Give how many were sent and wait; nothing where none are sent."""
    if announcer is None:
        return
    found = announcer.status()
    yield counters(
        "ephyrad_notifications_sent",
        "Notifications of ephyrad's own that the new cloud's bus took.",
        (),
        {(): found.sent},
    )
    yield counters(
        "ephyrad_notifications_failures",
        "Tries to send one that failed; it is sent again.",
        (),
        {(): found.failures},
    )
    yield gauge(
        "ephyrad_notifications_waiting",
        "Notifications of ephyrad's own that are still to be sent.",
        found.waiting,
    )
