# SPDX-License-Identifier: Apache-2.0
"""The journal's size and trouble, and the daemon's own health."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from ephyrad.engine.engine import Engine
from ephyrad.engine.health import health
from ephyrad.metrics.families import gauge, gauges


def journal(engine: Engine) -> Iterator[Metric]:
    """Give how the journal stands."""
    file, wal = engine.journal.sizes()
    yield gauges(
        "ephyrad_journal_bytes",
        "The size of the journal's file and of its write-ahead log.",
        ("file",),
        {("journal",): file, ("wal",): wal},
    )
    yield gauge(
        "ephyrad_journal_trouble",
        "1 while the journal cannot be written, and so nothing is done.",
        float(engine.journal.trouble is not None),
    )


def daemon(engine: Engine, version: str) -> Iterator[Metric]:
    """Give how the daemon stands."""
    found = health(engine)
    yield gauges("ephyrad_build_info", "Always 1.", ("version",), {(version,): 1.0})
    yield gauge("ephyrad_live", "1 while all of the daemon's threads go on.", float(found.live))
    yield gauge(
        "ephyrad_ready",
        "1 while it can do its work: it lives, the journal can be written, both clouds be read.",
        float(found.ready),
    )
