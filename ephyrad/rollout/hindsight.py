# SPDX-License-Identifier: Apache-2.0
"""The plan of a rollout that was begun: how its file would have had it go, seen from today.

It is the forecast, played from the rollout's start with its nodes where they were then. What was in
use then and has arrived since counts as idle: nobody could have known when.
"""

from datetime import datetime

from ephyrad.rollout.forecast import Pace, forecast, idle, imagined
from ephyrad.rollout.standing import Fleet, Standing
from ephyrad.rollout.windows import Zones


def hindsight(standing: Standing, *, pace: Pace, zones: Zones) -> tuple[datetime, ...]:
    """Return the moments at which nodes would have arrived by the rollout's file."""
    before = _before(standing)
    found = forecast(imagined(standing.rollout.declared, before), pace=pace, zones=zones)
    return found.arrivals


def _before(standing: Standing) -> Fleet:
    """Return the fleet as it was at the start: what was carried is back, and idle."""
    leaving, entering = dict(standing.leaving), dict(standing.entering)
    for journey in standing.journeys:
        found = entering.pop(journey.node, None) or leaving.get(journey.node)
        if found is not None and not standing.waits_for_owner(journey):
            leaving[journey.node] = idle(found)
    forward = standing.leaving is standing.fleet.old
    old, new = (leaving, entering) if forward else (entering, leaving)
    return Fleet(standing.rollout.started_at, old, new, {})
