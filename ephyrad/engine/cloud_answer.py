# SPDX-License-Identifier: Apache-2.0
"""A cloud as operators see it: how it is heard and reached, and what of its bus was unreadable."""

from collections.abc import Iterable

from ephyrad.engine.answers import BusAnswer, CloudAnswer, QuarantineAnswer
from ephyrad.engine.sweep import SweepState
from ephyrad.journal.quarantine import Quarantined
from ephyrad.migration.facts import CloudName


def cloud_answer(
    name: CloudName, bus: BusAnswer, sweep: SweepState, quarantine: Iterable[Quarantined]
) -> CloudAnswer:
    """Return how a cloud is heard and reached; of the quarantine, what is of its bus."""
    return CloudAnswer(
        cloud=name.value,
        bus=bus.words,
        last_notification=bus.last,
        notifications=bus.count,
        last_sweep=sweep.at,
        sweep_error=sweep.error,
        quarantine=tuple(_quarantine(each) for each in quarantine if each.last.cloud is name),
    )


def _quarantine(found: Quarantined) -> QuarantineAnswer:
    last = found.last
    return QuarantineAnswer(
        kind=last.kind,
        reason=last.reason,
        count=last.count,
        first_at=found.first_at,
        last_at=found.last_at,
        message_id=last.message_id,
        event_type=last.event_type,
        size=last.size,
        sha256=last.sha256,
    )
