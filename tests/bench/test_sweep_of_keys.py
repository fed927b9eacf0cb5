# SPDX-License-Identifier: Apache-2.0
"""The sweep of SSH keys, which Nova lists user by user: `--keys 10000` keys, ten of each user."""

import json
from functools import partial
from typing import Any

import pytest
from openstack.connection import Connection

from ephyrad.clouds.connect import connect
from ephyrad.clouds.environment.keypairs import Keypairs
from ephyrad.clouds.settings import CloudSettings
from ephyrad.migration.facts import CloudName
from tests.bench.laps import alternate, cpu
from tests.bench.table import Table
from tests.unit.clouds.canned import Canned, Reply, Request
from tests.unit.clouds.samples import sample

EACH = 10
"""Keys of one user."""
LAPS = 2

pytestmark = [
    pytest.mark.bench,
    # openstacksdk 4.22 warns of its own calls.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
]


def keys_of(user: str) -> bytes:
    """Return what Nova shows of a user, as large as it is with RSA keys."""
    (shown,) = sample("new-nova")["keypairs"]["keypairs"]
    more: dict[str, Any] = {"public_key": f"ssh-rsa {'A' * 540} {user}"}
    keys = [
        {"keypair": {**shown["keypair"], **more, "name": f"key-{number}"}} for number in range(EACH)
    ]
    return json.dumps({"keypairs": keys}).encode()


def test_sweep_of_keys(keys: int, table: Table) -> None:
    bodies = {f"user-{number}": keys_of(f"user-{number}") for number in range(keys // EACH)}

    def answer(request: Request) -> Reply:
        return Reply(200, bodies[request.query["user_id"]])

    with Canned() as server:
        server.answer("GET", "/compute/v2.1/os-keypairs", answer)
        nova = connect(CloudSettings(name=CloudName.OLD, session=server.session())).nova
        assert nova is not None
        connection = Connection(session=server.session())
        kept = Keypairs(nova, lambda: bodies, per_sweep=len(bodies))

        def unchanged() -> None:
            assert len(kept.items()) == keys

        def first() -> None:
            assert len(Keypairs(nova, lambda: bodies).items()) == keys

        def other() -> None:
            listed = (list(connection.compute.keypairs(user_id=user)) for user in bodies)
            assert sum(map(len, listed)) == keys

        mine, theirs = alternate(partial(cpu, unchanged), partial(cpu, other), LAPS)
        at_first = cpu(first)
    against = "openstacksdk, compute.keypairs()"
    what = f"{keys:,} keys of {len(bodies):,} users"
    table.add(f"sweep of {what}, unchanged", mine, theirs, "s of CPU", against)
    table.add(f"first sweep of {what}", at_first, theirs, "s of CPU", against)
