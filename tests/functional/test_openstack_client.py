# SPDX-License-Identifier: Apache-2.0
"""`openstack ephyra`, the real one, against the real daemon, with users of a real Keystone."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness.authority import free_port, issue
from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.harness.spellings import spellings
from tests.harness.users import TENANT, Users
from tests.lab.nodes import Kind
from tests.lab.openstack_api import Api
from tests.lab.settings import Settings
from tests.unit.api.calling import call, trusting

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

PREFIX = "t-tcp"
LIBRARIES = ("cheroot", "keystoneauth", "keystonemiddleware", "oslo_policy", "requests", "urllib3")
"""What sees tokens, and could log them."""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    directory = tmp_path / "tls"
    directory.mkdir()
    issue(directory)
    (directory / "key.pem").chmod(0o600)
    return directory


@pytest.fixture
def users(lab: Settings, tmp_path: Path, certificates: Path) -> Iterator[Users]:
    made = Users(lab, tmp_path, PREFIX, certificates / "ca.pem")
    made.discard()
    made.make()
    yield made
    made.discard()


def options(lab: Settings, certificates: Path, port: int) -> dict[str, Mapping[str, str]]:
    keystone = lab.url("new", "keystone", "/v3")
    return {
        "DEFAULT": {
            "debug": "true",
            "default_log_levels": ",".join(f"{name}=DEBUG" for name in LIBRARIES),
        },
        "api": {
            "bind_host": "127.0.0.1",
            "bind_port": str(port),
            "cert_file": str(certificates / "certificate.pem"),
            "key_file": str(certificates / "key.pem"),
            "auth_strategy": "keystone",
        },
        "keystone_authtoken": {
            "www_authenticate_uri": keystone,
            "auth_type": "password",
            "auth_url": keystone,
            "username": "ephyra",
            "password": lab.password,
            "project_name": "service",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        },
    }


@pytest.fixture
def daemon(lab: Settings, new_daemon: NewDaemon, certificates: Path, port: int) -> Daemon:
    made = new_daemon(options(lab, certificates, port))
    made.start()
    return made


def test_each_role_may_what_it_is_for(
    users: Users, fleet: Fleet, daemon: Daemon, certificates: Path, port: int
) -> None:
    node = fleet.enrol({Kind.FAKE: 1})[0]
    # So that ephyrad leaves it alone while others talk about it.
    Api(fleet.lab, "old", "baremetal").put(f"/v1/nodes/{node.uuid}/maintenance", {"reason": PREFIX})
    users.register(f"https://127.0.0.1:{port}")

    taken = users.openstack("operator", "ephyra", "migrate", node.name, "-f", "json")
    assert taken.status == 0, taken.err
    assert (
        daemon.ephyra("node", "show", node.name)["asked_by"] == f"{users.full('operator')}@system"
    )

    listed = users.openstack("reader", "ephyra", "node", "list", "-f", "json")
    assert [row["node"] for row in listed.json] == [node.uuid]
    before = daemon.ephyra("node", "history", node.name)
    for who, rule, role, words in (
        ("reader", "node:hold", "operator", ("hold", node.name, "--reason", "fan")),
        ("operator", "node:abort", "admin", ("node", "abort", node.name)),
        (TENANT, "node:list", "reader", ("node", "list")),
    ):
        said = users.openstack(who, "ephyra", *words)
        name = f"{users.full(who)}@{'demo' if who == TENANT else 'system'}"
        assert (said.status, said.out) == (1, "")
        assert said.err == (
            f"{name} may not do this: ephyrad:{rule} takes the role {role}; ask an administrator of"
            " the cloud for it\n"
        )
    assert daemon.ephyra("node", "history", node.name) == before

    held = users.openstack("operator", "ephyra", "hold", node.name, "--reason", "fan", "-f", "json")
    assert held.json["doing"] == f"fan (held by {users.full('operator')}@system)"
    users.openstack("admin", "ephyra", "node", "abort", node.name, "-f", "json")
    history = daemon.ephyra("node", "history", node.name)
    assert any(f"{users.full('admin')}@system" in entry["summary"] for entry in history)
    _expect_refusals(users, certificates, port, daemon)
    _expect_the_own_command(users, node.uuid)
    assert daemon.stop() == 0


def _expect_refusals(users: Users, certificates: Path, port: int, daemon: Daemon) -> None:
    """A token that is not valid any more, a certificate that is not trusted, and no TLS."""
    context = trusting(certificates)
    token, revoked = users.token("reader"), users.revoked("reader")
    assert call(port, context, "GET /v1/nodes", headers={"X-Auth-Token": token}).status == 200
    for wrong in (revoked, "wrong", ""):
        answer = call(port, context, "GET /v1/nodes", headers={"X-Auth-Token": wrong})
        assert (answer.status, answer.body["error"]["code"]) == (401, "unauthorized"), wrong
        assert answer.headers["WWW-Authenticate"].startswith("Keystone uri=")
    forged = {"X-Roles": "admin", "X-Identity-Status": "Confirmed", "X-User-Name": "admin"}
    assert call(port, context, "GET /v1/nodes", headers=forged).status == 401
    tenant = {"X-Auth-Token": users.token(TENANT), "OpenStack-System-Scope": "all"}
    assert call(port, context, "GET /v1/nodes", headers=tenant).status == 403

    other = certificates / "other"
    other.mkdir()
    issue(other)
    said = users.openstack("reader", "--os-cacert", str(other / "ca.pem"), "ephyra", "node", "list")
    assert (said.status, said.err.count("\n")) == (1, 1)
    assert f"https://127.0.0.1:{port} is not trusted" in said.err
    log = daemon.log.read_bytes()
    for secret in (token, revoked):
        assert not [needle for needle in spellings(secret) if needle in log]


def _expect_the_own_command(users: Users, uuid: str) -> None:
    """`ephyra` itself, by the name of a cloud alone."""
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("ephyra")),
            *("--os-cloud", "reader", "node", "list", "-f", "value", "-c", "node"),
        ],
        env=users.environment("reader"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, [uuid]), done.stderr
