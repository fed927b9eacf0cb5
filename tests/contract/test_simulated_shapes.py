# SPDX-License-Identifier: Apache-2.0
"""The simulated Ironic's records have the fields of the real one's, which were recorded."""

from collections.abc import Iterator
from typing import Any

import pytest
from keystoneauth1.adapter import Adapter

from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done, Underway
from ephyrad.testing.http.ironic import COLLECTIONS
from tests.contract.http_stage import HttpStage
from tests.contract.stage import Nodes, part
from tests.unit.clouds.samples import sample

NEWEST = {CloudName.OLD: "1.82", CloudName.NEW: "1.115"}

# What ephyrad has no use for, and the simulation therefore has not.
_WANTING = {
    "node": "parent_node portgroups ports states volume",
    PartKind.PORT: "available_for_dynamic_portgroup created_at links updated_at",
    PartKind.PORTGROUP: "created_at dynamic_portgroup internal_info links ports updated_at",
    PartKind.CONNECTOR: "created_at links updated_at",
    PartKind.TARGET: "created_at links updated_at",
    "history": "duration_seconds links project state target_provision_state user uuid",
    "conductors": "links",
    "nodes": "",
}


@pytest.fixture(params=list(CloudName))
def stage(request: pytest.FixtureRequest) -> Iterator[HttpStage]:
    stage = HttpStage(request.param)
    yield stage
    stage.close()


def real(stage: HttpStage, name: str) -> Any:
    return sample(f"{stage.simulated.name}-{name}")


def asked(stage: HttpStage, path: str) -> Any:
    version = NEWEST[stage.simulated.name]
    session = stage.session(system_scope="all")
    return (
        Adapter(
            session,
            service_type="baremetal",
            interface="public",
            default_microversion=version,
        )
        .get(path)
        .json()
    )


def compare(what: str, simulated: dict[str, Any], recorded: dict[str, Any]) -> None:
    assert simulated.keys() - recorded.keys() == set()
    assert recorded.keys() - simulated.keys() <= set(_WANTING[what].split())


def test_a_node(stage: HttpStage) -> None:
    node = Nodes(stage).make()

    compare("node", asked(stage, f"/v1/nodes/{node}"), real(stage, "records")["node"])


def test_a_node_in_a_list(stage: HttpStage) -> None:
    Nodes(stage).make()
    recorded = real(stage, "nodes")["nodes"][0]
    fields = ",".join(name for name in recorded if name != "links")

    compare("nodes", asked(stage, f"/v1/nodes?fields={fields}")["nodes"][0], recorded)


@pytest.mark.parametrize("kind", PartKind)
def test_a_part(stage: HttpStage, kind: PartKind) -> None:
    node = Nodes(stage).make()
    path, key = COLLECTIONS[kind]
    assert stage.cloud.create_part(kind, part(kind, node)) == Done()

    (simulated,) = asked(stage, f"{path}?node={node}&detail=true")[key]

    compare(kind, simulated, real(stage, "records")[key][key][0])


def test_an_entry_of_a_history(stage: HttpStage) -> None:
    node = Nodes(stage).make(**stage.unverifiable)
    assert stage.cloud.provision(node, "manage") == Underway()
    for _ in range(10):
        stage.wait()

    (simulated,) = asked(stage, f"/v1/nodes/{node}/history?detail=true")["history"]

    compare("history", simulated, real(stage, "history")["history"][0])


def test_a_conductor(stage: HttpStage) -> None:
    (simulated,) = asked(stage, "/v1/conductors")["conductors"]

    compare("conductors", simulated, real(stage, "conductors")["conductors"][0])
