# SPDX-License-Identifier: Apache-2.0
"""By somebody's word, an instance is deleted on the real old cloud; no other one is."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.conf.load import load
from ephyrad.engine.answers import BusAnswer, NodeAnswer
from ephyrad.engine.engine import Engine, Tuning, utc_now
from ephyrad.engine.operations import EngineOperations
from ephyrad.engine.perform import Clouds
from ephyrad.journal.journal import Journal
from ephyrad.secrets.keys import KeyRing
from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.harness.verdict import Judge
from tests.lab import instances, patience
from tests.lab.nodes import Kind
from tests.lab.openstack_api import Api
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]

SOON = timedelta(seconds=20)
NEVER = timedelta(days=1)
_SWEEP = 10.0


@pytest.fixture
def operations(
    lab: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EngineOperations]:
    """An ephyrad within this process: nobody can give word through its API yet."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(lab.clouds_yaml))
    configured = Daemon(lab, tmp_path / "ephyrad", buses=False)
    _, settings = load(["--config-file", str(configured.configuration)])
    configured.state.mkdir(mode=0o700)
    journal = Journal.open(configured.state, KeyRing.open(settings.journal.key_file))
    engine = Engine(
        journal,
        Clouds(OpenStackCloud(settings.old_cloud), OpenStackCloud(settings.new_cloud)),
        lambda _uuid, _name: {},
        tuning=lambda: Tuning(settings.policy, 4, _SWEEP, timedelta(days=1)),
        workers=2,
    )
    engine.start()
    yield EngineOperations(engine, lambda _name: BusAnswer("off", None, 0), "0")
    engine.stop()
    journal.close()


def _wait(
    operations: EngineOperations, name: str, what: str, seen: Callable[[NodeAnswer], bool]
) -> NodeAnswer:
    def look() -> NodeAnswer | None:
        answer = operations.node(name)
        return answer if seen(answer) else None

    found: NodeAnswer = patience.until(f"{name} {what}", look, 600)
    return found


def _told(operations: EngineOperations, name: str) -> list[str]:
    return [entry.summary for entry in operations.history(name)]


def test_release(lab: Settings, fleet: Fleet, operations: EngineOperations) -> None:
    nodes = fleet.enrol({Kind.AGENT: 1, Kind.FAKE: 3})
    # The agent's is the one whose cleaning is a real one.
    noticed, locked, recalled, replaced = (
        node.name for node in sorted(nodes, key=lambda node: node.kind is not Kind.AGENT)
    )
    servers = fleet.boot(fleet.nodes)
    nova = Api(lab, "old", "compute")
    nova.post(f"/servers/{servers[locked]}/action", {"lock": None})
    instances.delete(lab, "old", servers[replaced])
    other = instances.boot(lab, "old", replaced)

    operations.migrate([node.name for node in fleet.nodes], by="ann")
    due = utc_now() + SOON
    for name, instance in servers.items():
        at = utc_now() + NEVER if name == recalled else due
        operations.give_notice(name, instance, at, by="rollout a")
    operations.recall_notice(recalled, by="ann")

    _wait(operations, noticed, "to arrive", lambda answer: answer.state == "compute-ready")
    node = next(each for each in fleet.nodes if each.name == noticed)
    assert Judge(lab).judge(node, fleet.before[noticed]).complaints == ()
    intents = [entry for entry in operations.history(noticed) if entry.kind == "intent"]
    (deleted,) = [each for each in intents if each.body["effect"]["name"] == "ReleaseInstance"]
    assert deleted.at >= due
    # It was cleaned by the old cloud, which the new one was not asked to do again.
    assert "owed" not in [entry.kind for entry in operations.history(noticed)]

    held = _wait(operations, locked, "to be held", lambda answer: answer.held)
    assert (held.state, held.cause) == ("active", "locked")
    for name in (recalled, replaced):
        waits = operations.node(name)
        assert (waits.state, waits.held, waits.notice) == ("active", False, None)
    assert f"it is not for instance {other}" in _told(operations, replaced)[-1]
    kept = {locked: servers[locked], recalled: servers[recalled], replaced: other}
    assert {name: instances.of_node(lab, "old", name) for name in kept} == kept

    nova.post(f"/servers/{servers[locked]}/action", {"unlock": None})
    _wait(operations, locked, "to arrive", lambda answer: answer.state == "compute-ready")
