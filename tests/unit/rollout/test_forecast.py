# SPDX-License-Identifier: Apache-2.0
"""What would become of a rollout."""

from dataclasses import replace
from datetime import time, timedelta

from ephyrad.migration.facts import CloudName
from ephyrad.migration.states import State
from ephyrad.rollout.declaration import (
    Amount,
    ApprovalGate,
    CommandGate,
    Deadlines,
    Declaration,
    Drain,
    DrainRule,
    Floor,
    Gate,
    Limits,
    Selection,
    WaveRule,
    Window,
)
from ephyrad.rollout.forecast import Forecast, Pace, forecast, imagined
from tests.unit.rollout.builders import MINUTE, NOON, Story, held, migration, node, zones


def played(declared: Declaration, *names: str, slots: int = 2, in_use: str = "") -> Forecast:
    nodes = [node(name, instance="i" if name in in_use else None) for name in names]
    fleet = Story(nodes, declared=declared).standing.fleet
    pace = Pace(timedelta(minutes=20), slots)
    return forecast(imagined(declared, fleet), pace=pace, zones=zones)


def test_slots_decide_how_long_it_takes() -> None:
    found = played(Declaration("spring", (Selection(),)), *"abcde")

    assert (found.end, found.arrived, found.left) == (NOON + 60 * MINUTE, 5, "")
    assert dict(found.waves) == dict.fromkeys("abcde", 1)


def test_each_wave_waits_for_the_one_before_and_gates_pass_at_once() -> None:
    gates: dict[str, Gate] = {"smoke": CommandGate(("/bin/true",), MINUTE), "go": ApprovalGate()}
    waves = (WaveRule("canary", Amount(1), gates=("smoke", "go")), WaveRule("rest"))
    found = played(Declaration("spring", (Selection(),), waves=waves, gates=gates), *"abc")

    assert dict(found.waves) == {"a": 1, "b": 2, "c": 2}
    assert found.end == NOON + 40 * MINUTE
    assert [(point.wave, point.at) for point in found.points] == [
        (1, NOON),
        (2, NOON + 20 * MINUTE),
        (0, NOON + 40 * MINUTE),
    ]


def test_the_capacity_of_both_clouds_is_told_at_each_wave() -> None:
    waves = (WaveRule("one", Amount(1)),)
    found = played(Declaration("spring", (Selection(),), waves=waves), "a", "b")

    assert [(dict(point.old), dict(point.new)) for point in found.points] == [
        ({"baremetal": 2}, {}),
        ({"baremetal": 1}, {"baremetal": 1}),
        ({}, {"baremetal": 2}),
    ]


def test_owners_stay_and_a_floor_for_them_ends_it() -> None:
    floor = Floor(CloudName.OLD, "baremetal", Amount(1))
    found = played(Declaration("spring", (Selection(),), floors=(floor,)), *"abu", in_use="u")

    assert found.arrived == 1
    assert "at least 1 has to be" in found.left
    assert dict(found.kept) == {"b": found.left}


def test_an_instance_that_the_file_has_deleted_is_waited_for_as_long_as_its_notice() -> None:
    release = DrainRule(Drain.RELEASE, Selection(names=("u*",)), timedelta(days=1))
    waves = (WaveRule("two", Amount(2), waits_for_owners=True),)
    declared = Declaration("spring", (Selection(),), waves=waves, drains=(release,))

    found = played(replace(declared, order=("name",)), "a", "u", "v", "w", in_use="uw")

    assert dict(found.waves) == {"a": 1, "u": 1, "v": 2, "w": 2}
    assert found.arrivals == (
        NOON + 20 * MINUTE,
        NOON + timedelta(days=1, minutes=20),
        NOON + timedelta(days=1, minutes=40),
    )
    assert found.left == "the nodes of wave 2 to arrive"


def test_what_is_under_way_already_goes_on_and_keeps_its_slot() -> None:
    story = Story([node(name) for name in "abcde"], new=[node("f")])
    story.has(migration("a", State.CLEANING, at=NOON - 5 * MINUTE), migration("b"), held("c"))
    story.has(migration("d", State.DRAINED, aborting=True), migration("f", State.REGISTERED))

    standing = imagined(story.declared, story.standing.fleet)
    found = forecast(standing, pace=Pace(20 * MINUTE, 3), zones=zones)

    # Of e, which begins when a has left its slot.
    assert found.arrivals == (
        NOON + 15 * MINUTE,
        NOON + 20 * MINUTE,
        NOON + 20 * MINUTE,
        NOON + 35 * MINUTE,
    )
    assert found.left.startswith("every node was begun with; 1 is held")


def test_a_pause_that_will_come_is_told() -> None:
    deadlines = Deadlines(rollout=timedelta(minutes=30))
    found = played(Declaration("spring", (Selection(),), deadlines=deadlines), *"abcdef")

    assert found.arrived == 4
    assert found.left.startswith("it pauses: it was not over by 2026-11-25 12:30:00 UTC")


def test_a_window_is_waited_for() -> None:
    night = Window(frozenset(range(7)), time(22), time(6))
    found = played(Declaration("spring", (Selection(),), windows=(night,)), "a")

    assert found.end == NOON.replace(hour=22, minute=20)


def test_what_cannot_be_carried_stays_out_of_the_waves() -> None:
    declared = Declaration("spring", (Selection(),), limits=Limits(in_flight=1))
    fleet = Story([node("a"), node("b")], declared=declared).standing.fleet
    pace = Pace(timedelta(minutes=20), 9)

    found = forecast(imagined(declared, fleet), pace=pace, zones=zones, unfit=frozenset({"a"}))

    assert dict(found.waves) == {"b": 1}


def test_a_way_back_is_played_like_one_forward() -> None:
    story = Story([node("a"), node("b")]).returns()
    pace = Pace(timedelta(minutes=20), 2)

    found = forecast(imagined(story.declared, story.standing.fleet), pace=pace, zones=zones)

    assert (found.end, found.arrived, found.left) == (NOON + 20 * MINUTE, 2, "")
