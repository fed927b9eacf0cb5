# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import Any

import pytest

from ephyrad.clouds.environment import mark
from ephyrad.clouds.environment.port import Collection
from ephyrad.clouds.port import CloudReadError
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Refused, Unknown
from tests.unit.clouds.canned import Canned, Reply
from tests.unit.clouds.samples import RELEASES, sample

PATH = "/compute/v2.1/flavors"
GOLD = Item(Kind.FLAVOR, "gold", "gold", {"name": "gold", "ram": 8, "vcpus": 1, "disk": 3})


def shown(**more: Any) -> dict[str, Any]:
    flavor: dict[str, Any] = sample("new-nova")["flavor"]["flavor"]
    named: dict[str, Any] = {"id": "gold", "name": "gold", "description": None, "extra_specs": {}}
    return {**flavor, **named, "os-flavor-access:is_public": True, **more}


def gone(words: str = "Flavor gold could not be found.") -> Reply:
    return Reply(404, {"itemNotFound": {"code": 404, "message": words}})


@pytest.fixture
def flavors(server: Canned) -> Collection:
    return server.environment().collections[Kind.FLAVOR]


@pytest.mark.parametrize("release", RELEASES)
def test_a_recorded_flavor(server: Canned, flavors: Collection, release: str) -> None:
    recorded = sample(f"{release}-nova")
    server.answer("GET", f"{PATH}/contract-story", Reply(200, recorded["flavor"]))
    server.answer("GET", f"{PATH}/contract-story/os-flavor-access", Reply(200, recorded["access"]))

    item = flavors.item("contract-story")

    assert item is not None
    assert item.fields == {
        **GOLD.fields,
        "name": "contract-story",
        "is_public": False,
        "description": "a",
        "extra_specs": {"a": "b"},
        "access": ["1f" * 16],
    }


def test_no_flavor_loses_extra_specs_that_are_hidden(server: Canned, flavors: Collection) -> None:
    flavor = shown()
    del flavor["extra_specs"]
    server.answer("GET", f"{PATH}/detail", Reply(200, {"flavors": [flavor]}))

    with pytest.raises(CloudReadError, match="extra_specs"):
        flavors.items()


@pytest.mark.parametrize("more", [{"swap": ""}, {"rxtx_factor": ""}])
def test_an_empty_text_is_nothing(
    server: Canned, flavors: Collection, more: dict[str, Any]
) -> None:
    server.answer("GET", f"{PATH}/detail", Reply(200, {"flavors": [shown(**more)]}))

    assert flavors.items() == [GOLD]


def test_a_disabled_flavor_cannot_be_carried(server: Canned, flavors: Collection) -> None:
    flavor = shown(**{"OS-FLV-DISABLED:disabled": True})
    server.answer("GET", f"{PATH}/detail", Reply(200, {"flavors": [flavor]}))

    (item,) = flavors.items()

    assert item.trouble is not None
    assert "disabled" in item.trouble


def test_a_flavor_that_goes_while_it_is_read_is_not_there(
    server: Canned, flavors: Collection
) -> None:
    private = shown(**{"os-flavor-access:is_public": False})
    others = shown(id="silver", name="silver")
    server.answer("GET", f"{PATH}/detail", Reply(200, {"flavors": [private, others]}))
    server.answer("GET", f"{PATH}/gold", Reply(200, {"flavor": private}))
    server.answer("GET", f"{PATH}/gold/os-flavor-access", gone())

    assert [item.key for item in flavors.items()] == ["silver"]
    assert flavors.item("gold") is None


def test_who_is_no_administrator_is_not_shown_private_flavors(
    server: Canned, flavors: Collection
) -> None:
    words = "Policy doesn't allow os_compute_api:os-aggregates:index to be performed."
    path = PATH.replace("/flavors", "/os-aggregates")
    server.answer("GET", path, Reply(403, {"forbidden": {"code": 403, "message": words}}))
    assert words in str(flavors.doubt())

    server.answer("GET", path, Reply(200, {"aggregates": []}))
    assert flavors.doubt() is None

    server.answer("GET", path, Reply(500, {}))
    with pytest.raises(CloudReadError, match="HTTP 500"):
        flavors.doubt()


def test_the_mark_is_the_last_thing_that_is_written(server: Canned, flavors: Collection) -> None:
    item = replace(GOLD, fields={**GOLD.fields, "extra_specs": {"a": "b"}, "access": ["p"]})
    for path in ("", "/gold/os-extra_specs", "/gold/action"):
        server.answer("POST", f"{PATH}{path}", Reply(200, {}))

    assert flavors.create(item) == Done()

    posted = [request.json for request in server.requests if request.method == "POST"]
    assert posted[-3:] == [
        {"extra_specs": {"a": "b"}},
        {"addTenantAccess": {"tenant": "p"}},
        {"extra_specs": {"ephyrad:mark": mark.of(item)}},
    ]


def test_extra_specs_are_set_by_an_api_that_takes_all_that_the_old_cloud_took(
    server: Canned, flavors: Collection
) -> None:
    for path in ("", "/gold/os-extra_specs"):
        server.answer("POST", f"{PATH}{path}", Reply(200, {}))

    assert flavors.create(GOLD) == Done()

    asked = [
        (request.headers["OPENSTACK_API_VERSION"], request.path.rpartition("/")[2])
        for request in server.requests
        if request.method == "POST" and PATH in request.path
    ]
    (chosen, _), *rest = asked
    assert chosen != "compute 2.85"
    assert rest == [("compute 2.85", "os-extra_specs")]


def test_what_cannot_be_taken_back_may_be_there(server: Canned, flavors: Collection) -> None:
    server.answer("POST", PATH, Reply(200, {}))
    refused = Reply(400, {"badRequest": {"code": 400, "message": "No."}})
    server.answer("POST", f"{PATH}/gold/os-extra_specs", refused)
    server.answer("DELETE", f"{PATH}/gold", Reply(503))

    words = "No. (HTTP 400), and what was begun is still there"
    assert flavors.create(GOLD) == Unknown(words)


def test_an_extra_spec_that_is_gone_is_gone(server: Canned, flavors: Collection) -> None:
    found = replace(GOLD, fields={**GOLD.fields, "extra_specs": {"x": "y"}})
    words = "Flavor gold has no extra specs with key x."
    server.answer("DELETE", f"{PATH}/gold/os-extra_specs/x", gone(words))
    server.answer("POST", f"{PATH}/gold/os-extra_specs", Reply(200, {}))

    assert flavors.amend(GOLD, found) == Done()


def test_a_flavor_that_is_gone_is_not_amended(server: Canned, flavors: Collection) -> None:
    found = replace(GOLD, fields={**GOLD.fields, "extra_specs": {"x": "y"}})
    server.answer("DELETE", f"{PATH}/gold/os-extra_specs/x", gone())

    assert flavors.amend(GOLD, found) == Refused(404, "Flavor gold could not be found.")
