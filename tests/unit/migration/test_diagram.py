# SPDX-License-Identifier: Apache-2.0
"""The text that is drawn from the table."""

import pytest

from ephyrad.migration.diagram import mark, text
from ephyrad.migration.states import BACK, FORTH, MEANS, State, Trigger


def test_every_state_has_a_meaning_in_its_order() -> None:
    assert list(MEANS) == list(State)


def test_all_that_the_table_says_is_shown_in_its_order() -> None:
    shown = " ".join(text().replace("|", " ").split())

    said = [
        words
        for state, meaning in MEANS.items()
        for words in (
            f"{state} {meaning.known}. Power: {meaning.power}.",
            *(f"{edge.trigger}: {edge.known}" for edge in FORTH if edge.source is state),
        )
    ] + [f"{edge.source} -> {edge.dest}" for edge in BACK]
    places = [shown.find(words) for words in said]
    assert -1 not in places
    assert places == sorted(places)


def test_what_leads_back_is_said_once() -> None:
    shown = " ".join(text().split())

    assert shown.count(f"{BACK[0].trigger}: {BACK[0].known}.") == 1


def test_the_last_lines_are_the_table() -> None:
    heading, *rows = [line.split() for line in text().splitlines()[-1 - len(Trigger) :]]

    assert heading == [state.value for state in State]
    assert rows == [
        [trigger.value, *(mark(trigger, state) for state in State)] for trigger in Trigger
    ]


@pytest.mark.parametrize(
    ("trigger", "state", "expected"),
    [
        (Trigger.TRANSFER, State.DRAINED, "refused"),
        (Trigger.TRANSFER, State.CLEANING, "transferred"),
        (Trigger.TRANSFER, State.TRANSFERRED, "ignored"),
    ],
)
def test_a_trigger_leads_on_or_is_ignored_or_refused(
    trigger: Trigger, state: State, expected: str
) -> None:
    assert mark(trigger, state) == expected


def test_the_way_fits_a_terminal() -> None:
    way = text().splitlines()[: -2 - len(Trigger)]

    assert [line for line in way if len(line) > 80 or line != line.rstrip()] == []
