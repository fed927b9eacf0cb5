# SPDX-License-Identifier: Apache-2.0
"""A big image arrives though ephyrad is killed and connections break, and is whole or not seen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.functional.conftest import NewDaemon
from tests.harness import keys
from tests.harness.environment import Environment
from tests.harness.relay import Relay
from tests.harness.sightings import Sightings, sighting
from tests.lab import patience
from tests.lab.ports import Cloud
from tests.lab.settings import ADDRESS, Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]

MIB = 1 << 20
SIZE = 2048
"""MiB."""

MOST_MEMORY = 200
"""MiB that the daemon may take."""


@pytest.fixture
def environment(lab: Settings) -> Iterator[Environment]:
    mine = Environment(lab, "t-big-image")
    mine.discard()
    yield mine
    mine.discard()


@pytest.fixture
def relays(lab: Settings) -> Iterator[dict[Cloud, Relay]]:
    """What stands between ephyrad and either Glance."""
    with Relay(lab.port("old", "glance")) as old, Relay(lab.port("new", "glance")) as new:
        yield {"old": old, "new": new}


@pytest.fixture
def clouds_yaml(lab: Settings, relays: dict[Cloud, Relay], tmp_path: Path) -> Path:
    """The lab's clouds, with the relays for Glances."""
    clouds = yaml.safe_load(lab.clouds_yaml.read_text())
    for cloud, relay in relays.items():
        clouds["clouds"][f"{cloud}-ephyra"] |= {
            "image_endpoint_override": f"http://{ADDRESS}:{relay.port}/v2",
            # Without it, openstacksdk finds no API behind an override.
            "image_api_version": "2",
        }
    path = tmp_path / "clouds.yaml"
    path.write_text(yaml.safe_dump(clouds))
    return path


def test_a_big_image_arrives_whole_or_is_not_seen(
    environment: Environment,
    new_daemon: NewDaemon,
    relays: dict[Cloud, Relay],
    clouds_yaml: Path,
) -> None:
    key = environment.make_image("big", keys.blocks("big", SIZE), visibility="public")
    old = environment.api("old", "image").get(f"/v2/images/{key}")
    daemon = new_daemon({"environment": {"sweep_interval": "86400"}}, clouds_yaml=clouds_yaml)
    daemon.start()

    with Sightings(environment, key) as seen:
        daemon.ephyra("environment", "sync", "--name", environment.name("big"))
        relays["new"].await_carried(SIZE // 2 * MIB, 300)
        peaks = [daemon.peak_mib()]
        daemon.kill()
        await_status(environment, key, "queued")

        # Bytes that come are asked for from where they broke off; those that go, all anew.
        relays["old"].cut_after(SIZE // 4 * MIB)
        relays["new"].cut_after(SIZE // 2 * MIB)
        daemon.start()
        await_status(environment, key, "active")
        patience.until("the image to be shown", lambda: shown(environment, key), 60)
    peaks.append(daemon.peak_mib())

    print(f"memory at its peak, killed and not: {', '.join(f'{mib:.0f} MiB' for mib in peaks)}")
    assert max(peaks) < MOST_MEMORY
    assert {cloud: relay.cuts for cloud, relay in relays.items()} == {"old": 1, "new": 1}
    records = [dict(record) for record in seen.records]
    assert {record["status"] for record in records} == {"queued", "saving", "active"}
    for record in records:
        if record["status"] == "active":
            assert (record["size"], record["os_hash_value"]) == (old["size"], old["os_hash_value"])
        else:
            hidden = record["visibility"], record["os_hidden"], record["os_hash_value"]
            assert hidden == ("private", True, None)
    assert seen.listed <= {sighting(old)}


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
