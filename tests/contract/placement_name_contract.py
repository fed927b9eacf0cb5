# SPDX-License-Identifier: Apache-2.0
"""What is relied on of traits and resource classes, as tests that every environment passes."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator

import pytest

from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Refused
from tests.contract.environment_stage import EnvironmentStage

IN_USE = {Kind.TRAIT: "is in use by a resource provider", Kind.RESOURCE_CLASS: "is in use"}
kinds = pytest.mark.parametrize("kind", IN_USE)


class Names:
    """The names of one test."""

    def __init__(self, stage: EnvironmentStage) -> None:
        self._stage = stage
        self._made: list[Item] = []

    def item(self, kind: Kind) -> Item:
        """Return a name as it is to be created."""
        name = f"CUSTOM_CONTRACT_{uuid.uuid4().hex[:8].upper()}"
        self._made.append(Item(kind, name, name, {}))
        return self._made[-1]

    def remove_all(self) -> None:
        for item in self._made:
            assert self._stage.collection(item.kind).delete(item.key) == Done()


class PlacementNameContract(ABC):
    """The suite; a subclass gives the stage."""

    @pytest.fixture
    @abstractmethod
    def stage(self) -> EnvironmentStage:
        """The environment that is tried."""

    @pytest.fixture
    def names(self, stage: EnvironmentStage) -> Iterator[Names]:
        names = Names(stage)
        yield names
        names.remove_all()

    @kinds
    def test_a_name_is_found_once_it_is_created(
        self, stage: EnvironmentStage, names: Names, kind: Kind
    ) -> None:
        collection, item = stage.collection(kind), names.item(kind)
        assert collection.item(item.key) is None

        assert collection.create(item) == Done()

        assert collection.item(item.key) == item
        assert [each for each in collection.items() if each.key == item.key] == [item]

    @kinds
    def test_it_may_be_created_again(
        self, stage: EnvironmentStage, names: Names, kind: Kind
    ) -> None:
        collection, item = stage.collection(kind), names.item(kind)

        outcomes = [collection.create(item), collection.create(item)]

        assert outcomes == [Done(), Done()]
        assert collection.amend(item, item) == Done()

    @kinds
    def test_only_what_people_named_is_listed(self, stage: EnvironmentStage, kind: Kind) -> None:
        listed = [item.name for item in stage.collection(kind).items()]

        assert all(name.startswith("CUSTOM_") for name in listed)
        assert listed == sorted(set(listed))

    @kinds
    def test_what_placement_brings_along_is_no_item(
        self, stage: EnvironmentStage, kind: Kind
    ) -> None:
        collection = stage.collection(kind)

        for name in ("VCPU", "HW_CPU_X86_VMX"):
            assert collection.item(name) is None
            outcome = collection.create(Item(kind, name, name, {}))
            assert isinstance(outcome, Refused)
            assert outcome.status == 400

    @kinds
    def test_it_is_gone_once_it_is_deleted(
        self, stage: EnvironmentStage, names: Names, kind: Kind
    ) -> None:
        collection, item = stage.collection(kind), names.item(kind)
        assert collection.create(item) == Done()

        outcomes = [collection.delete(item.key), collection.delete(item.key)]

        assert outcomes == [Done(), Done()]
        assert collection.item(item.key) is None

    @kinds
    def test_it_is_not_deleted_while_a_provider_has_it(
        self, stage: EnvironmentStage, names: Names, kind: Kind
    ) -> None:
        collection, item = stage.collection(kind), names.item(kind)
        assert collection.create(item) == Done()

        with stage.used(item):
            outcome = collection.delete(item.key)

        assert isinstance(outcome, Refused)
        assert outcome.status == 409
        assert IN_USE[kind] in outcome.message
        assert collection.item(item.key) == item
