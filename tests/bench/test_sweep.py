# SPDX-License-Identifier: Apache-2.0
"""The sweep: a whole cloud's nodes over real HTTP, as facts."""

import json
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from openstack.connection import Connection

from ephyrad.clouds.decode import NODE_FIELDS
from tests.bench.laps import alternate, cpu
from tests.bench.table import Table
from tests.unit.clouds.canned import Canned, Reply, Request
from tests.unit.clouds.samples import sample

PAGE = 1000

pytestmark = [
    pytest.mark.bench,
    # openstacksdk 4.22 warns of its own calls.
    pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK50Warning"),
]


class _Pages:
    """A list of nodes as Ironic pages it, made before anybody asks for it."""

    def __init__(self, url: str, count: int) -> None:
        shown = sample("new-nodes")["nodes"]
        nodes = [_node(shown[number % len(shown)], number) for number in range(count)]
        pages = [nodes[first : first + PAGE] for first in range(0, count, PAGE)]
        self._pages: dict[str | None, bytes] = {}
        marker = None
        for page in pages:
            body: dict[str, Any] = {"nodes": page}
            if page is not pages[-1]:
                query = f"limit={PAGE}&fields={NODE_FIELDS}&marker={page[-1]['uuid']}"
                body["next"] = f"{url}/baremetal/v1/nodes?{query}"
            self._pages[marker] = json.dumps(body).encode()
            marker = page[-1]["uuid"]

    def __call__(self, request: Request) -> Reply:
        assert set(request.query["fields"].split(",")) == set(NODE_FIELDS.split(","))
        return Reply(200, self._pages[request.query.get("marker")])


def _node(shown: dict[str, Any], number: int) -> dict[str, Any]:
    return {**shown, "uuid": str(UUID(int=number, version=4)), "name": f"node-{number}"}


@pytest.mark.parametrize(("count", "laps"), [(2300, 5), (10000, 2)])
def test_sweep(count: int, laps: int, table: Table) -> None:
    with Canned() as server:
        server.ironic("GET", "/nodes", _Pages(server.url, count))
        cloud = server.cloud(page_size=PAGE)
        connection = Connection(session=server.session())

        def ours() -> None:
            assert len(cloud.nodes()) == count

        def other() -> None:
            fields = NODE_FIELDS.split(",")
            assert len(list(connection.baremetal.nodes(fields=fields))) == count

        mine, theirs = alternate(partial(cpu, ours), partial(cpu, other), laps)
    table.add(
        f"sweep of {count:,} nodes (OpenStackCloud.nodes)",
        mine / count * 1e6,
        theirs / count * 1e6,
        "us of CPU per node",
        "openstacksdk, baremetal.nodes()",
    )
