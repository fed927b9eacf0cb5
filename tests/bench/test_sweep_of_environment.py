# SPDX-License-Identifier: Apache-2.0
"""The environment's whole sweep: both clouds listed over real HTTP, and each item compared.

A tenth of `--keys` are images (1,000 for 10,000), another tenth are users.
"""

import json
import multiprocessing
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection as Pipe
from typing import Any
from uuid import UUID

import pytest

from ephyrad.clouds.connect import connect
from ephyrad.clouds.environment.gateway import OpenStackEnvironment
from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.settings import CloudSettings
from ephyrad.engine.environment.engine import EnvironmentEngine, EnvironmentTuning
from ephyrad.engine.environment.look import Environments
from ephyrad.engine.perform import Clouds
from ephyrad.environment.effects import Effect
from ephyrad.environment.entries import InStep, Intended
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.journal.journal import Journal
from ephyrad.migration.facts import CloudName
from tests.bench.laps import alternate, cpu_of_all
from tests.bench.table import Table
from tests.bench.test_sweep_of_keys import EACH, keys_of
from tests.unit.clouds.canned import Canned, Reply, Request, session_with

LAPS = 3
NOW = datetime(2026, 11, 25, tzinfo=UTC)
KEPT = frozenset({Kind.IMAGE, Kind.KEYPAIR})

pytestmark = pytest.mark.bench


def _image(number: int) -> dict[str, Any]:
    """Return an image as Glance lists it; it bears the mark of nobody."""
    ident = str(UUID(int=number, version=4))
    return {
        "id": ident,
        "name": f"debian-{number}",
        "status": "active",
        "visibility": "public",
        "protected": False,
        "os_hidden": False,
        "owner": "project",
        "min_disk": 10,
        "min_ram": 0,
        "disk_format": "qcow2",
        "container_format": "bare",
        "checksum": "0" * 32,
        "os_hash_algo": "sha512",
        "os_hash_value": f"{number:0128x}",
        "size": 1 << 30,
        "virtual_size": 10 << 30,
        "tags": ["golden", "lts"],
        "hw_firmware_type": "uefi",
        "os_distro": "debian",
        "os_version": str(number),
        "created_at": "2026-11-21T00:00:00Z",
        "updated_at": "2026-11-21T00:00:00Z",
        "self": f"/v2/images/{ident}",
        "file": f"/v2/images/{ident}/file",
        "schema": "/v2/schemas/image",
    }


def _answer_for(server: Canned, keys: int) -> None:
    """Have a cloud's Keystone, Glance and Nova show so many things."""
    server.endpoints["identity"] = "/identity/v3"
    users = [f"user-{number}" for number in range(keys // EACH)]
    shown = {
        "domains": [{"id": "default", "name": "Default"}],
        "users": [{"id": user, "name": user, "domain_id": "default"} for user in users],
        "projects": [{"id": "project", "name": "project", "domain_id": "default"}],
    }
    for kind, listed in shown.items():
        server.answer("GET", f"/identity/v3/{kind}", Reply(200, {kind: listed, "links": {}}))
    images = json.dumps({"images": [_image(number) for number in range(keys // 10)]}).encode()
    none = json.dumps({"images": []}).encode()
    server.answer(
        "GET",
        "/image/v2/images",
        lambda request: Reply(200, none if "os_hidden" in request.query else images),
    )
    bodies = {user: keys_of(user) for user in users}

    def of_user(request: Request) -> Reply:
        return Reply(200, bodies[request.query["user_id"]])

    server.answer("GET", "/compute/v2.1/os-keypairs", of_user)


class Stage:
    """Two such clouds, all in step as the journal says, and the engine between them."""

    def __init__(self, urls: list[str], journal: Journal) -> None:
        settings = [
            CloudSettings(name=name, session=session_with(url), users_at_once=1 << 20)
            for name, url in zip(CloudName, urls, strict=True)
        ]
        services = list(map(connect, settings))
        environments = Environments(*map(OpenStackEnvironment, settings, services))
        tuning = EnvironmentTuning(EnvironmentPolicy(kept=KEPT))
        self.engine = EnvironmentEngine(
            journal.environment,
            environments,
            Clouds(*map(OpenStackCloud, settings)),
            tuning=lambda: tuning,
            workers=0,
            clock=lambda: datetime.now(UTC),
        )
        self._settle()

    def _settle(self) -> None:
        """Have the journal say of each item that it is in step."""
        for kind in KEPT:
            entries: list[Any] = []
            for line in self.engine.comparer.compare(kind, EnvironmentPolicy()).lines:
                assert line.old is not None
                digest = line.old.digest
                made = Intended(NOW, "1", Effect.CREATE, line.old.name, line.old.key, digest)
                entries += [(line.item, made), (line.item, InStep(NOW, digest))]
            self.engine.journal.append_each(entries[::2])
            self.engine.journal.append_each(entries[1::2])

    def swept(self) -> None:
        self.engine.sweep.sweep()
        assert self.engine.crew.due_in() is None

    def anew(self) -> None:
        """Compare with every item decided on, as if nothing were known of the last comparison."""
        policy, comparer = EnvironmentPolicy(kept=KEPT), self.engine.comparer
        for kind in KEPT:
            assert comparer.compare(kind, policy, lambda record: record).lines

    def items(self) -> int:
        return sum(len(self.engine.standings.of(kind).items or {}) for kind in KEPT)


def _serve(pipe: Pipe, keys: int) -> None:
    """Serve both clouds until the other end of the pipe is closed."""
    with ExitStack() as stack:
        servers = [stack.enter_context(Canned()) for _ in CloudName]
        for server in servers:
            _answer_for(server, keys)
        pipe.send([server.url for server in servers])
        pipe.poll(None)


@contextmanager
def served(keys: int) -> Iterator[list[str]]:
    """Give the URLs of both clouds, whose CPU time is another process's."""
    mine, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, keys))
    process.start()
    theirs.close()
    try:
        yield mine.recv()
    finally:
        mine.close()
        process.join()


def test_sweep_of_environment(keys: int, table: Table, journal: Journal) -> None:
    with served(keys) as urls:
        stage = Stage(urls, journal)
        swept, anew = partial(cpu_of_all, stage.swept), partial(cpu_of_all, stage.anew)
        mine, before = alternate(swept, anew, LAPS)
        assert stage.items() == keys + keys // 10
    what = f"whole sweep of {keys // 10:,} images and {keys:,} keys of both clouds, unchanged"
    table.add(what, mine, before, "s of CPU", "ephyrad, every item decided on anew")
