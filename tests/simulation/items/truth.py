# SPDX-License-Identifier: Apache-2.0
"""What the services of a cloud truly keep, read past every API, and when two clouds' are equal.

It shares nothing with ephyrad's own reading and comparing.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from ephyrad.environment.kinds import Kind
from ephyrad.testing.cloud import SimulatedCloud

Key = tuple[Kind, str]
"""A kind, and the item's key in the words of the cloud where it is."""

Truth = Mapping[Key, Any]

KINDS = (
    *(Kind.TRAIT, Kind.FLAVOR, Kind.IMAGE, Kind.KEYPAIR, Kind.AGGREGATE),
    *(Kind.DEPLOY_TEMPLATE, Kind.RUNBOOK),
)
UNMARKED = frozenset({Kind.TRAIT, Kind.KEYPAIR})
ACTIVE = "active"
FORMATS = ("disk_format", "container_format")

OLD_SIDE, NEW_SIDE = "o-", "n-"
"""How the ids of users and projects begin in each cloud; the rest is their name."""

USERS = ("ann", "bob", "eve", "nobody")

_TOLD = (
    *("name", "visibility", "status", "protected", "os_hidden", "owner", "tags", "team"),
    "kernel_id",
)
_MAY_LACK = frozenset({f"{NEW_SIDE}red", f"{NEW_SIDE}nowhere"})
"""Projects that are not in the new cloud, or only later: what is shared with them is so later."""


def translated(text: str) -> str:
    """Return an id of a user or project, or a key that begins with one, as the new cloud has it."""
    return text.replace(OLD_SIDE, NEW_SIDE, 1) if text.startswith(OLD_SIDE) else text


def there(key: Key) -> Key:
    """Return the key that an item of the old cloud has in the new one."""
    kind, name = key
    return (kind, translated(name)) if kind is Kind.KEYPAIR else key


def truth_of(cloud: SimulatedCloud) -> dict[Key, Any]:
    """Return all items of a cloud, their marks taken off."""
    assert cloud.nova is not None
    found: dict[Key, Any] = {
        (Kind.TRAIT, name): {}
        for name in cloud.nova.names[Kind.TRAIT].list()
        if name.startswith("CUSTOM_")
    }
    for flavor in cloud.flavors.all(private=True):
        specs = {name: value for name, value in flavor.extra_specs.items() if "mark" not in name}
        access = {} if flavor.is_public else dict.fromkeys(flavor.projects, True)
        told = {"name": flavor.name, "ram": flavor.ram, "specs": specs}
        found[Kind.FLAVOR, flavor.id] = {**told, "public": flavor.is_public, "shared": access}
    # Nova keeps keys for any id.
    for user in (f"{side}{name}" for side in (OLD_SIDE, NEW_SIDE) for name in USERS):
        for pair in cloud.keypairs.of(user):
            found[Kind.KEYPAIR, f"{user}/{pair['name']}"] = {"public": pair["public_key"]}
    for aggregate in cloud.aggregates.all():
        metadata = {name: value for name, value in aggregate.metadata.items() if "mark" not in name}
        found[Kind.AGGREGATE, aggregate.name] = metadata
    for kind, lists in cloud.ironic.step_lists.items():
        for uuid, listed in lists.records.items():
            found[kind, uuid] = {name: listed[name] for name in ("name", "steps")}
    for ident, record in cloud.glance.records.items():
        shared = cloud.glance.shared[ident] if record["visibility"] == "shared" else {}
        members = {project: each["status"] == "accepted" for project, each in shared.items()}
        told = {name: record.get(name) for name in _TOLD}
        found[Kind.IMAGE, ident] = {**told, "hash": record["os_hash_value"], "shared": members}
    return found


def bytes_in(cloud: SimulatedCloud, image: str) -> str:
    """Return the SHA-512 of the bytes that a cloud's store has of an image."""
    return hashlib.sha512(cloud.glance.data.get(image, b"")).hexdigest()


def is_equal(old: Any, new: Any) -> bool:
    """Return whether the new cloud has what the old one has, in its own words."""
    if old is None or new is None or "shared" not in old:
        return bool(old == new)
    shared = {translated(project): each for project, each in old["shared"].items()}
    there = {**dict.fromkeys(_MAY_LACK & shared.keys()), **new["shared"]}
    may_lack = {
        project: each for project, each in shared.items() if there.get(project, each) is None
    }
    wanted = {**old, "shared": {**shared, **dict.fromkeys(may_lack)}}
    if "owner" in old:
        wanted["owner"] = translated(old["owner"])
    return bool(wanted == {**new, "shared": there})
