# SPDX-License-Identifier: Apache-2.0
"""What the simulation shows of environments is what real clouds do, whose answers were recorded."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from keystoneauth1.adapter import Adapter

from ephyrad.migration.facts import CloudName
from ephyrad.testing.http.keystone import PROJECT
from tests.contract.http_stage import HttpStage
from tests.unit.clouds.samples import sample

KEY = "6a3b7a1e-58b2-4a5c-9a63-0f4f2e7d1c01"
NAME = "CUSTOM_GOLD"
NEWEST = {CloudName.OLD: "1.82", CloudName.NEW: "1.115"}
ARGS = {
    "settings": [{"name": "a", "value": "b"}],
    "password": "hush",
    "note": "x password=hush y",
    "users": [{"password": "hush"}],
}


@pytest.fixture(params=list(CloudName))
def stage(request: pytest.FixtureRequest) -> Iterator[HttpStage]:
    stage = HttpStage(request.param)
    yield stage
    stage.close()


def recorded(stage: HttpStage, what: str) -> Any:
    return sample(f"{stage.simulated.name}-environment")[what]


def service(stage: HttpStage, kind: str) -> Adapter:
    scope = {"project_name": PROJECT, "project_domain_name": "Default"}
    is_ironic = kind == "baremetal"
    return Adapter(
        stage.session(**({"system_scope": "all"} if is_ironic else scope)),
        service_type=kind,
        interface="public",
        default_microversion=NEWEST[stage.simulated.name] if is_ironic else "1.39",
    )


def plain(answer: Any) -> Any:
    """Return an answer without what differs from place to place and from time to time."""
    text = re.sub(r"http://127\.0\.0\.1[^\"]*?/(v1/)?(?=\w+/\w+-)", r"http://127.0.0.1/\1", answer)
    return json.loads(re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "now", text))


@pytest.mark.parametrize(
    ("path", "number"), [("deploy_templates", "priority"), ("runbooks", "order")]
)
def test_a_list_of_steps(stage: HttpStage, path: str, number: str) -> None:
    if path == "runbooks" and stage.simulated.name is CloudName.OLD:
        pytest.skip("2023.1 has no runbooks")
    ironic = service(stage, "baremetal")
    step = {"interface": "bios", "step": "apply_configuration", "args": ARGS, number: 50}
    body = {"uuid": KEY, "name": NAME, "steps": [step], "extra": {"rack": 1}}
    ironic.post(f"/v1/{path}", json=body)
    if path == "runbooks":
        ironic.put(f"/v1/{path}/{KEY}/traits", json={"traits": [NAME]})

    listed, shown = ironic.get(f"/v1/{path}?detail=true"), ironic.get(f"/v1/{path}/{KEY}")

    real = plain(json.dumps(recorded(stage, path)))
    assert plain(listed.text) == real
    assert plain(shown.text) == real[path][0]


def test_names(stage: HttpStage) -> None:
    placement = service(stage, "placement")
    for path in ("traits", "resource_classes"):
        placement.put(f"/{path}/{NAME}")

    traits = placement.get("/traits?name=startswith:CUSTOM_").json()
    classes = placement.get("/resource_classes").json()["resource_classes"]
    shown = placement.get(f"/resource_classes/{NAME}").json()

    assert traits == recorded(stage, "traits")
    assert recorded(stage, "resource_class") == shown
    for each in recorded(stage, "resource_classes")["resource_classes"]:
        assert each in classes
