# SPDX-License-Identifier: Apache-2.0
"""A big image from one real Glance to the other, against curl; `--image-mib 2048` says how big."""

import resource
import shutil
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import openstack.config
import pytest

from ephyrad.clouds.connect import connect
from ephyrad.clouds.environment.gateway import OpenStackEnvironment
from ephyrad.clouds.environment.port import Images
from ephyrad.clouds.settings import CloudSettings
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done
from tests.bench.laps import alternate, wall
from tests.bench.table import Table
from tests.harness.environment import Environment
from tests.harness.keys import blocks
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.settings import ADDRESS, Settings, from_environment

LAPS = 3
UNIT = "MiB/s"

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]


class Route:
    """An image of the old cloud, and the ways it takes to the new one, under a new id each time."""

    def __init__(self, environment: Environment, big: str) -> None:
        self._environment = environment
        self._big = big
        self._old, self._new = images_of(CloudName.OLD), images_of(CloudName.NEW)
        self.cpu_of_us: list[float] = []
        self.cpu_of_curl: list[float] = []

    def by_us(self) -> float:
        """Return the seconds that ephyrad takes for the bytes."""
        found = self._old.item(self._big)
        assert found is not None
        wanted = replace(found, key=self._queued())

        def carry() -> None:
            content = self._old.content(self._big)
            assert self._new.upload(wanted, content, lambda _count: None) == Done()

        seconds = self._timed(carry, resource.RUSAGE_SELF, self.cpu_of_us)
        self._forget(wanted.key)
        return seconds

    def by_curl(self) -> float:
        """Return the seconds that one curl takes that is piped into another."""
        key = self._queued()
        get = ["curl", "-sSf", "-H", f"X-Auth-Token: {token('old')}", place("old", self._big)]
        put = ["curl", "-sSf", "-X", "PUT", "-H", f"X-Auth-Token: {token('new')}", "-T", "-"]
        put += ["-H", "Content-Type: application/octet-stream", place("new", key)]

        def carry() -> None:
            with subprocess.Popen(get, stdout=subprocess.PIPE) as reading:
                subprocess.run(put, stdin=reading.stdout, check=True)
            assert reading.returncode == 0

        seconds = self._timed(carry, resource.RUSAGE_CHILDREN, self.cpu_of_curl)
        self._forget(key)
        return seconds

    def _timed(self, carry: Callable[[], None], whose: int, spent: list[float]) -> float:
        """Return the seconds that it takes, and note those of CPU."""
        before = cpu_of(whose)
        seconds = wall(carry)
        spent.append(cpu_of(whose) - before)
        return seconds

    def _queued(self) -> str:
        body = {"id": str(uuid.uuid4()), "name": self._environment.name("copy")}
        body |= {"disk_format": "raw", "container_format": "bare", "visibility": "private"}
        return str(self._environment.api("new", "image").post("/v2/images", body)["id"])

    def _forget(self, key: str) -> None:
        glance = self._environment.api("new", "image")
        assert glance.get(f"/v2/images/{key}")["status"] == "active"
        glance.delete(f"/v2/images/{key}")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    lab = from_environment()
    if shutil.which("curl") is None or not all(answers(lab, cloud) for cloud in CLOUDS):
        pytest.skip("not measured: no lab, or no curl")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(lab.clouds_yaml))
    mine = Environment(lab, "b-image-bytes")
    mine.discard()
    yield mine
    mine.discard()


def test_a_big_image(environment: Environment, image_mib: int, table: Table) -> None:
    big = environment.make_image("big", blocks("big", image_mib))
    route = Route(environment, big)
    before = peak()

    ours, curls = alternate(route.by_us, route.by_curl, LAPS)

    what = f"an image of {image_mib:,} MiB from Glance to Glance"
    table.add(what, image_mib / ours, image_mib / curls, UNIT, "one curl piped into another")
    cpu, curls_cpu = (
        median(spent) * 1024 / image_mib for spent in (route.cpu_of_us, route.cpu_of_curl)
    )
    table.add(f"{what}: CPU", cpu, curls_cpu, "s per GiB", "both curls")
    table.add(f"{what}: memory more at the peak", peak() - before, None, "MiB", "the process's")


def answers(lab: Settings, cloud: Cloud) -> bool:
    """Return whether the lab runs: it is not brought up for this."""
    with socket.socket() as line:
        return line.connect_ex((ADDRESS, lab.port(cloud, "glance"))) == 0


def images_of(name: CloudName) -> Images:
    settings = CloudSettings(name=name, cloud=f"{name}-system", project_cloud=str(name))
    images = OpenStackEnvironment(settings, connect(settings)).images
    assert images is not None
    return images


def token(cloud: Cloud) -> str:
    session = openstack.config.OpenStackConfig().get_one(cloud=cloud).get_session()
    return str(session.get_token())


def place(cloud: Cloud, image: str) -> str:
    """Return the URL of the bytes of an image."""
    session = openstack.config.OpenStackConfig().get_one(cloud=cloud).get_session()
    url = urlsplit(str(session.get_endpoint(service_type="image", interface="public")))
    return f"{url.scheme}://{url.netloc}{Path('/v2/images') / image / 'file'}"


def cpu_of(whose: int) -> float:
    """Return the seconds of CPU that this process, or those that it has waited for, have spent."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def peak() -> float:
    """Return the most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
