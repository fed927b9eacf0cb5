# SPDX-License-Identifier: Apache-2.0
"""What is relied on of images, as tests that every cloud's environment passes."""

import hashlib
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from ephyrad.clouds.environment.port import Content, Images
from ephyrad.clouds.port import CloudReadError
from ephyrad.environment.item import Item, differences
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done, Refused, Unknown, Unreachable
from tests.contract.environment_stage import EnvironmentStage

BYTES = bytes(range(256)) * 1000
QCOW2 = b"QFI\xfb\x00\x00\x00\x03" + b"\x00" * 1000
MOMENTS = 100


class Pictures:
    """The images of one test."""

    def __init__(self, stage: EnvironmentStage) -> None:
        images = stage.environment.images
        assert images is not None
        self.images: Images = images
        self._stage = stage
        self._made: list[str] = []

    def item(self, content: bytes = BYTES, **fields: Any) -> Item:
        """Return an image as it is to be."""
        key = str(uuid.uuid4())
        name = f"contract-{key[:8]}"
        given = {
            "name": name,
            "owner": self._stage.project,
            "visibility": "private",
            "disk_format": "raw",
            "container_format": "bare",
            "status": "active",
            "size": len(content),
            "hash": f"sha512:{hashlib.sha512(content).hexdigest()}",
        }
        self._made.append(key)
        return Item(Kind.IMAGE, key, name, given | fields)

    def make(self, content: bytes = BYTES, **fields: Any) -> Item:
        """Create an image, give it its bytes and all else, and return how it is found."""
        item = self.item(content, **fields)
        assert self.images.create(item) == Done()
        assert self.give(item, content) == Done()
        assert self.images.amend(item, self.found(item)) == Done()
        return self.found(item)

    def give(self, item: Item, content: bytes, told: Callable[[int], None] | None = None) -> object:
        return self.images.upload(item, whole(content), told or (lambda _count: None))

    def found(self, item: Item) -> Item:
        found = self.images.item(item.key)
        assert found is not None
        return found

    def give_at_last(self, item: Item, content: bytes) -> object:
        """Upload as the engine does, again while it cannot be done yet.

        What is left of a broken upload may be taken on by Glance only now, and then ended.
        """
        outcome = self.give(item, content)
        for _ in range(MOMENTS):
            if not isinstance(outcome, Unreachable | Unknown):
                return outcome
            self._stage.wait()
            outcome = self.give(item, content)
        raise AssertionError(f"{item.key} takes no bytes: {outcome}")

    def await_status(self, item: Item, *statuses: str) -> Item:
        """Return how an image is found when it has one of these statuses."""
        found = self.found(item)
        for _ in range(MOMENTS):
            if found.fields["status"] in statuses:
                return found
            self._stage.wait()
            found = self.found(item)
        raise AssertionError(f"{item.key} stays {found.fields['status']}")

    def remove_all(self) -> None:
        for key in self._made:
            assert self.images.delete(key) == Done()


def whole(content: bytes, size: int = 1000) -> Content:
    return Content(len(content), chunks(content, size))


def chunks(content: bytes, size: int = 1000) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def broken(content: bytes, after: int) -> Content:
    """Return content that breaks off."""

    def some() -> Iterator[bytes]:
        yield from chunks(content[:after])
        raise CloudReadError("Glance of the old cloud: broken off")

    return Content(len(content), some())


class ImageContract(ABC):
    """The suite; a subclass gives the stage."""

    @pytest.fixture
    @abstractmethod
    def stage(self) -> EnvironmentStage:
        """The environment that is tried."""

    @pytest.fixture
    def pictures(self, stage: EnvironmentStage) -> Iterator[Pictures]:
        pictures = Pictures(stage)
        yield pictures
        pictures.remove_all()

    @pytest.fixture
    def images(self, pictures: Pictures) -> Images:
        return pictures.images

    # Records

    @pytest.mark.parametrize("visibility", ["private", "shared", "community", "public"])
    @pytest.mark.parametrize("hidden", [{}, {"os_hidden": True}], ids=["shown", "hidden"])
    def test_an_image_is_found_as_it_was_made(
        self, stage: EnvironmentStage, pictures: Pictures, visibility: str, hidden: dict[str, Any]
    ) -> None:
        fields: dict[str, Any] = {
            "tags": ["a", "b"],
            "properties": {
                "architecture": "x86_64",
                "a/b~c d": "1",
                "kernel_id": str(uuid.uuid4()),
            },
            "min_disk": 3,
            "min_ram": 5,
            "protected": True,
        }
        if visibility == "shared":
            fields |= {"members": ["p1", "p2"], "accepted": ["p2"]}

        found = pictures.make(visibility=visibility, **fields, **hidden)

        wanted = pictures.item(visibility=visibility, **fields, **hidden).fields
        assert found.fields == {**wanted, "name": found.name}
        assert (found.mark, found.trouble) == (found.digest, None)
        for environment in (stage.environment, stage.paged):
            assert environment.images is not None
            listed = [each for each in environment.images.items() if each.key == found.key]
            assert listed == [found]

    def test_an_image_of_nobody_stays_nobodys(self, pictures: Pictures) -> None:
        given = pictures.item()
        fields = {name: value for name, value in given.fields.items() if name != "owner"}

        assert pictures.images.create(replace(given, fields=fields)) == Done()

        assert "owner" not in pictures.found(given).fields

    def test_what_is_absent_is_nothing(self, images: Images) -> None:
        assert images.item(str(uuid.uuid4())) is None
        assert images.item("no/such") is None

    def test_an_image_waits_for_its_bytes_out_of_sight(
        self, pictures: Pictures, images: Images
    ) -> None:
        item = pictures.item(visibility="public", protected=True, tags=["a"])

        assert images.create(item) == Done()

        found = pictures.found(item)
        assert differences(item, found) == (
            "hash",
            "os_hidden",
            "protected",
            "size",
            "status",
            "visibility",
        )
        assert (found.fields["status"], found.fields["visibility"]) == ("queued", "private")
        assert found.mark == item.digest
        assert found.trouble is not None
        assert "no bytes yet" in found.trouble

    def test_a_second_one_of_its_id_is_refused(self, pictures: Pictures, images: Images) -> None:
        found = pictures.make()

        outcome = images.create(found)

        assert isinstance(outcome, Refused)
        assert outcome.status == 409
        assert pictures.found(found) == found

    def test_an_id_is_used_up_by_its_deletion(self, pictures: Pictures, images: Images) -> None:
        found = pictures.make(protected=True)
        assert images.delete(found.key) == Done()
        assert images.item(found.key) is None
        assert images.delete(found.key) == Done()

        outcome = images.create(found)

        assert isinstance(outcome, Refused)
        assert outcome.status == 409
        assert "glance-manage db purge" in outcome.message

    @pytest.mark.parametrize(
        "change",
        [
            {"name": "other"},
            {"visibility": "community"},
            {"protected": True, "os_hidden": True},
            {"min_disk": 7, "min_ram": 7},
            {"tags": ["z"]},
            {"tags": []},
            {"properties": {"b": "2", "c": "3"}},
            {"properties": {}},
            {"owner": "0" * 32},
            {"status": "deactivated"},
            {"visibility": "shared", "members": ["p1"]},
        ],
        ids=str,
    )
    def test_it_is_amended(
        self, pictures: Pictures, images: Images, change: dict[str, Any]
    ) -> None:
        found = pictures.make(tags=["a"], properties={"a": "1", "b": "1"})
        fields = {name: value for name, value in {**found.fields, **change}.items() if value}
        wanted = replace(found, fields=fields)

        assert images.amend(wanted, found) == Done()

        amended = pictures.found(found)
        assert amended.fields == wanted.fields
        assert amended.mark == wanted.digest
        # And back again.
        assert images.amend(found, amended) == Done()
        assert pictures.found(found).fields == found.fields

    @pytest.mark.parametrize(
        ("members", "accepted"),
        [([], []), (["p1"], []), (["p2", "p3"], ["p3"]), (["p1", "p2"], ["p1", "p2"])],
    )
    def test_members_come_and_go(
        self, pictures: Pictures, images: Images, members: list[str], accepted: list[str]
    ) -> None:
        found = pictures.make(visibility="shared", members=["p1", "p2"], accepted=["p2"])
        fields = {**found.fields, "members": members, "accepted": accepted}
        wanted = replace(found, fields={name: value for name, value in fields.items() if value})

        assert images.amend(wanted, found) == Done()

        assert pictures.found(found).fields == wanted.fields

    def test_a_deactivated_image_gives_its_bytes(self, pictures: Pictures, images: Images) -> None:
        found = pictures.make(status="deactivated")

        content = images.content(found.key)

        assert (content.size, b"".join(content.chunks)) == (len(BYTES), BYTES)

    # Bytes

    def test_progress_is_told(self, pictures: Pictures, images: Images) -> None:
        item = pictures.item()
        images.create(item)
        told: list[int] = []

        assert pictures.give(item, BYTES, told.append) == Done()

        assert told == sorted(told)
        assert told[-1] == len(BYTES)

    @pytest.mark.parametrize("content", [b"", b"x"], ids=["none", "one"])
    def test_few_bytes_are_an_image_too(self, pictures: Pictures, content: bytes) -> None:
        assert pictures.make(content).fields["size"] == len(content)

    @pytest.mark.parametrize("after", [0, 1000, len(BYTES) - 1])
    def test_bytes_that_break_off_are_no_image(
        self, pictures: Pictures, images: Images, after: int
    ) -> None:
        item = pictures.item()
        images.create(item)

        outcome = images.upload(item, broken(BYTES, after), lambda _count: None)

        assert outcome == Unreachable("Glance of the old cloud: broken off")
        expect_untouched(pictures, item)

    @pytest.mark.parametrize("spoilt", [0, len(BYTES) // 2, len(BYTES) - 1])
    def test_wrong_bytes_are_no_image(
        self, pictures: Pictures, images: Images, spoilt: int
    ) -> None:
        item = pictures.item()
        images.create(item)
        wrong = bytearray(BYTES)
        wrong[spoilt] ^= 1

        outcome = pictures.give(item, bytes(wrong))

        assert isinstance(outcome, Refused)
        assert "do not match its os_hash_value" in outcome.message
        expect_untouched(pictures, item)

    @pytest.mark.parametrize("size", [len(BYTES) - 1, len(BYTES) + 1])
    def test_bytes_of_another_number_are_no_image(
        self, pictures: Pictures, images: Images, size: int
    ) -> None:
        item = pictures.item()
        images.create(item)

        outcome = images.upload(item, Content(size, chunks(BYTES)), lambda _count: None)

        assert isinstance(outcome, Unreachable | Unknown)
        expect_untouched(pictures, item)

    def test_bytes_of_another_format_do_not_cost_the_id(
        self, pictures: Pictures, images: Images
    ) -> None:
        item = pictures.item(disk_format="qcow2")
        images.create(item)

        outcome = pictures.give(item, BYTES)

        assert isinstance(outcome, Refused)
        assert "its disk_format is qcow2, and its bytes are raw" in outcome.message
        pictures.await_status(item, "queued")

    def test_bytes_that_are_there_are_never_replaced(
        self, pictures: Pictures, images: Images
    ) -> None:
        found = pictures.make()

        outcome = pictures.give(found, BYTES)

        # Who is answered before all is sent may not get to read it.
        assert isinstance(outcome, Refused | Unknown)
        assert not isinstance(outcome, Refused) or outcome.status == 409
        assert pictures.found(found) == found

    def test_an_upload_into_nothing_is_refused(self, pictures: Pictures) -> None:
        outcome = pictures.give(pictures.item(), BYTES)

        # Who is answered before all is sent may not get to read it.
        assert isinstance(outcome, Refused | Unknown)

    def test_what_has_no_bytes_gives_none(self, pictures: Pictures, images: Images) -> None:
        item = pictures.item()
        images.create(item)

        with pytest.raises(CloudReadError, match="HTTP 204"):
            images.content(item.key)

        with pytest.raises(CloudReadError, match="No image found"):
            images.content(str(uuid.uuid4()))

    def test_what_is_left_of_an_upload_takes_the_bytes(
        self, pictures: Pictures, images: Images
    ) -> None:
        """Glance tells, while one upload goes on, that it takes no other."""
        item = pictures.item()
        images.create(item)
        outcomes: list[object] = []

        def meanwhile() -> Iterator[bytes]:
            yield from chunks(BYTES[:100_000])
            pictures.await_status(item, "saving")
            outcomes.append(pictures.give(item, BYTES))
            outcomes.append(pictures.found(item).fields["status"])
            yield from chunks(BYTES[100_000:])

        outcome = images.upload(item, Content(len(BYTES), meanwhile()), lambda _count: None)

        assert outcome == Done()
        assert isinstance(outcomes[0], Unreachable)
        assert outcomes[1] == "saving"
        assert pictures.found(item).fields["hash"] == item.fields["hash"]

    def test_refused_bytes_stay_and_their_id_is_lost(
        self, stage: EnvironmentStage, pictures: Pictures, images: Images
    ) -> None:
        """That is why the format is looked at beforehand."""
        if stage.environment.name is CloudName.OLD:
            pytest.skip("2023.1 takes all")
        item = pictures.item(disk_format="qcow2")
        images.create(item)

        assert stage.put_bytes(item.key, BYTES) == 415

        found = pictures.found(item)
        assert (found.fields["status"], "hash" in found.fields) == ("queued", False)
        assert stage.put_bytes(item.key, QCOW2) == 500


def expect_untouched(pictures: Pictures, item: Item) -> None:
    """Expect an image that waits for its bytes as before, and takes the right ones."""
    found = pictures.await_status(item, "queued")
    assert "hash" not in found.fields
    outcome = pictures.give_at_last(item, BYTES)
    assert outcome == Done(), outcome
    assert pictures.found(item).fields["hash"] == item.fields["hash"]
