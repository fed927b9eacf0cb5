# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Any

import pytest

from ephyrad.clouds.environment import mark
from ephyrad.clouds.environment.image_records import creation, image_item, patch
from ephyrad.environment.item import digest_of

# As Glance 26.0 shows one (observed), with a property, and what it puts there by itself.
KEY = "5811f639-6d12-4b21-a9c9-79f7c8f725b5"
RAW: dict[str, Any] = {
    "name": "img",
    "disk_format": "raw",
    "container_format": "bare",
    "visibility": "shared",
    "size": 10,
    "virtual_size": 10,
    "status": "active",
    "checksum": "336311a016184326ddbdd61edd4eeb52",
    "protected": False,
    "min_ram": 0,
    "min_disk": 0,
    "owner": "521f",
    "os_hidden": False,
    "os_hash_algo": "sha512",
    "os_hash_value": "099d",
    "id": KEY,
    "created_at": "2026-11-25T17:28:19Z",
    "updated_at": "2026-11-25T17:28:21Z",
    "tags": ["b", "a"],
    "self": "/v2/images/5811f639-6d12-4b21-a9c9-79f7c8f725b5",
    "file": "/v2/images/5811f639-6d12-4b21-a9c9-79f7c8f725b5/file",
    "schema": "/v2/schemas/image",
    "stores": "file",
    "os_distro": "debian",
    "os_glance_failed_import": "",
    "direct_url": "file:///somewhere",
    "locations": [{"url": "file:///one"}, {"url": "rbd:///other"}],
    "ephyrad": f"0123456789abcdef-{digest_of({'': KEY})}",
}
MEMBERS = [
    {"member_id": "p2", "status": "accepted"},
    {"member_id": "p1", "status": "pending"},
    {"member_id": "p3", "status": "rejected"},
]


def test_what_is_carried_is_in_the_fields_and_nothing_else() -> None:
    item = image_item(RAW, MEMBERS)

    assert item.fields == {
        "name": "img",
        "status": "active",
        "owner": "521f",
        "visibility": "shared",
        "disk_format": "raw",
        "container_format": "bare",
        "tags": ["a", "b"],
        "properties": {"os_distro": "debian"},
        "members": ["p1", "p2", "p3"],
        "accepted": ["p2"],
        "size": 10,
        "hash": "sha512:099d",
    }
    assert (item.mark, item.trouble) == ("0123456789abcdef", None)


def test_a_snapshot_that_inherited_the_mark_is_its_owners() -> None:
    """Nova gives it the properties of the image that its server was made of."""
    item = image_item(RAW | {"id": "c5d1b4f0-8f0c-4a4e-9f70-0d2a4a0b9b11"}, MEMBERS)

    assert item.mark is None
    assert item.fields["properties"] == {"os_distro": "debian"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "queued"}, "no bytes yet (status queued)"),
        ({"status": "saving"}, "no bytes yet (status saving)"),
        ({"status": "killed"}, "no bytes yet (status killed)"),
        ({"os_hash_value": None}, "no os_hash_value"),
        ({"size": None}, "its size is not known"),
        ({"block_device_mapping": '[{"snapshot_id": "1"}]', "size": 0}, "volume snapshots"),
        ({"cinder_encryption_key_id": "1"}, "encrypted with a key"),
        ({"disk_format": None}, "no disk_format"),
    ],
)
def test_what_cannot_be_carried_says_why(change: dict[str, Any], words: str) -> None:
    trouble = image_item(RAW | change, []).trouble

    assert trouble is not None
    assert words in trouble


@pytest.mark.parametrize("change", [{"block_device_mapping": "[]"}, {"status": "deactivated"}])
def test_what_can_be_carried_has_no_trouble(change: dict[str, Any]) -> None:
    assert image_item(RAW | change, []).trouble is None


def test_a_hash_of_bytes_that_were_refused_is_none() -> None:
    """Glance leaves it on an image that it refused for its format (observed on 33.0)."""
    fields = image_item(RAW | {"status": "queued", "size": None}, []).fields

    assert {"hash", "size"} & fields.keys() == set()


@pytest.mark.parametrize("missing", ["id", "status", "visibility", "tags", "owner"])
def test_a_record_that_lacks_something_cannot_be_read(missing: str) -> None:
    with pytest.raises(KeyError):
        image_item({name: value for name, value in RAW.items() if name != missing}, [])


def test_an_image_is_created_out_of_sight_and_marked() -> None:
    item = image_item(RAW | {"visibility": "public", "protected": True}, [])

    assert creation(item) == {
        "id": item.key,
        "name": "img",
        "owner": "521f",
        "disk_format": "raw",
        "container_format": "bare",
        "visibility": "private",
        "os_hidden": True,
        "protected": False,
        "tags": ["a", "b"],
        "os_distro": "debian",
        "ephyrad": mark.of(item),
    }


def test_an_image_that_belongs_to_nobody_is_created_so() -> None:
    """Glance makes it the caller's where nothing is said (observed on 26.0 and 33.0)."""
    item = image_item(RAW | {"owner": None}, [])

    assert creation(item)["owner"] is None


def test_a_patch_says_what_differs_and_the_mark() -> None:
    item = image_item(RAW | {"a/b~c": "1", "min_disk": 4}, MEMBERS)
    found = image_item(RAW | {"left": "1", "protected": True, "tags": []}, [])

    assert patch(item, found) == [
        {"op": "add", "path": "/protected", "value": False},
        {"op": "add", "path": "/min_disk", "value": 4},
        {"op": "add", "path": "/tags", "value": ["a", "b"]},
        {"op": "add", "path": "/a~1b~0c", "value": "1"},
        {"op": "remove", "path": "/left"},
        {"op": "add", "path": "/ephyrad", "value": mark.of(item)},
    ]


def test_what_is_equal_is_only_marked() -> None:
    item = image_item(RAW, MEMBERS)

    assert patch(item, replace(item, mark=None)) == [
        {"op": "add", "path": "/ephyrad", "value": mark.of(item)}
    ]
