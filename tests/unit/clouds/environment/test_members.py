# SPDX-License-Identifier: Apache-2.0
"""How many calls the members of images cost."""

import random
import uuid

import pytest

from ephyrad.clouds.environment.members import Members, MembersOfImages
from ephyrad.clouds.port import CloudReadError
from ephyrad.migration.facts import CloudName
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.direct import services
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.refusals import ApiError

AGAIN = 3


class Counted(MembersOfImages):
    """Counts what it reads."""

    reads: list[str]

    def read(self, image: str) -> Members:
        self.reads.append(image)
        return super().read(image)


@pytest.fixture
def cloud() -> SimulatedCloud:
    clock = VirtualClock()
    return SimulatedCloud(CloudName.OLD, clock, MachineRoom(clock), rng=random.Random(1))


@pytest.fixture
def members(cloud: SimulatedCloud) -> Counted:
    counted = Counted(services(cloud).glance, AGAIN)
    counted.reads = []
    return counted


def made(cloud: SimulatedCloud, count: int) -> list[str]:
    bodies = [{"id": str(uuid.UUID(int=number + 1))} for number in range(count)]
    return [cloud.glance.create(body, "admin")["id"] for body in bodies]


def test_each_is_read_once_and_then_some_at_a_time(cloud: SimulatedCloud, members: Counted) -> None:
    images = made(cloud, 10)

    assert dict(members.of(images)) == {image: [] for image in images}
    assert members.reads == images
    members.reads.clear()

    for _ in range(4):
        members.of(images)

    assert len(members.reads) == 4 * AGAIN
    # In turn, so that none is forgotten.
    assert set(members.reads) == set(images)


def test_a_new_member_is_seen_in_its_turn_or_when_the_image_is_looked_at(
    cloud: SimulatedCloud, members: Counted
) -> None:
    images = made(cloud, 10)
    members.of(images)
    cloud.glance.add_member(images[-1], "p1")

    assert members.of(images)[images[-1]] == []
    assert [each["member_id"] for each in members.read(images[-1])] == ["p1"]
    assert len(members.of(images)[images[-1]]) == 1


def test_what_is_gone_is_forgotten(cloud: SimulatedCloud, members: Counted) -> None:
    images = made(cloud, 5)
    members.of(images)
    cloud.glance.delete(images[0])

    assert list(members.of(images[1:])) == images[1:]


def test_an_image_that_vanishes_meanwhile_is_left_out_and_the_others_are_read(
    cloud: SimulatedCloud, members: Counted
) -> None:
    images = made(cloud, 4)
    members.of(images)
    cloud.glance.delete(images[0])
    cloud.glance.delete(images[3])

    assert dict(members.of(images[:3])) == {image: [] for image in images[1:3]}


def test_an_image_that_is_not_shared_any_more_has_no_members(
    cloud: SimulatedCloud, members: Counted
) -> None:
    images = made(cloud, 2)
    cloud.glance.add_member(images[0], "p1")
    members.of(images)
    cloud.glance.patch(images[0], [{"op": "add", "path": "/visibility", "value": "private"}])

    assert dict(members.of(images)) == {images[0]: (), images[1]: []}


def test_a_refusal_of_another_kind_is_told(
    cloud: SimulatedCloud, members: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    (image,) = made(cloud, 1)
    monkeypatch.setattr(cloud.glance, "members", _forbidden)

    with pytest.raises(CloudReadError, match="not authorized"):
        members.of([image])


def _forbidden(_image: str) -> None:
    raise ApiError(403, "You are not authorized to complete get_members action.")
