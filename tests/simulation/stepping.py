# SPDX-License-Identifier: Apache-2.0
"""The crew without its threads: one turn at a time, of a node that chance chooses."""

import random

from ephyrad.engine.crew import Crew


def take_one(crew: Crew, rng: random.Random) -> bool:
    """Take the turn of one of the nodes that a worker could take now; False: there is none.

    What a worker does between two turns is the crew's own; only the choice is ours. An error of
    ephyrad's own ends the run, where a worker would log it and go on.
    """
    with crew._changed:
        crew._collect_due()
        if not crew._ready:
            return False
        node = rng.choice(list(crew._ready))
        crew._begin(node)
    crew._put_back(node, crew._take(node))
    return True


def due_in(crew: Crew) -> float | None:
    """Return the seconds until a node's time comes, None where none waits for it."""
    if crew._ready:
        return 0.0
    return crew._heap[0][0] - crew._monotonic() if crew._heap else None
