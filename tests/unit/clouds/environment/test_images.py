# SPDX-License-Identifier: Apache-2.0
"""In which order an image is changed, where the order says who may see it."""

import hashlib
import random
import uuid
from typing import Any

import pytest

from ephyrad.clouds.environment.images import GlanceImages
from ephyrad.clouds.environment.port import Content
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.direct import services
from ephyrad.testing.machines import MachineRoom

DATA = b"of an image in which something was found"
KEY = str(uuid.UUID(int=1))
FIELDS: dict[str, Any] = {
    "name": "withdrawn",
    "owner": "p",
    "visibility": "public",
    "disk_format": "raw",
    "container_format": "bare",
    "size": len(DATA),
    "hash": f"sha512:{hashlib.sha512(DATA).hexdigest()}",
}


@pytest.fixture
def cloud() -> SimulatedCloud:
    clock = VirtualClock()
    return SimulatedCloud(CloudName.NEW, clock, MachineRoom(clock), rng=random.Random(1))


@pytest.fixture
def images(cloud: SimulatedCloud) -> GlanceImages:
    return GlanceImages(services(cloud).glance)


def amended(images: GlanceImages, **fields: Any) -> Item:
    item = Item(Kind.IMAGE, KEY, "withdrawn", FIELDS | fields)
    found = images.item(KEY)
    assert found is not None
    assert images.amend(item, found) == Done()
    return item


def test_an_image_is_deactivated_before_and_reactivated_after_it_is_changed(
    cloud: SimulatedCloud, images: GlanceImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    patch = cloud.glance.patch

    def noted(ident: str, operations: Any) -> Any:
        seen.append(cloud.glance.records[ident]["status"])
        return patch(ident, operations)

    monkeypatch.setattr(cloud.glance, "patch", noted)
    item = Item(Kind.IMAGE, KEY, "withdrawn", FIELDS | {"status": "deactivated"})
    assert images.create(item) == Done()
    assert images.upload(item, Content(len(DATA), iter([DATA])), lambda _: None) == Done()

    wanted = [amended(images, status=status) for status in ("deactivated", "active")]

    assert seen == ["deactivated", "deactivated"]
    found = images.item(KEY)
    assert found is not None
    assert found.fields == wanted[-1].fields
