# SPDX-License-Identifier: Apache-2.0
"""In which order an image is changed, where the order says who may see it."""

import hashlib
import random
import uuid
from typing import Any

import pytest

from ephyrad.clouds.environment.images import GlanceImages
from ephyrad.clouds.environment.port import Content
from ephyrad.clouds.errors import Answer
from ephyrad.clouds.service import Params
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


def test_an_administrator_is_shown_all_images(images: GlanceImages) -> None:
    assert images.doubt() is None


def test_who_is_none_is_not(cloud: SimulatedCloud) -> None:
    """Glance words both as if an image were not there."""
    glance = services(cloud).glance

    def ask(path: str, params: Params | None = None) -> Answer:
        assert path == "/tasks"
        return Answer(403, b"<html>You are not authorized to complete tasks_api_access action.")

    glance.ask = ask  # type: ignore[method-assign]

    assert "tasks_api_access" in str(GlanceImages(glance).doubt())


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
