# SPDX-License-Identifier: Apache-2.0
"""How each standing of a node looks: a letter and a word beside its colour."""

from dataclasses import dataclass

from ephyrad.engine.fleet_answers import MarkAnswer
from ephyrad.migration.states import MEANS, State


@dataclass(frozen=True, slots=True)
class Look:
    """`code` names it in addresses and in the style sheet, `word` to people, `means` in words."""

    code: str
    word: str
    means: str


UNTOUCHED = Look("untouched", "not asked for", "it is in the old cloud; nobody asked for it")
HELD = Look("held", "held", "it stopped, with the reason in words, and waits for a person")
BACK = Look("back", "went back", "it was aborted, and is back where it was")
_STATES = {state.value: Look(state.value, state.value, MEANS[state].known) for state in State}
LOOKS = (UNTOUCHED, *_STATES.values(), HELD, BACK)
"""In the order of a node's way."""

_LEFT = {"forward": "old", "back": "new"}

BY_CODE = {look.code: look for look in LOOKS}


def look_of(mark: MarkAnswer) -> Look:
    """Return how a node looks: a hold hides the state that it is held in."""
    if mark.state is None:
        return UNTOUCHED
    if mark.cause is not None:
        return HELD
    return BACK if mark.restored else _STATES[mark.state]


def words_of(mark: MarkAnswer) -> str:
    """Return what a mark says in words, without the node's name."""
    look = look_of(mark)
    way = " (back to the old cloud)" if mark.direction == "back" else ""
    if mark.aborting:
        way = f" (aborted, on its way back to the {_LEFT[mark.direction]} cloud)"
    if look is HELD:
        return f"held in {mark.state}{way}: {mark.cause}"
    return f"{look.word}{way}"
