# SPDX-License-Identifier: Apache-2.0
"""Lists of both clouds are read when a node needs them, and once for many nodes."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.directories import Lists
from ephyrad.engine.perform import Clouds
from ephyrad.migration.facts import CloudName
from ephyrad.migration.flavors import FlavorFacts
from ephyrad.migration.identity import Account
from ephyrad.migration.mapping import Kind

OLD, NEW = CloudName.OLD, CloudName.NEW


class Cloud:
    """Has one thing of each kind, named after it; counts how often its lists are read."""

    def __init__(self) -> None:
        self.read: Counter[str] = Counter()
        self.away = False

    def projects(self) -> Sequence[Account]:
        return self._listed("project")

    def networks(self) -> Sequence[Account]:
        return self._listed("network")

    def image_names(self) -> Sequence[Account]:
        return self._listed("image")

    def flavor_facts(self) -> Sequence[FlavorFacts]:
        self._read("flavor")
        return [FlavorFacts(f"flavor-{self.read['flavor']}")]

    def _listed(self, kind: str) -> Sequence[Account]:
        self._read(kind)
        return [Account(f"{kind}-{self.read[kind]}", kind)]

    def _read(self, kind: str) -> None:
        if self.away:
            raise CloudReadError("the cloud is away")
        self.read[kind] += 1


class Scene:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, tzinfo=UTC)
        self.old, self.new = Cloud(), Cloud()
        clouds = Clouds(cast(Any, self.old), cast(Any, self.new))
        self.lists = Lists(clouds, lambda: self.now)

    def project(self) -> str:
        """The id by which the new cloud has its project."""
        return self.lists.of([(NEW, Kind.PROJECT)])[NEW, Kind.PROJECT].named("project")[0].id


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_only_what_is_asked_for_is_read(scene: Scene) -> None:
    found = scene.lists.of([(NEW, Kind.NETWORK), (OLD, Kind.IMAGE)])

    assert {key: len(directory) for key, directory in found.items()} == {
        (NEW, Kind.NETWORK): 1,
        (OLD, Kind.IMAGE): 1,
    }
    assert (scene.old.read, scene.new.read) == ({"image": 1}, {"network": 1})
    assert scene.lists.of([]) == {}


@pytest.mark.parametrize(
    ("passed", "ident"), [(0, "project-1"), (29, "project-1"), (30, "project-2"), (-1, "project-2")]
)
def test_a_list_is_believed_for_half_a_minute(scene: Scene, passed: int, ident: str) -> None:
    scene.project()
    scene.now += timedelta(seconds=passed)

    assert scene.project() == ident


def test_what_could_not_be_read_is_read_when_it_can_be(scene: Scene) -> None:
    scene.new.away = True
    with pytest.raises(CloudReadError):
        scene.project()

    scene.new.away = False

    assert scene.project() == "project-1"


def test_what_has_no_ids_has_no_list(scene: Scene) -> None:
    with pytest.raises(ValueError, match="no list of a shard"):
        scene.lists.of([(NEW, Kind.SHARD)])


def test_flavors_are_read_once_for_many_nodes(scene: Scene) -> None:
    first, second = scene.lists.flavors(), scene.lists.flavors()
    scene.now += timedelta(seconds=30)

    third = scene.lists.flavors()

    for cloud in CloudName:
        names = [found[cloud][0].name for found in (first, second, third)]
        assert names == ["flavor-1", "flavor-1", "flavor-2"]
