# SPDX-License-Identifier: Apache-2.0
"""The one table: each pair of state and trigger is allowed, ignored or refused, and only one."""

import pytest

from ephyrad.migration.states import (
    ALLOWED,
    IGNORED,
    REFUSED,
    State,
    TransitionRefusedError,
    Trigger,
    advance,
    at_least,
)

ORDER = ["active", "drained", "cleaning", "transferred", "registered", "compute-ready"]
# Row: trigger. Column: state, in the order above. > allowed, = ignored, x refused.
TABLE = {
    Trigger.DRAIN: "> = = = = =",
    Trigger.CLEAN: "x > = = = =",
    Trigger.TRANSFER: "x x > = = =",
    Trigger.REGISTER: "x x x > = =",
    Trigger.OFFER: "x x x x > =",
    Trigger.RESTORE: "= > > > x x",
}
PAIRS = [
    (State(state), trigger, mark)
    for trigger, row in TABLE.items()
    for state, mark in zip(ORDER, row.split(), strict=True)
]


def test_the_states_are_the_operators_own_in_their_order() -> None:
    assert [state.value for state in State] == ORDER


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(Trigger)


@pytest.mark.parametrize(("state", "trigger", "mark"), PAIRS)
def test_each_pair_is_one_of_three(state: State, trigger: Trigger, mark: str) -> None:
    allowed = [edge for edge in ALLOWED if (edge.trigger, edge.source) == (trigger, state)]

    found = (len(allowed), IGNORED.count((trigger, state)), REFUSED.count((trigger, state)))

    assert found == {">": (1, 0, 0), "=": (0, 1, 0), "x": (0, 0, 1)}[mark]


@pytest.mark.parametrize(("state", "trigger", "mark"), PAIRS)
def test_the_machine_does_what_the_table_says(state: State, trigger: Trigger, mark: str) -> None:
    if mark == "x":
        sources = ", ".join(edge.source for edge in ALLOWED if edge.trigger is trigger)
        with pytest.raises(TransitionRefusedError) as refused:
            advance(state, trigger)
        assert str(refused.value) == (
            f"{trigger} is refused in state {state}: it is allowed from {sources} only"
        )
        assert (refused.value.state, refused.value.trigger) == (state, trigger)
        return
    on = "active" if trigger is Trigger.RESTORE else ORDER[(ORDER.index(state) + 1) % len(ORDER)]
    following = on if mark == ">" else None
    assert advance(state, trigger) == following


def test_every_edge_says_what_must_be_known() -> None:
    assert [edge for edge in ALLOWED if len(edge.known) < len("it is so")] == []


@pytest.mark.parametrize("state", list(State))
def test_a_state_is_as_far_as_itself_and_all_before(state: State) -> None:
    reached = [other.value for other in State if at_least(state, other)]

    assert reached == ORDER[: ORDER.index(state) + 1]
