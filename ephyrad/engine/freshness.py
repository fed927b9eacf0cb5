# SPDX-License-Identifier: Apache-2.0
"""How old what was seen may be for an effect to rest on it."""

from datetime import timedelta

from ephyrad.migration.outcomes import Unreachable

FRESH = timedelta(seconds=60)
"""For how long after it was begun an effect may rest on a sighting."""


def stale(age: timedelta) -> Unreachable | None:
    """Return why an effect is not performed on what was seen so long ago, None if it is.

    A cloud or the journal's disk may have been slow, or the process stopped for a while. The wall
    clock tells that too, where the monotonic one stands still while the machine is suspended; after
    it was set back, nobody knows.
    """
    if timedelta() <= age <= FRESH:
        return None
    return Unreachable(
        f"not tried, as both clouds were looked at {round(age.total_seconds())} s before"
    )
