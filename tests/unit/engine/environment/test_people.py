# SPDX-License-Identifier: Apache-2.0
"""Who is who is asked of both Keystones, and not more often than need be."""

from typing import Any, cast

import pytest

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.environment.people import People, Rules
from ephyrad.engine.perform import Clouds
from ephyrad.environment.translate import Nobody
from ephyrad.migration.facts import CloudName
from ephyrad.migration.identity import Account, By, Rule
from ephyrad.testing.clock import VirtualClock
from tests.fakes.cloud_environment import FakeEnvironment

ANN = Account("ann-old", "ann", "Default")


class Keystones:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.old, self.new = FakeEnvironment(CloudName.OLD), FakeEnvironment(CloudName.NEW)
        self.old.users_ = [ANN]
        self.new.users_ = [Account("ann-new", "ann", "Default")]
        self.new.projects_ = [Account("p1", "p", "Default")]
        self.rules = Rules(user=Rule(By.NAME))
        clouds = Clouds(cast("Any", self.old), cast("Any", self.new))
        self.people = People(clouds, lambda: self.rules, self.clock.monotonic)


@pytest.fixture
def keystones() -> Keystones:
    return Keystones()


def test_users_and_projects_are_found_by_their_own_rules(keystones: Keystones) -> None:
    assert keystones.people.names.user("ann-old") == "ann-new"
    assert keystones.people.names.project("p1") == "p1"


def test_lists_are_kept_for_a_while(keystones: Keystones) -> None:
    for _ in range(3):
        keystones.people.user("ann-old")
        keystones.clock.advance(60)

    assert keystones.old.calls == ["users"]


def test_somebody_who_is_not_found_is_looked_for_once_more(keystones: Keystones) -> None:
    keystones.people.user("ann-old")
    keystones.old.users_.append(Account("bob-old", "bob", "Default"))
    keystones.new.users_.append(Account("bob-new", "bob", "Default"))
    keystones.clock.advance(6)

    assert keystones.people.user("bob-old") == "bob-new"


def test_a_thousand_unknown_ones_cost_one_look(keystones: Keystones) -> None:
    for number in range(1000):
        found = keystones.people.user(f"nobody-{number}")
        assert isinstance(found, Nobody)
        assert "mapping file" in found.reason

    assert keystones.old.calls == ["users"]


def test_a_keystone_that_cannot_be_read_decides_nothing(keystones: Keystones) -> None:
    keystones.new.unreadable.add("users")

    with pytest.raises(CloudReadError, match="503"):
        keystones.people.user("ann-old")


def test_other_rules_are_heeded_at_once(keystones: Keystones) -> None:
    keystones.people.user("ann-old")
    keystones.rules = Rules(user=Rule(By.TABLE, {"ann": "ann-new"}))

    assert keystones.people.user("ann-old") == "ann-new"
