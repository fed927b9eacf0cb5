# SPDX-License-Identifier: Apache-2.0
"""The states of a migration and the one table of the edges between them.

A state says what is *known* of a node, not what is being tried. Trouble is not a state: it is a
hold (see :mod:`ephyrad.migration.migration`).
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

import transitions


class State(enum.StrEnum):
    """What is known of a node on its way from the old cloud to the new one; see MEANS."""

    ACTIVE = "active"
    DRAINED = "drained"
    CLEANING = "cleaning"
    TRANSFERRED = "transferred"
    REGISTERED = "registered"
    COMPUTE_READY = "compute-ready"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is known of a node in a state, and which cloud owns the power of its BMC."""

    known: str
    power: str


MEANS: Mapping[State, Meaning] = {
    State.ACTIVE: Meaning("it is in the old cloud; it may hold an instance", "old cloud"),
    State.DRAINED: Meaning(
        "nothing runs on it, and no scheduler can place anything on it any more", "old cloud"
    ),
    State.CLEANING: Meaning(
        "the old Ironic cleans it, has cleaned it, or leaves that to the new cloud", "old cloud"
    ),
    State.TRANSFERRED: Meaning(
        "it is fenced; its document is durable, and the new cloud holds an equal record", "nobody"
    ),
    State.REGISTERED: Meaning(
        "cleaned; the new Ironic verified the BMC and made it available; the old record is gone",
        "new cloud",
    ),
    State.COMPUTE_READY: Meaning("the new placement offers it", "new cloud"),
}


class Trigger(enum.StrEnum):
    """What was found out about a node; each leads to one state."""

    DRAIN = "drain"
    CLEAN = "clean"
    TRANSFER = "transfer"
    REGISTER = "register"
    OFFER = "offer"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Edge:
    """One allowed transition: from where, to where, and what one must know to take it."""

    trigger: Trigger
    source: State
    dest: State
    known: str


FORTH = (
    Edge(
        Trigger.DRAIN,
        State.ACTIVE,
        State.DRAINED,
        "the old Ironic and the old Nova show no instance, and the node is retired",
    ),
    Edge(
        Trigger.CLEAN,
        State.DRAINED,
        State.CLEANING,
        "the old Ironic cleans it or has cleaned it; an idle node is cleaned by the new cloud",
    ),
    Edge(
        Trigger.TRANSFER,
        State.CLEANING,
        State.TRANSFERRED,
        "cleaning is over or left to the new cloud; fenced; read back equal in the new cloud",
    ),
    Edge(
        Trigger.REGISTER,
        State.TRANSFERRED,
        State.REGISTERED,
        "BMC verified, cleaned, available in the new Ironic, nothing left in the old cloud",
    ),
    Edge(
        Trigger.OFFER,
        State.REGISTERED,
        State.COMPUTE_READY,
        "the new placement offers it to schedulers",
    ),
)
"""The edges from the old cloud to the new one, in order."""

BACK = tuple(
    Edge(
        Trigger.RESTORE,
        source,
        State.ACTIVE,
        "aborted; the new cloud has no record of it, and the old Ironic has its BMC again",
    )
    for source in (State.DRAINED, State.CLEANING, State.TRANSFERRED)
)
"""The edges of a node that goes back, as long as its old record was not to be deleted."""

ALLOWED = FORTH + BACK

_ORDER = tuple(State)

# A trigger that comes again after its edge was taken is a duplicate or a late arrival.
IGNORED = (
    *(
        (edge.trigger, state)
        for edge in FORTH
        for state in _ORDER
        if _ORDER.index(state) >= _ORDER.index(edge.dest)
    ),
    (Trigger.RESTORE, State.ACTIVE),
)

# A trigger that comes before its edge's source would skip what must be known first; and from where
# the old record is gone, nothing leads back.
REFUSED = (
    *(
        (edge.trigger, state)
        for edge in FORTH
        for state in _ORDER
        if _ORDER.index(state) < _ORDER.index(edge.source)
    ),
    *((Trigger.RESTORE, state) for state in (State.REGISTERED, State.COMPUTE_READY)),
)

# One machine for all nodes and no model of its own: registering a model per node is quadratic,
# and the automatic `to_X` triggers would be a back door past the table.
_MACHINE = transitions.Machine(
    model=None,
    states=[state.value for state in State],
    initial=State.ACTIVE.value,
    transitions=[
        *(
            {"trigger": e.trigger.value, "source": e.source.value, "dest": e.dest.value}
            for e in ALLOWED
        ),
        *({"trigger": t.value, "source": s.value, "dest": None} for t, s in IGNORED),
    ],
    auto_transitions=False,
)


class TransitionRefusedError(Exception):
    """The table has no edge for this trigger in this state; nothing was changed."""

    def __init__(self, state: State, trigger: Trigger) -> None:
        self.state = state
        self.trigger = trigger
        sources = ", ".join(edge.source for edge in ALLOWED if edge.trigger is trigger)
        super().__init__(
            f"{trigger} is refused in state {state}: it is allowed from {sources} only"
        )


def advance(state: State, trigger: Trigger) -> State | None:
    """Return the state that `trigger` leads to from `state`, or None where it is ignored.

    :raises TransitionRefusedError: the trigger would skip a state.
    """
    found = _MACHINE.get_transitions(trigger.value, state.value)
    if not found:
        raise TransitionRefusedError(state, trigger)
    dest = found[0].dest
    return None if dest is None else State(dest)


def at_least(state: State, reached: State) -> bool:
    """Return whether a migration in `state` has come as far as `reached`."""
    return _ORDER.index(state) >= _ORDER.index(reached)
