# SPDX-License-Identifier: Apache-2.0
"""What a comparison need not decide on anew, and what it must."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ephyrad.engine.environment import comparison
from ephyrad.engine.environment.comparison import Comparison
from ephyrad.engine.environment.decided import Line
from ephyrad.engine.environment.people import Rules
from ephyrad.environment.decide import Seen, Step, decide
from ephyrad.environment.effects import Effect
from ephyrad.environment.entries import Asked, Concluded, Intended
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.environment.record import Record
from ephyrad.migration.identity import Account, By, Rule
from ephyrad.migration.outcomes import Refused
from tests.unit.engine.environment.rig import Rig, flavor, id_of, keypair

ANN, BOB = Account("ann", "ann", "Default"), Account("bob", "bob", "Default")
KEY, OTHER = keypair("ann"), keypair("bob")
NOBODYS = keypair("eve")


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the items that were decided on."""
    keys: list[str] = []

    def noting(record: Record, seen: Seen, policy: EnvironmentPolicy) -> Step:
        keys.append(record.item.key)
        return decide(record, seen, policy)

    monkeypatch.setattr(comparison, "decide", noting)
    return keys


@pytest.fixture
def compared(made: Rig) -> Rig:
    """Two keys in step, one whose owner is nobody, and one that people made in the new cloud."""
    made.old.users_, made.new.users_ = [ANN, BOB, Account("eve", "eve", "Default")], [ANN, BOB]
    for item in (KEY, OTHER):
        made.new.put(made.old.put(item))
    made.old.put(NOBODYS)
    made.new.put(keypair("ann", "theirs"))
    made.engine.sweep.sweep()
    made.run()
    compare(made)
    made.clock.advance(10)
    return made


def compare(made: Rig, kind: Kind = Kind.KEYPAIR) -> Comparison:
    return made.engine.comparer.compare(kind, made.tuning.policy)


def anew(made: Rig, kind: Kind = Kind.KEYPAIR) -> Comparison:
    return made.engine.comparer.compare(kind, made.tuning.policy, lambda record: record)


def told(found: Comparison) -> list[Line]:
    """Return what a comparison says, but for when it was seen."""
    lines = [replace(each, seen=replace(each.seen, at=found.at)) for each in found.lines]
    return sorted(lines, key=lambda each: each.item.key)


def _journal(made: Rig) -> None:
    made.journal.environment.append_each([(id_of(KEY), Asked(made.clock.now(), "root"))])


def _mapping(made: Rig) -> None:
    made.tune(rules=Rules(user=Rule(By.ID, {"ann": "bob"})))


def _nobody_any_more(made: Rig) -> None:
    made.new.users_ = [BOB]
    made.clock.advance(400)


def _appeared(made: Rig) -> None:
    made.new.users_ = [ANN, BOB, Account("eve", "eve", "Default")]


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        pytest.param(lambda made: None, [], id="nothing"),
        pytest.param(
            lambda made: made.old.put(replace(KEY, fields={**KEY.fields, "public_key": "B"})),
            [KEY.key],
            id="the old cloud's",
        ),
        pytest.param(
            lambda made: made.new.put(replace(KEY, fields={**KEY.fields, "public_key": "B"})),
            [KEY.key],
            id="the new cloud's",
        ),
        pytest.param(
            lambda made: made.new.collections[Kind.KEYPAIR].kept.pop(KEY.key),
            [KEY.key],
            id="deleted in the new cloud",
        ),
        pytest.param(
            lambda made: made.new.put(replace(KEY, mark="5eed")), [KEY.key], id="the mark"
        ),
        pytest.param(_journal, [KEY.key], id="the journal"),
        pytest.param(
            lambda made: made.allow(retry_refused=timedelta(1)),
            [KEY.key, OTHER.key, NOBODYS.key],
            id="the policy",
        ),
        pytest.param(_mapping, [KEY.key], id="the mapping"),
        pytest.param(_nobody_any_more, [KEY.key], id="a user is gone"),
        pytest.param(_appeared, [NOBODYS.key], id="a user appeared"),
    ],
)
def test_what_changed_is_decided_on_anew_and_nothing_else(
    compared: Rig, decided: list[str], change: Callable[[Rig], object], keys: list[str]
) -> None:
    change(compared)
    decided.clear()

    found = compare(compared)

    assert sorted(decided) == sorted(keys)
    assert told(found) == told(anew(compared))
    assert found.at == compared.clock.now()


def test_what_the_old_cloud_has_no_more_is_decided_on_anew(
    compared: Rig, decided: list[str]
) -> None:
    compared.old.collections[Kind.KEYPAIR].kept.clear()

    found = compare(compared)

    assert told(found) == told(anew(compared))
    assert NOBODYS.key in decided


def test_what_time_has_a_say_in_is_decided_on_each_time(made: Rig, decided: list[str]) -> None:
    item = made.old.put(flavor())
    _refused(made, item)

    for _ in range(2):
        compare(made, Kind.FLAVOR)
    before = decided.count(item.key)
    made.clock.advance(4000)

    (line,) = compare(made, Kind.FLAVOR).lines
    assert before == 2
    assert line.step == anew(made, Kind.FLAVOR).lines[0].step


def _refused(made: Rig, item: Item) -> None:
    at, journal = made.clock.now(), made.journal.environment
    intended = Intended(at, "1", Effect.CREATE, item.name, item.key, item.digest)
    journal.append_each([(id_of(item), intended)])
    journal.append_each([(id_of(item), Concluded(at, "1", Refused(403, "quota")))])
