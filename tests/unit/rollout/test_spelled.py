# SPDX-License-Identifier: Apache-2.0
"""What a declaration has is told in the words of its file."""

from dataclasses import replace
from datetime import time, timedelta

from ephyrad.migration.facts import CloudName
from ephyrad.rollout.changes import between
from ephyrad.rollout.declaration import (
    Amount,
    CommandGate,
    Declaration,
    Drain,
    DrainRule,
    Floor,
    Limits,
    Rate,
    Selection,
    WaveRule,
    Window,
)
from ephyrad.rollout.spelled import spelled

BEFORE = Declaration("spring", (Selection(names=("*",)),))


def changed(**fields: object) -> list[tuple[str, object, object]]:
    after = replace(BEFORE, **fields)  # type: ignore[arg-type]
    return list(between(spelled(BEFORE), spelled(after)))


def test_a_change_is_told_as_the_file_has_it() -> None:
    release = DrainRule(Drain.RELEASE, Selection(owners=("ci",)), timedelta(days=1, hours=12))
    limits = Limits(by_value={"extra.rack": 2}, starts=Rate(30, timedelta(hours=1)))
    window = Window(frozenset({0, 4}), time(22), time(6))

    assert changed(drains=(release,)) == [
        ("drain[0]", None, {"nodes": {"owner": ["ci"]}, "policy": "release", "notice": "1d12h"})
    ]
    assert changed(limits=limits) == [
        ("limits.starts", None, {"count": 30, "per": "1h"}),
        ("limits.per", None, {"extra.rack": 2}),
    ]
    assert changed(windows=(window,)) == [
        (
            "windows[0]",
            None,
            {"days": ["mon", "fri"], "from": "22:00", "to": "06:00", "zone": "UTC"},
        )
    ]
    assert changed(floors=(Floor(CloudName.OLD, "gpu", Amount(percent=12.5)),)) == [
        ("floors.old", None, {"gpu": "12.5%"})
    ]
    assert changed(gates={"go": CommandGate(("/bin/true",), timedelta(seconds=90))}) == [
        ("gates.go", None, {"command": ["/bin/true"], "within": "1m30s"})
    ]


def test_only_what_differs_is_told_with_its_place() -> None:
    waves = (WaveRule("all", Amount(count=3), waits_for_owners=True),)

    assert changed(waves=waves) == [
        ("waves[0].size", None, 3),
        ("waves[0].wait_for_owners", None, True),
    ]
    assert changed() == []
