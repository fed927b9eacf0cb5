# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import pytest

from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.port import CloudReadError, CloudSetupError
from ephyrad.clouds.settings import CloudSettings
from ephyrad.migration.facts import CloudName
from tests.unit.clouds.canned import Canned, Reply

EMPTY = Reply(200, {"nodes": []})


def write_clouds(path: Path, monkeypatch: pytest.MonkeyPatch, **clouds: object) -> None:
    # JSON is YAML.
    path.write_text(json.dumps({"clouds": clouds}))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))


def password(url: str, **scope: str) -> dict[str, object]:
    auth = {"auth_url": f"{url}/identity/v3", "username": "operator", "password": "hush"}
    return {"auth": auth | {"user_domain_id": "default"} | scope, "region_name": "R"}


@pytest.mark.parametrize(
    ("low", "high", "pinned"),
    [
        ("1.1", "1.65", "1.65"),
        ("1.1", "1.82", "1.82"),
        ("1.1", "1.115", "1.115"),
        ("1.1", "1.116", "1.115"),
        ("1.100", "1.200", "1.115"),
    ],
)
def test_the_highest_version_that_both_know_is_pinned(
    server: Canned, low: str, high: str, pinned: str
) -> None:
    server.versions(low, high)
    server.ironic("GET", "/nodes", EMPTY)

    server.cloud().nodes()

    (request,) = server.asked("GET", "/baremetal/v1/nodes")
    assert request.headers["X_OPENSTACK_IRONIC_API_VERSION"] == pinned


@pytest.mark.parametrize(("low", "high"), [("1.1", "1.58"), ("1.120", "1.130")])
def test_an_ironic_of_another_age_is_named(server: Canned, low: str, high: str) -> None:
    server.versions(low, high)
    cloud = server.cloud()

    with pytest.raises(CloudSetupError) as caught:
        cloud.check()

    assert str(caught.value) == (
        f"[new_cloud]: Ironic of the new cloud has API {low} to {high}; "
        "ephyrad needs 1.65 (for retired nodes and the filters of node lists) to 1.115"
    )
    with pytest.raises(CloudReadError, match=r"ephyrad needs 1\.65"):
        cloud.nodes()


@pytest.mark.parametrize("status", [500, 503, 404])
def test_an_ironic_that_does_not_say_its_versions_cannot_be_read(
    server: Canned, status: int
) -> None:
    server.answer("GET", "/baremetal", Reply(status))
    server.answer("GET", "/baremetal/v1", Reply(status))
    server.answer("GET", "", Reply(status))

    with pytest.raises(CloudReadError, match="Ironic of the new cloud"):
        server.cloud().check()


def test_a_service_is_found_once_it_is_there(server: Canned) -> None:
    server.ironic("GET", "/nodes", EMPTY)
    for path in ("/baremetal", "/baremetal/v1", ""):
        server.answer("GET", path, Reply(503))
    cloud = server.cloud()
    with pytest.raises(CloudReadError):
        cloud.nodes()
    server.versions("1.1", "1.82")

    assert cloud.nodes() == []
    (request,) = server.asked("GET", "/baremetal/v1/nodes")
    assert request.headers["X_OPENSTACK_IRONIC_API_VERSION"] == "1.82"


def test_a_cloud_without_ironic_is_named(server: Canned) -> None:
    del server.endpoints["baremetal"]

    with pytest.raises(CloudSetupError, match="correct the region and the interfaces") as caught:
        server.cloud().check()

    assert str(caught.value).startswith("[new_cloud]: Ironic of the new cloud is not in the")


def test_a_region_that_is_not_there_is_named(server: Canned) -> None:
    with pytest.raises(CloudSetupError, match=r"region.*Mars|Mars.*region"):
        server.cloud(region="Mars").check()


def test_interfaces_are_tried_in_turn(server: Canned) -> None:
    server.ironic("GET", "/nodes", EMPTY)

    assert server.cloud(interfaces=("internal", "public")).nodes() == []
    with pytest.raises(CloudReadError, match="internal"):
        server.cloud(interfaces=("internal",)).nodes()


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (401, CloudSetupError, r"\[new_cloud\]: Keystone refuses the credentials: Sorry"),
        (403, CloudSetupError, r"\[new_cloud\]: Keystone refuses the credentials: Sorry"),
        (404, CloudSetupError, r"\[new_cloud\]: Keystone refuses the credentials"),
        # The daemon would end for good, where asking again helps.
        (408, CloudReadError, "Keystone of the new cloud: Sorry"),
        (429, CloudReadError, "Keystone of the new cloud: Sorry"),
        (500, CloudReadError, "Keystone of the new cloud: Sorry"),
        (503, CloudReadError, "Keystone of the new cloud: Sorry"),
    ],
)
def test_keystones_refusal_is_told_from_its_trouble(
    server: Canned, status: int, error: type[Exception], words: str
) -> None:
    server.token_reply = Reply(status, {"error": {"code": status, "message": "Sorry"}})

    with pytest.raises(error, match=words):
        server.cloud().check()


def test_a_keystone_that_is_not_there_cannot_be_read(server: Canned) -> None:
    cloud = server.cloud()
    server.stop()

    with pytest.raises(CloudReadError, match=r"Keystone of the new cloud: Connection refused"):
        cloud.check()


def test_a_token_is_not_asked_for_at_another_host(server: Canned) -> None:
    elsewhere = {"Location": f"{server.url}/elsewhere"}
    server.token_reply = Reply(307, b"", elsewhere)

    with pytest.raises((CloudReadError, CloudSetupError)):
        server.cloud().check()

    assert server.asked("POST", "/elsewhere") == []


def test_clouds_of_clouds_yaml_are_used(
    server: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_clouds(
        tmp_path / "clouds.yaml",
        monkeypatch,
        system=password(server.url, system_scope="all"),
        project=password(server.url, project_name="admin", project_domain_id="default"),
    )
    server.ironic("GET", "/nodes", EMPTY)
    server.answer("GET", "/compute/v2.1/servers/detail", Reply(200, {"servers": []}))
    server.answer("GET", "/placement/resource_providers/x/inventories", Reply(500))
    settings = CloudSettings(name=CloudName.OLD, cloud="system", project_cloud="project")

    cloud = OpenStackCloud(settings)

    assert cloud.nodes() == []
    with pytest.raises(CloudReadError, match="placement of the old cloud"):
        cloud.compute("x")
    scopes = [one.json["auth"]["scope"] for one in server.asked("POST", "/identity/v3/auth/tokens")]
    assert scopes == [
        {"system": {"all": True}},
        {"project": {"name": "admin", "domain": {"id": "default"}}},
    ]


def test_a_cloud_that_clouds_yaml_does_not_have_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_clouds(tmp_path / "clouds.yaml", monkeypatch)

    with pytest.raises(CloudSetupError) as caught:
        OpenStackCloud(CloudSettings(name=CloudName.OLD, cloud="nephele"))

    assert str(caught.value).startswith("[old_cloud]: cloud 'nephele' of clouds.yaml")


def test_a_clouds_yaml_that_caches_is_not_heeded(
    server: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "clouds.yaml"
    write_clouds(path, monkeypatch, one=password(server.url, system_scope="all"))
    caching = {"expiration_time": 3600, "expiration": {"baremetal.nodes": 3600}}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"cache": caching}))
    server.ironic("GET", "/nodes", EMPTY)
    cloud = OpenStackCloud(CloudSettings(name=CloudName.OLD, cloud="one"))

    cloud.nodes()
    cloud.nodes()

    assert len(server.asked("GET", "/baremetal/v1/nodes")) == 2


def test_making_a_cloud_asks_nothing(server: Canned) -> None:
    server.cloud()

    assert server.requests == []


def test_a_session_without_a_time_out_gets_one(server: Canned) -> None:
    session = server.session()

    OpenStackCloud(CloudSettings(name=CloudName.OLD, session=session, read_timeout=7.0))

    assert session.timeout == 7.0
