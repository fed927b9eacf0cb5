# SPDX-License-Identifier: Apache-2.0
"""How many nodes stand where, and who waits for what."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import Metric

from ephyrad.engine.engine import Engine
from ephyrad.metrics.families import gauge, gauges
from ephyrad.migration.direction import Direction
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause


def nodes(engine: Engine) -> Iterator[Metric]:
    """Give the counts of nodes."""
    migrations = engine.journal.migrations()
    stand = Counter((each.state, each.direction) for each in migrations)
    causes = Counter(each.hold.cause for each in migrations if each.hold is not None)
    yield gauges(
        "ephyrad_nodes",
        "Nodes that were asked for, by state and direction.",
        ("state", "direction"),
        {(state, way): stand[state, way] for state in State for way in Direction},
    )
    yield gauge(
        "ephyrad_nodes_unfinished",
        "Nodes that have neither arrived nor are back where they were.",
        sum(not each.over for each in migrations),
    )
    yield gauges(
        "ephyrad_nodes_held",
        "Nodes that are held now, by the cause.",
        ("cause",),
        {(cause,): causes[cause] for cause in Cause},
    )
    yield gauge(
        "ephyrad_strays",
        "Nodes that bear ephyrad's mark and are not in the journal, as found last.",
        len(engine.strays.found()),
    )


def slots(engine: Engine) -> Iterator[Metric]:
    """Give how the slots and the workers are used."""
    for_slot, for_worker = engine.crew.waiting()
    limit = engine.tuning().max_in_flight
    yield gauge("ephyrad_slots_taken", "Nodes that are worked on.", engine.slots.taken)
    yield gauge(
        "ephyrad_slots_limit",
        "The most there may be (max_in_flight).",
        limit,
    )
    yield gauge("ephyrad_nodes_waiting_for_slot", "Nodes that wait for a slot.", for_slot)
    yield gauge("ephyrad_nodes_waiting_for_worker", "Nodes that wait for a thread.", for_worker)
