# SPDX-License-Identifier: Apache-2.0
"""What is relied on of deploy templates and runbooks, as tests that every environment passes."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ephyrad.clouds.environment.port import Collection
from ephyrad.environment.item import Item, differences
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done, Refused
from tests.contract.environment_stage import EnvironmentStage

NUMBERS = {Kind.DEPLOY_TEMPLATE: "priority", Kind.RUNBOOK: "order"}


class StepListsMade:
    """Those of one test."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._made: list[str] = []

    def step(self, number: int = 1, step: str = "apply_configuration", **args: Any) -> Any:
        number_of = NUMBERS[self._collection.kind]
        return {"interface": "bios", "step": step, "args": args, number_of: number}

    def item(self, **fields: Any) -> Item:
        """Return one as it is to be created, under a name of its own."""
        key = str(uuid.uuid4())
        name = f"CUSTOM_CONTRACT_{key[:8].upper()}"
        self._made.append(key)
        fields = {"name": name, "steps": [self.step(level=5)]} | fields
        return Item(self._collection.kind, key, fields["name"], fields)

    def make(self, **fields: Any) -> Item:
        """Create one, and return how it is found."""
        item = self.item(**fields)
        assert self._collection.create(item) == Done()
        return self.found(item.key)

    def found(self, key: str) -> Item:
        found = self._collection.item(key)
        assert found is not None
        return found

    def amended(self, found: Item, **fields: Any) -> Item:
        """Amend one; None takes a field away. Return how it is found."""
        values = {**found.fields, **fields}
        wanted = {name: value for name, value in values.items() if value is not None}
        item = replace(found, name=wanted["name"], fields=wanted)
        assert self._collection.amend(item, found) == Done()
        again = self.found(found.key)
        assert (again.fields, again.mark) == (item.fields, item.digest)
        return again

    def remove_all(self) -> None:
        for key in self._made:
            assert self._collection.delete(key) == Done()


class StepListContract(ABC):
    """The suite for both kinds; a subclass gives the stage."""

    @pytest.fixture
    @abstractmethod
    def stage(self) -> EnvironmentStage:
        """The environment that is tried."""

    @pytest.fixture(params=NUMBERS)
    def lists(self, stage: EnvironmentStage, request: pytest.FixtureRequest) -> Collection:
        found = stage.environment.collections.get(request.param)
        if found is None:
            assert request.param is Kind.RUNBOOK
            assert stage.environment.name is CloudName.OLD
            pytest.skip("2023.1 has no runbooks")
        return found

    @pytest.fixture
    def made(self, lists: Collection) -> Iterator[StepListsMade]:
        made = StepListsMade(lists)
        yield made
        made.remove_all()

    def test_it_is_found_as_it_was_created(self, lists: Collection, made: StepListsMade) -> None:
        item = made.item(
            extra={"rack": {"row": 7}},
            steps=[made.step(1, "b", settings=[{"name": "a", "value": "b"}]), made.step(2, "a")],
        )
        assert lists.item(item.key) is None
        assert lists.create(item) == Done()

        found = lists.item(item.key)

        assert found == replace(item, mark=item.digest)
        assert [each for each in lists.items() if each.key == item.key] == [found]

    def test_a_list_in_pages_is_whole(
        self, stage: EnvironmentStage, lists: Collection, made: StepListsMade
    ) -> None:
        for _ in range(3):
            made.make()

        assert stage.paged.collections[lists.kind].items() == lists.items()

    def test_a_name_names_no_item(self, lists: Collection, made: StepListsMade) -> None:
        assert lists.item(made.make().name) is None

    def test_a_uuid_or_a_name_is_taken_once(self, lists: Collection, made: StepListsMade) -> None:
        there, other = made.make(), made.item()
        namesake = replace(other, fields={**other.fields, "name": there.name})
        words = f"A {str(lists.kind).replace('-', ' ')} with {{}} already exists."

        assert lists.create(there) == Refused(409, words.format(f"name {there.name}"))
        assert lists.create(namesake) == Refused(409, words.format(f"name {there.name}"))
        renamed = replace(there, fields={**there.fields, "name": other.name})
        assert lists.create(renamed) == Refused(409, words.format(f"UUID {there.key}"))
        assert made.found(there.key) == there

    def test_it_is_amended(self, made: StepListsMade) -> None:
        found = made.make(extra={"rack": 7})

        found = made.amended(found, name=f"{found.name}_B", steps=[made.step(3, "other", a=1)])
        found = made.amended(found, extra=None)
        made.amended(found, extra={"shelf": "1"}, steps=[made.step(1, "a"), made.step(2, "b")])

    def test_no_step_that_the_release_does_not_know_is_taken(
        self, lists: Collection, made: StepListsMade
    ) -> None:
        unknown = {**made.step(), "interface": "levitation"}

        outcome = lists.create(made.item(steps=[unknown]))

        assert isinstance(outcome, Refused)
        assert outcome.status == 400
        assert "'levitation' is not one of [" in outcome.message

    def test_a_step_that_no_driver_has_is_taken(self, made: StepListsMade) -> None:
        made.make(steps=[made.step(1, "levitate")])

    def test_steps_of_one_interface_and_name_are_refused(
        self, lists: Collection, made: StepListsMade
    ) -> None:
        outcome = lists.create(made.item(steps=[made.step(1), made.step(2)]))

        assert isinstance(outcome, Refused)
        assert "Duplicate deploy steps" in outcome.message

    def test_a_secret_is_masked_and_then_not_written(
        self, lists: Collection, made: StepListsMade
    ) -> None:
        secrets: dict[str, Any] = {
            "password": "hush",
            "note": "x password=hush y",
            "n": {"token": "hush"},
        }
        item = made.item(steps=[made.step(1, **secrets)])
        assert lists.create(item) == Done()

        found = made.found(item.key)

        assert found.trouble is not None
        assert "(bios.apply_configuration: n.token, bios" in found.trouble
        assert "hush" not in repr(dict(found.fields))
        assert differences(item, found) == ()
        outcome = lists.amend(replace(found, name="CUSTOM_CONTRACT"), found)
        assert outcome == Refused(0, found.trouble)

    def test_secrets_in_lists_are_masked_by_the_newer_release_only(
        self, stage: EnvironmentStage, lists: Collection, made: StepListsMade
    ) -> None:
        item = made.item(steps=[made.step(1, users=[{"name": "n", "password": "hush"}])])
        assert lists.create(item) == Done()

        found = made.found(item.key)

        assert differences(item, found) == ()
        assert (found.trouble is None) == (stage.environment.name is CloudName.OLD)

    def test_it_is_gone_once_it_is_deleted(self, lists: Collection, made: StepListsMade) -> None:
        found = made.make()

        outcomes = [lists.delete(found.key), lists.delete(found.key)]

        assert outcomes == [Done(), Done()]
        assert lists.item(found.key) is None
        outcome = lists.amend(found, found)
        assert isinstance(outcome, Refused)
        assert outcome.status == 404

    def test_what_else_a_runbook_has(self, lists: Collection, made: StepListsMade) -> None:
        if lists.kind is not Kind.RUNBOOK:
            pytest.skip("a deploy template has nothing else")
        more = {"owner": "a", "description": "d", "disable_ramdisk": True, "traits": ["CUSTOM_A"]}
        item = made.item(**more)
        assert lists.create(item) == Done()

        found = made.found(item.key)
        assert found == replace(item, mark=item.digest)

        found = made.amended(found, owner="b", traits=["CUSTOM_A", "CUSTOM_B"])
        found = made.amended(found, owner=None, public=True, description="e")
        found = made.amended(found, owner="c", public=None, disable_ramdisk=None)
        made.amended(found, owner=None, traits=None, description=None)
