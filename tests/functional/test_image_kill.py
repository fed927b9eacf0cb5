# SPDX-License-Identifier: Apache-2.0
"""SIGKILL in the middle of a big image: nothing half-made stays, and it arrives all the same."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness import keys
from tests.harness.environment import Environment
from tests.lab import patience
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]

MIB = 1 << 20
SIZE = 512
"""MiB: some seconds on the way."""

MOST_MEMORY = 200
"""MiB that the daemon may take."""


@pytest.fixture
def environment(lab: Settings) -> Iterator[Environment]:
    mine = Environment(lab, "t-image-kill")
    mine.discard()
    yield mine
    mine.discard()


def test_an_image_arrives_though_ephyrad_is_killed(
    environment: Environment, new_daemon: NewDaemon
) -> None:
    block = keys.noise("big", MIB)
    content = (number.to_bytes(8, "big") + block[8:] for number in range(SIZE))
    key = environment.make_image("big", content, visibility="public")
    daemon = new_daemon({"environment": {"sweep_interval": "86400"}})
    daemon.start()
    daemon.ephyra("environment", "sync", "--name", environment.name("big"))
    await_status(environment, key, "saving")

    daemon.kill()

    # Glance takes it back by itself; and nobody has it in a list meanwhile.
    left = await_status(environment, key, "queued")
    assert (left["os_hidden"], left["visibility"], left["os_hash_value"]) == (True, "private", None)
    daemon.start()
    arrived = await_status(environment, key, "active")
    old = environment.api("old", "image").get(f"/v2/images/{key}")
    assert arrived["os_hash_value"] == old["os_hash_value"]
    patience.until("the image to be shown", lambda: shown(environment, key), 60)
    assert daemon.peak_mib() < MOST_MEMORY


def shown(environment: Environment, key: str) -> bool | None:
    image = environment.api("new", "image").get(f"/v2/images/{key}")
    return True if (image["visibility"], image["os_hidden"]) == ("public", False) else None


def await_status(environment: Environment, key: str, status: str) -> dict[str, Any]:
    """Return the record of an image in the new cloud when it has this status."""
    glance = environment.api("new", "image")

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] | None = glance.find(f"/v2/images/{key}")
        return found if found is not None and found["status"] == status else None

    return patience.until(f"image {key} to be {status}", look, 300, pause=0.05)
