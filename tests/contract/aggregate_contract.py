# SPDX-License-Identifier: Apache-2.0
"""What is relied on of host aggregates, as tests that every cloud's environment passes."""

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

METADATA = {"gold": "true", "filter_tenant_id": "1f", "a b.c:d": "e"}


class OfAggregates:
    """The aggregates of one test."""

    def __init__(self, stage: EnvironmentStage) -> None:
        self._stage = stage
        self._aggregates = stage.collection(Kind.AGGREGATE)
        self._made: list[str] = []

    def item(self, name: str | None = None, **fields: Any) -> Item:
        """Return an aggregate as it is to be created."""
        name = name or f"contract-{uuid.uuid4().hex[:8]}"
        self._made.append(name)
        return Item(Kind.AGGREGATE, name, name, fields)

    def make(self, name: str | None = None, **fields: Any) -> Item:
        """Create an aggregate, and return how it is found."""
        item = self.item(name, **fields)
        assert self._aggregates.create(item) == Done()
        found = self._aggregates.item(item.key)
        assert found is not None
        return found

    def act(self, item: Item, **action: Any) -> None:
        """Do something with an aggregate as Nova's administrator does."""
        listed = self._stage.said("GET", "/os-aggregates")["aggregates"]
        number = next(each["id"] for each in listed if each["name"] == item.name)
        self._stage.said("POST", f"/os-aggregates/{number}/action", action)

    def remove_all(self) -> None:
        for name in self._made:
            assert self._aggregates.delete(name) == Done()


class AggregateContract:
    """The suite; whoever runs it gives the fixture `stage`."""

    @pytest.fixture
    def aggregates(self, stage: EnvironmentStage) -> Collection:
        return stage.collection(Kind.AGGREGATE)

    @pytest.fixture
    def of_aggregates(self, stage: EnvironmentStage) -> Iterator[OfAggregates]:
        aggregates = OfAggregates(stage)
        yield aggregates
        aggregates.remove_all()

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"availability_zone": "contract-zone"},
            {"metadata": METADATA},
            {"availability_zone": "contract zone", "metadata": METADATA},
        ],
    )
    def test_an_aggregate_is_found_as_it_was_created(
        self, aggregates: Collection, of_aggregates: OfAggregates, fields: dict[str, Any]
    ) -> None:
        item = of_aggregates.item(**fields)

        assert aggregates.create(item) == Done()

        found = aggregates.item(item.key)
        assert found is not None
        assert found == replace(item, mark=item.digest)
        assert [each for each in aggregates.items() if each.key == item.key] == [found]

    def test_what_somebody_else_makes_has_no_mark(
        self, stage: EnvironmentStage, aggregates: Collection, of_aggregates: OfAggregates
    ) -> None:
        item = of_aggregates.item()

        stage.said("POST", "/os-aggregates", {"aggregate": {"name": item.name}})

        assert aggregates.item(item.key) == item

    def test_hosts_are_said_and_not_carried(
        self, stage: EnvironmentStage, aggregates: Collection, of_aggregates: OfAggregates
    ) -> None:
        found = of_aggregates.make()

        with stage.serving():
            of_aggregates.act(found, add_host={"host": stage.host})
            with_host = aggregates.item(found.key)
            deleted = aggregates.delete(found.key)
            of_aggregates.act(found, remove_host={"host": stage.host})

        assert with_host is not None
        assert with_host.digest == found.digest
        assert stage.host in with_host.left_behind[0]
        assert isinstance(deleted, Refused)
        assert deleted.status == 400
        assert "Host aggregate is not empty" in deleted.message
        assert aggregates.item(found.key) == found

    def test_a_name_is_taken_once_whatever_its_letters(
        self, aggregates: Collection, of_aggregates: OfAggregates
    ) -> None:
        found = of_aggregates.make(availability_zone="contract-zone")

        for name in (found.name, found.name.upper()):
            outcome = aggregates.create(of_aggregates.item(name))
            assert outcome == Refused(409, f"Aggregate {name} already exists.")
        assert aggregates.item(found.name.upper()) is None
        assert aggregates.delete(found.name.upper()) == Done()
        assert aggregates.item(found.key) == found

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"availability_zone": "a:b"}, "field/attribute availability_zone"),
            ({"metadata": {"x/y": "1"}}, "does not match any of the regexes"),
        ],
    )
    def test_of_an_aggregate_that_is_refused_nothing_stays(
        self,
        aggregates: Collection,
        of_aggregates: OfAggregates,
        fields: dict[str, Any],
        words: str,
    ) -> None:
        item = of_aggregates.item(**fields)

        outcome = aggregates.create(item)

        assert isinstance(outcome, Refused)
        assert outcome.status == 400
        assert words in outcome.message
        assert aggregates.item(item.key) is None

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({}, {"availability_zone": "contract-2"}),
            ({"availability_zone": "contract-1"}, {"availability_zone": "contract-2"}),
            ({"metadata": METADATA}, {"metadata": {"gold": "false", "x": "y"}}),
            ({"metadata": METADATA}, {}),
            ({}, {"metadata": METADATA}),
        ],
    )
    def test_an_aggregate_is_amended(
        self,
        aggregates: Collection,
        of_aggregates: OfAggregates,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        found = of_aggregates.make(**before)
        wanted = of_aggregates.item(found.key, **after)

        assert aggregates.amend(wanted, found) == Done()

        assert aggregates.item(found.key) == replace(wanted, mark=wanted.digest)

    def test_a_zone_is_not_taken_away(
        self, aggregates: Collection, of_aggregates: OfAggregates
    ) -> None:
        found = of_aggregates.make(availability_zone="contract-zone")

        outcome = aggregates.amend(of_aggregates.item(found.key), found)

        assert isinstance(outcome, Refused)
        assert "contract-zone" in outcome.message
        assert aggregates.item(found.key) == found

    def test_nova_itself_takes_no_zone_away(
        self, stage: EnvironmentStage, of_aggregates: OfAggregates
    ) -> None:
        found = of_aggregates.make(availability_zone="contract-zone")
        listed = stage.said("GET", "/os-aggregates")["aggregates"]
        number = next(each["id"] for each in listed if each["name"] == found.name)

        answer = stage.nova(
            "PUT", f"/os-aggregates/{number}", {"aggregate": {"availability_zone": None}}
        )

        assert answer.status == 400
        assert b"does not support empty named availability zone" in answer.body

    def test_an_aggregate_is_deleted_once_and_again(
        self, aggregates: Collection, of_aggregates: OfAggregates
    ) -> None:
        found = of_aggregates.make()

        assert aggregates.delete(found.key) == Done()
        assert aggregates.delete(found.key) == Done()

        assert aggregates.item(found.key) is None

    @pytest.mark.parametrize("key", ["contract-nosuch", "", "1", "a/b"])
    def test_a_name_of_nothing_is_nothing(self, aggregates: Collection, key: str) -> None:
        assert aggregates.item(key) is None
        assert aggregates.delete(key) == Done()
