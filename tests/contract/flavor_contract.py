# SPDX-License-Identifier: Apache-2.0
"""What is relied on of flavors, as tests that every cloud's environment passes."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ephyrad.clouds.environment.port import Collection
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Refused
from tests.contract.environment_stage import EnvironmentStage

SPECS = {"resources:CUSTOM_BAREMETAL_GOLD": "1", "resources:VCPU": "0", "a b.c": "d"}


class OfFlavors:
    """The flavors of one test."""

    def __init__(self, stage: EnvironmentStage) -> None:
        self._flavors = stage.collection(Kind.FLAVOR)
        self._made: list[str] = []

    def item(self, key: str | None = None, **fields: Any) -> Item:
        """Return a flavor as it is to be created."""
        key = key or f"contract-{uuid.uuid4().hex[:8]}"
        self._made.append(key)
        body = {"name": key, "ram": 8, "vcpus": 1, "disk": 3, **fields}
        return Item(Kind.FLAVOR, key, body["name"], body)

    def make(self, key: str | None = None, **fields: Any) -> Item:
        """Create a flavor, and return how it is found."""
        item = self.item(key, **fields)
        assert self._flavors.create(item) == Done()
        found = self._flavors.item(item.key)
        assert found is not None
        return found

    def remove_all(self) -> None:
        for key in self._made:
            assert self._flavors.delete(key) == Done()


class FlavorContract:
    """The suite; whoever runs it gives the fixture `stage`."""

    @pytest.fixture
    def flavors(self, stage: EnvironmentStage) -> Collection:
        return stage.collection(Kind.FLAVOR)

    @pytest.fixture
    def of_flavors(self, stage: EnvironmentStage) -> Iterator[OfFlavors]:
        flavors = OfFlavors(stage)
        yield flavors
        flavors.remove_all()

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"extra_specs": SPECS},
            {"extra_specs": {"capabilities:boot_mode": "uefi", "hw:bogus": "1"}},
            {"description": "Gold and ümlauts", "ephemeral": 2, "swap": 3, "rxtx_factor": 2.5},
            {"is_public": False},
        ],
    )
    def test_a_flavor_is_found_as_it_was_created(
        self, flavors: Collection, of_flavors: OfFlavors, fields: dict[str, Any]
    ) -> None:
        item = of_flavors.item(**fields)

        assert flavors.create(item) == Done()

        found = flavors.item(item.key)
        assert found is not None
        assert found == replace(item, mark=item.digest)
        assert [each for each in flavors.items() if each.key == item.key] == [found]

    def test_a_private_flavor_has_those_who_may_use_it(
        self, stage: EnvironmentStage, flavors: Collection, of_flavors: OfFlavors
    ) -> None:
        item = of_flavors.item(is_public=False, access=[stage.project], extra_specs=SPECS)

        assert flavors.create(item) == Done()

        found = flavors.item(item.key)
        assert found == replace(item, mark=item.digest)
        assert found in flavors.items()

    def test_what_somebody_else_makes_has_no_mark(
        self, stage: EnvironmentStage, flavors: Collection, of_flavors: OfFlavors
    ) -> None:
        item = of_flavors.item()
        body = {"id": item.key, "name": item.name, "ram": 8, "vcpus": 1, "disk": 3}

        stage.said("POST", "/flavors", {"flavor": {**body, "description": ""}})

        assert flavors.item(item.key) == item

    def test_an_id_and_a_name_are_taken_once(
        self, flavors: Collection, of_flavors: OfFlavors
    ) -> None:
        found = of_flavors.make()

        by_id = flavors.create(of_flavors.item(found.key, name="contract-other"))
        by_name = flavors.create(of_flavors.item(name=found.name))

        assert by_id == Refused(409, f"Flavor with ID {found.key} already exists.")
        assert by_name == Refused(409, f"Flavor with name {found.name} already exists.")
        assert flavors.item(found.key) == found

    def test_an_id_in_other_letters_is_taken_and_is_nobody(
        self, flavors: Collection, of_flavors: OfFlavors
    ) -> None:
        found = of_flavors.make()
        other = of_flavors.item(found.key.upper())

        assert flavors.create(other) == Refused(409, f"Flavor with ID {other.key} already exists.")
        assert flavors.item(other.key) is None
        assert flavors.delete(other.key) == Done()
        assert flavors.item(found.key) == found

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"extra_specs": {"x/y": "1"}}, "does not match any of the regexes"),
            ({"is_public": False, "access": ["0" * 32]}, "is not a valid project"),
        ],
    )
    def test_of_a_flavor_that_is_refused_nothing_stays(
        self, flavors: Collection, of_flavors: OfFlavors, fields: dict[str, Any], words: str
    ) -> None:
        item = of_flavors.item(**fields)

        outcome = flavors.create(item)

        assert isinstance(outcome, Refused)
        assert outcome.status == 400
        assert words in outcome.message
        assert flavors.item(item.key) is None

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"ram": 0}, "0 is less than the minimum of 1"),
            ({"vcpus": 0}, "0 is less than the minimum of 1"),
            ({"description": "two\nlines"}, "for field/attribute description"),
        ],
    )
    def test_what_nova_takes_no_more_is_refused(
        self, flavors: Collection, of_flavors: OfFlavors, fields: dict[str, Any], words: str
    ) -> None:
        outcome = flavors.create(of_flavors.item(**fields))

        assert isinstance(outcome, Refused)
        assert outcome.status == 400
        assert words in outcome.message

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({}, {"description": "new"}),
            ({"description": "old"}, {"description": "new"}),
            ({"description": "old"}, {}),
            ({"extra_specs": SPECS}, {"extra_specs": {"resources:VCPU": "1", "x": "y"}}),
            ({"extra_specs": SPECS}, {}),
            ({}, {"extra_specs": SPECS}),
        ],
    )
    def test_a_flavor_is_amended(
        self,
        flavors: Collection,
        of_flavors: OfFlavors,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        found = of_flavors.make(**before)
        wanted = of_flavors.item(found.key, **after)

        assert flavors.amend(wanted, found) == Done()

        assert flavors.item(found.key) == replace(wanted, mark=wanted.digest)

    def test_who_may_use_a_flavor_is_amended(
        self, stage: EnvironmentStage, flavors: Collection, of_flavors: OfFlavors
    ) -> None:
        nobody = of_flavors.make(is_public=False)
        with_access = of_flavors.item(nobody.key, is_public=False, access=[stage.project])

        assert flavors.amend(with_access, nobody) == Done()
        somebody = flavors.item(nobody.key)
        assert somebody == replace(with_access, mark=with_access.digest)
        assert flavors.amend(nobody, somebody) == Done()

        assert flavors.item(nobody.key) == nobody

    @pytest.mark.parametrize(
        "fields",
        [{"ram": 16}, {"is_public": False}, {"swap": 4}, {"name": "contract-x"}, {"disk": 0}],
    )
    def test_what_is_fixed_stays(
        self, flavors: Collection, of_flavors: OfFlavors, fields: dict[str, Any]
    ) -> None:
        found = of_flavors.make(extra_specs=SPECS)

        outcome = flavors.amend(of_flavors.item(found.key, **fields), found)

        assert isinstance(outcome, Refused)
        assert ", ".join(fields) in outcome.message
        assert flavors.item(found.key) == found

    def test_a_flavor_is_deleted_once_and_again(
        self, flavors: Collection, of_flavors: OfFlavors
    ) -> None:
        found = of_flavors.make()

        assert flavors.delete(found.key) == Done()
        assert flavors.delete(found.key) == Done()

        assert flavors.item(found.key) is None
        assert found not in flavors.items()

    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_a_list_in_pages_is_whole(
        self,
        stage: EnvironmentStage,
        flavors: Collection,
        of_flavors: OfFlavors,
        count: int,
    ) -> None:
        made = [of_flavors.make(is_public=number != 1) for number in range(count)]

        listed = stage.paged.collections[Kind.FLAVOR].items()

        assert listed == flavors.items()
        assert all(each in listed for each in made)

    @pytest.mark.parametrize("key", ["contract-nosuch", "detail.", ".", "..", "a/b", "a.json", " "])
    def test_a_key_that_names_nothing_is_nothing(self, flavors: Collection, key: str) -> None:
        assert flavors.item(key) is None
        assert flavors.delete(key) == Done()
