# SPDX-License-Identifier: Apache-2.0
"""The real daemon at DEBUG, over clouds served over HTTP: no secret gets anywhere in clear."""

import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bcrypt
import pytest
import yaml

from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import CloudName
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http import credentials, keystone
from ephyrad.testing.http.calls import Call, Instead
from ephyrad.testing.http.fleet import enrol
from ephyrad.testing.http.pace import Pace
from ephyrad.testing.http.server import SimulatedServer
from ephyrad.testing.http.tokens import Token, Tokens
from ephyrad.testing.http.wire import Reply
from ephyrad.testing.machines import MachineRoom
from ephyrad.testing.records import RELEASE_2023_1, RELEASE_2026_2
from ephyrad.testing.settings import IronicSettings
from tests.harness.authority import free_port, issue
from tests.harness.daemon import Daemon
from tests.harness.spellings import spellings
from tests.lab.settings import Settings
from tests.unit.api.asking import ask
from tests.unit.api.calling import call, login, trusting

_RELEASES = {CloudName.OLD: RELEASE_2023_1, CloudName.NEW: RELEASE_2026_2}
_NODE = "node-0"
_LIBRARIES = """
    amqp cheroot ephyrad flask keystoneauth keystoneauth1 kombu openstack oslo.messaging
    oslo_messaging oslo_service requests sqlite_utils stevedore urllib3 werkzeug
""".split()

BMC, KG, COMMUNITY, CHAP, CLOUD, BROKER, PLANTED, WORD, WRONG = (
    f"c4nary-{what}-7f3e9b52d1"
    for what in ("bmc", "kg", "snmp", "chap", "cloud", "broker", "planted", "word", "wrong")
)


class Watch:
    """Everything that the daemon leaves behind and gives out, and what must not be in it."""

    def __init__(self, daemon: Daemon, tokens: list[str]) -> None:
        self.daemon = daemon
        self.tokens = tokens
        self._told: list[tuple[str, bytes]] = []

    def ask_everything(self) -> None:
        """Ask every route and every command that shows something."""
        for target in ("/v1/status", "/v1/nodes", f"/v1/nodes/{_NODE}", "/v1/nodes/missing"):
            self._tell(target, json.dumps(ask(self.daemon.socket, "GET", target).body))
        history = ask(self.daemon.socket, "GET", f"/v1/nodes/{_NODE}/history")
        self._tell("history", json.dumps(history.body))
        for words in ("status", "node list", f"node show {_NODE}", f"node history --full {_NODE}"):
            self.command(*words.split())
        self.ask_over_tcp()

    def ask_over_tcp(self) -> None:
        """Ask as a user of the daemon's own, and as who guesses, with a token as well."""
        context = trusting(self.daemon.directory)
        guess = login("ann", WRONG) | {"X-Auth-Token": WRONG}
        for headers, status in (
            (login("ann", WORD), 200),
            (guess, 401),
            (login("eve", WRONG), 401),
        ):
            port = int(self.daemon.directory.joinpath("port").read_text())
            answer = call(port, context, "GET /v1/status", headers=headers)
            assert answer.status == status
            self._tell("over TCP", json.dumps([answer.body, dict(answer.headers)]))

    def command(self, *words: str) -> None:
        """Run a command as people do, and for machines."""
        program = str(Path(sys.executable).with_name("ephyra"))
        for shape in ("table", "json"):
            command = [program, "--debug", "--socket", str(self.daemon.socket), *words, "-f", shape]
            done = subprocess.run(command, capture_output=True, check=True)
            self._told.append((" ".join(words), done.stdout + done.stderr))

    def found(self, *secrets: str) -> set[str]:
        """Return where one of the secrets stands: in a file, or in what was answered."""
        needles = [needle for secret in secrets for needle in spellings(secret)]
        places = [(str(path), path.read_bytes()) for path in self._files()]
        return {
            place
            for place, content in [*places, *self._told]
            if any(needle in content for needle in needles)
        }

    def _files(self) -> Iterator[Path]:
        yield self.daemon.log
        yield from self.daemon.directory.glob("backup*")
        for path in self.daemon.state.iterdir():
            # What SQLite removes meanwhile is no place to leave anything in.
            if path.is_file() and not path.name.endswith(("-shm", ".key")):
                yield path

    def _tell(self, place: str, content: str) -> None:
        self._told.append((place, content.encode()))


@pytest.fixture
def clouds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedServer]:
    """Two clouds whose node, user and tokens have secrets to tell."""
    for module in (keystone, credentials):
        monkeypatch.setattr(module, "ADMIN", (keystone.ADMIN[0], CLOUD))
    clock = VirtualClock(datetime.now(UTC))
    room = MachineRoom(clock)
    old, new = (
        SimulatedCloud(
            name,
            clock,
            room,
            rng=random.Random(str(name)),
            settings=IronicSettings(release=_RELEASES[name], host=f"{name}-conductor"),
        )
        for name in CloudName
    )
    (node,) = enrol(old, room, clock, nodes=1)
    info = old.ironic.nodes[node].body["driver_info"]
    room.named_by(info).password = BMC  # type: ignore[union-attr]
    more = {"redfish_password": BMC, "ipmi_hex_kg_key": KG, "snmp_community": COMMUNITY}
    old.ironic.nodes[node].body["driver_info"] = {**info, **more}
    target = {"node_uuid": node, "volume_type": "iscsi", "boot_index": 0, "volume_id": "v"}
    chap = {"auth_method": "CHAP", "auth_password": CHAP}
    old.ironic.create_part(PartKind.TARGET, {**target, "properties": chap})
    clock.jump(timedelta(seconds=-clock.monotonic()))
    server = SimulatedServer((old, new))
    pace = Pace(clock, server.lock, 60.0)
    server.before = pace.catch_up
    with server:
        pace.start()
        yield server
        pace.stop()


@pytest.fixture
def watch(
    tmp_path: Path, clouds: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watch]:
    """A daemon that logs all that it and its libraries have to say."""
    tokens: list[str] = []
    give = Tokens.give

    def given(self: Tokens, user: str, *, system: bool, project: str | None) -> Token:
        token = give(self, user, system=system, project=project)
        tokens.append(token.id)
        return token

    monkeypatch.setattr(Tokens, "give", given)
    lab = Settings(directory=tmp_path)
    lab.etc.mkdir()
    lab.clouds_yaml.write_text(yaml.safe_dump(credentials.clouds_yaml(clouds)))
    broker = f"rabbit://ephyrad:{BROKER}@127.0.0.1:9/"
    options = {
        "DEFAULT": {
            "debug": "true",
            "default_log_levels": ",".join(f"{name}=DEBUG" for name in _LIBRARIES),
            "sweep_interval": "1",
        },
        "migration": {"look_again": "1"},
        "old_cloud": {"cloud": "old-system", "project_cloud": "old", "transport_url": broker},
        "new_cloud": {"cloud": "new-system", "project_cloud": "new", "transport_url": broker},
    }
    options["api"] = _over_tcp(tmp_path)
    daemon = Daemon(lab, tmp_path, options=options, buses=False)
    daemon.start()
    yield Watch(daemon, tokens)
    daemon.kill()


def _over_tcp(directory: Path) -> dict[str, str]:
    """Write a certificate, a file of users and the number of a port; return the options."""
    issue(directory)
    users = directory / "htpasswd"
    users.write_text(f"ann:{bcrypt.hashpw(WORD.encode(), bcrypt.gensalt(4)).decode()}\n")
    for path in (users, directory / "key.pem"):
        path.chmod(0o600)
    port = str(free_port())
    (directory / "port").write_text(port)
    return {
        "bind_host": "127.0.0.1",
        "bind_port": port,
        "cert_file": str(directory / "certificate.pem"),
        "key_file": str(directory / "key.pem"),
        "auth_strategy": "http_basic",
        "http_basic_auth_user_file": str(users),
        "http_basic_roles": "ann:reader",
    }


def _refuse_once(server: SimulatedServer) -> None:
    """Have the new Ironic refuse the new record once, with what it was sent in its words."""
    words = f"Invalid driver_info {{'redfish_password': '{BMC}', 'ipmi_hex_kg_key': '{KG}'}}"
    body = json.dumps({"error_message": json.dumps({"faultstring": words})}).encode()

    def creation(call: Call) -> bool:
        return (call.cloud, call.method, call.route) == (CloudName.NEW, "POST", "/v1/nodes")

    server.faults.plan(creation, Instead(Reply(400, body)))


@pytest.mark.timeout(300)
def test_no_secret_is_anywhere_in_clear_from_the_first_look_to_the_arrival(
    watch: Watch, clouds: SimulatedServer
) -> None:
    daemon, pause = watch.daemon, threading.Event()
    secrets = (BMC, KG, COMMUNITY, CHAP, CLOUD, BROKER, WORD, WRONG)
    _refuse_once(clouds)
    daemon.ephyra("migrate", _NODE)
    held, node = False, {"state": "unknown"}

    for number in range(600):
        node = daemon.ephyra("node", "show", _NODE)
        assert watch.found(*secrets, *watch.tokens) == set()
        if node["held"]:
            assert node["cause"] == "refused", node
            held = True
            _back_up(daemon, number)
            watch.ask_everything()
            assert watch.found(*secrets, *watch.tokens) == set()
            _expect_to_find_what_is_planted(watch, node["node"], number)
            daemon.ephyra("release", _NODE)
        if node["state"] == "compute-ready":
            break
        pause.wait(0.2)

    assert (held, node["state"]) == (True, "compute-ready"), daemon.last_words()
    assert len(watch.tokens) >= 4
    assert list(daemon.directory.glob("backup*"))
    _back_up(daemon, 1000)
    watch.ask_everything()
    assert watch.found(*secrets, *watch.tokens) == set()
    assert b"DEBUG" in daemon.log.read_bytes()
    assert b"urllib3" in daemon.log.read_bytes()


def _expect_to_find_what_is_planted(watch: Watch, uuid: str, number: int) -> None:
    """Have a word where a secret might be: what finds it there would find a secret too."""
    watch.daemon.ephyra("hold", _NODE, "--reason", PLANTED)
    _back_up(watch.daemon, number + 1)
    watch.ask_everything()
    places = {Path(place).name for place in watch.found(PLANTED)}
    assert places >= {
        *("journal.sqlite-wal", f"backup-{number + 1}", "history", _NODE),
        *(f"node show {_NODE}", f"node history --full {_NODE}"),
    }
    assert "ephyrad.log" in {Path(place).name for place in watch.found(uuid)}


def _back_up(daemon: Daemon, number: int) -> None:
    program = Path(sys.executable).with_name("ephyra")
    target = daemon.directory / f"backup-{number}"
    state = ["--state-dir", str(daemon.state)]
    subprocess.run([program, "backup", str(target), *state], check=True, capture_output=True)
