# SPDX-License-Identifier: Apache-2.0
"""What Jenkins says over HTTP and over AMQP has instances deleted on the real old cloud; what is
forged, late, replayed or wrong does not.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness import ci
from tests.harness.ci import Exchange
from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.harness.verdict import Judge
from tests.lab import instances
from tests.lab.nodes import Kind
from tests.lab.settings import Settings
from tests.unit.reclaim.samples import jenkins, mq_notifier

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1200)]

NAME = "t-reclaim"
OTHER = "11111111-2222-4333-8444-555555555555"
DEAD = f"{NAME}-dead"
TOKEN, KEY = "0123456789abcdef-token", "fedcba9876543210-key"
SIGNATURE = {"X-Ephyra-Signature": f"t={{}},id=x,v1={'0' * 64}"}
FILE = """\
name: {name}
nodes: {{name: "{prefix}-*"}}
drain:
  - {{policy: reclaim}}
reclaim:
  - {{job: metal/burn-in, result: SUCCESS, nodes: {{name: {mapped}}}}}
"""


@pytest.fixture
def exchange(lab: Settings) -> Iterator[Exchange]:
    with Exchange(lab, "old", NAME, (NAME, DEAD)) as found:
        yield found


def started(lab: Settings, new_daemon: NewDaemon, directory: Path) -> Daemon:
    """An ephyrad that believes Jenkins: a token over HTTP, and whoever may publish over AMQP."""
    secrets = {}
    for name, content in (("hmac_key_files", KEY), ("token_files", TOKEN)):
        path = directory / name
        path.write_text(content)
        path.chmod(0o600)
        secrets[name] = str(path)
    amqp = {
        "transport_url": lab.transport_url("old"),
        "require_signature": "false",
        "exchange": NAME,
        "queue": NAME,
        "dead_letter_queue": DEAD,
        "look_seconds": "1",
    }
    daemon: Daemon = new_daemon({"reclaim": secrets, "reclaim_amqp": amqp})
    daemon.start()
    return daemon


def build(body: dict[str, Any], number: int) -> dict[str, Any]:
    """A build of that number, whichever plugin tells of it."""
    inner = body.get("build", body)
    for key in ("url", "full_url"):
        if key in inner:
            inner[key] = inner[key].replace("/18/", f"/{number}/")
    return body


def test_reclaim(
    lab: Settings, fleet: Fleet, new_daemon: NewDaemon, tmp_path: Path, exchange: Exchange
) -> None:
    nodes = {node.name: node for node in fleet.enrol({Kind.FAKE: 4})}
    by_http, by_amqp, mapped, kept = nodes
    before = datetime.now(UTC)
    servers = fleet.boot(nodes.values())
    file = tmp_path / "rollout.yaml"
    file.write_text(FILE.format(name=NAME, prefix=fleet.prefix, mapped=mapped))
    daemon = started(lab, new_daemon, tmp_path)
    daemon.ephyra("rollout", "start", str(file))
    bearer = {"Authorization": f"Bearer {TOKEN}"}

    # What is to change nothing.
    status, said = ci.post(daemon.socket, {"Authorization": "Bearer x"}, jenkins(EPHYRA_NODES=kept))
    assert (status, said["error"]["code"]) == (401, "unauthorized")
    now = datetime.now(UTC)
    forged = {name: text.format(int(now.timestamp())) for name, text in SIGNATURE.items()}
    exchange.publish(build(mq_notifier(EPHYRA_NODES=kept), 1), headers=forged)
    exchange.publish(build(mq_notifier(EPHYRA_NODES=kept), 2), at=now - timedelta(hours=2))
    exchange.publish({"state": "COMPLETED", "url": "nowhere"})
    # Not too late, but of a time at which another instance may have been there.
    exchange.publish(build(mq_notifier(EPHYRA_NODES=kept), 9), at=before)
    exchange.publish(build(mq_notifier(EPHYRA_INSTANCES=OTHER), 3))
    exchange.publish(build(mq_notifier(EPHYRA_NODES="nobody"), 4))
    exchange.publish(build(mq_notifier(status="FAILURE"), 5))

    # What is meant.
    status, said = ci.post(daemon.socket, bearer, build(jenkins(EPHYRA_NODES=by_http), 6))
    assert status == 200, said
    exchange.publish(build(mq_notifier(EPHYRA_INSTANCES=servers[by_amqp]), 7))
    exchange.publish(build(mq_notifier(), 8))
    # Again, with another node.
    status, said = ci.post(daemon.socket, bearer, build(jenkins(EPHYRA_NODES=kept), 6))
    assert (status, said["again"]) == (200, True)
    exchange.publish(build(mq_notifier(EPHYRA_NODES=kept), 7))

    carried = [by_http, by_amqp, mapped]
    fleet.wait_for(daemon, carried, "compute-ready", 400)
    judge = Judge(lab)
    for name in carried:
        assert judge.judge(nodes[name], fleet.before[name]).complaints == ()

    shown = daemon.ephyra("node", "show", kept)
    assert (shown["state"], shown["held"], shown["notice"]) == ("active", False, None)
    assert instances.of_node(lab, "old", kept) == servers[kept]
    given = (by_http, servers[by_amqp], mapped)
    _expect_reports(daemon, exchange, given, kept)


def _expect_reports(daemon: Daemon, exchange: Exchange, given: Iterable[str], kept: str) -> None:
    """See what the operator is told of each message."""
    rows = daemon.ephyra("reclaim", "list")
    assert sorted((row["fate"], row["name"]) for row in rows) == sorted(
        [
            *(("given", name) for name in given),
            *(("refused", name) for name in (kept, OTHER, "nobody", "metal/burn-in")),
            ("mapped", "metal/burn-in"),
        ]
    )
    listed = daemon.said("reclaim", "list")
    print(listed, flush=True)
    assert "4 messages were refused since ephyrad started" in listed
    words = {(row["fate"], row["name"]): row["words"] for row in rows}
    assert words["refused", OTHER] == f"no node has instance {OTHER}"
    assert " came on it at " in words["refused", kept]
    assert words["refused", "metal/burn-in"].endswith("with result FAILURE")
    log = daemon.log.read_text()
    assert log.count("reclaim: a message is refused: ") == 4
    assert TOKEN not in log
    reasons = [headers["x-ephyra-reason"] for _, headers in exchange.taken_out(DEAD)]
    begins = ("its signature is of no key", "its time is 720", "url is 'nowhere'")
    assert len(reasons) == len(begins)
    assert all(map(str.startswith, reasons, begins))
    shown = daemon.ephyra("status")["ci"]
    assert (shown["condition"], shown["taken"], shown["dead"]) == ("listening", 7, 3)
