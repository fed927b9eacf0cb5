# SPDX-License-Identifier: Apache-2.0
"""ephyra queue delete, on a real broker."""

import json
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ephyrad.bus.queues import find_queues, remove_queues
from ephyrad.bus.settings import BusSetupError
from tests.functional.bus.conftest import Bus
from tests.functional.bus.inbox import Inbox
from tests.functional.bus.publisher import Publisher
from tests.functional.bus.until import until
from tests.functional.bus.wires import waiting

pytestmark = pytest.mark.rabbit

PROGRAM = Path(sys.executable).with_name("ephyra")
MINIMAL = Path(__file__).parents[3] / "docs/minimal.conf"


def configured(directory: Path, bus: Bus) -> Path:
    """The daemon's configuration, where the old cloud's bus is the broker, the new one's is none.

    `docs/minimal.conf` with the bus's pool, and without the new cloud's transport_url.
    """
    lines = []
    for line in MINIMAL.read_text().splitlines():
        if line.startswith("transport_url"):
            if "old" in line:
                lines += [f"transport_url = {bus.rabbit.url()}", f"pool = {bus.pool}"]
        else:
            lines.append(line)
    path = directory / "ephyrad.conf"
    path.write_text("\n".join(lines))
    return path


def ephyra(path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [str(PROGRAM), "queue", "delete", f"--config-file={path}", "-f", "json", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def shown(bus: Bus, **differently: Any) -> list[dict[str, Any]]:
    row = {"cloud": "old", "queue": bus.pool, "messages": 1, "consumers": 0, "deleted": False}
    return [row | differently]


def test_the_command_deletes_only_when_told_to(bus: Bus, tmp_path: Path) -> None:
    bus.listen(Inbox()).stop()
    bus.publisher.node("unread")
    until("it lies there", lambda: waiting(bus.rabbit, bus.pool) == 1)
    path = configured(tmp_path, bus)

    listed = ephyra(path)

    assert (listed.returncode, json.loads(listed.stdout)) == (0, shown(bus)), listed.stderr
    assert listed.stderr == "ephyra: nothing was deleted; say --yes to delete what is listed\n"
    assert waiting(bus.rabbit, bus.pool) == 1

    deleted = ephyra(path, "--yes")

    assert (deleted.returncode, deleted.stderr) == (0, "")
    assert json.loads(deleted.stdout) == shown(bus, deleted=True)
    assert bus.pool not in bus.rabbit.queues()
    assert json.loads(ephyra(path, "--yes").stdout) == []


def test_the_command_leaves_alone_what_is_read_unless_forced(bus: Bus, tmp_path: Path) -> None:
    listener = bus.listen(Inbox())
    path = configured(tmp_path, bus)

    refused = ephyra(path, "--yes")

    assert refused.returncode == 1
    assert refused.stderr == (
        f"ephyra: somebody reads {bus.pool} (old cloud): stop ephyrad first, or say --force;"
        " nothing was deleted\n"
    )
    assert bus.pool in bus.rabbit.queues()

    forced = ephyra(path, "--yes", "--force", "--cloud=old")

    assert (forced.returncode, forced.stderr) == (0, "")
    until("the daemon declares it anew", lambda: bus.pool in bus.rabbit.queues())
    until("it listens", listener.healthy)


def test_what_begins_to_be_read_meanwhile_is_left_alone(bus: Bus) -> None:
    bus.listen(Inbox())

    with pytest.raises(BusSetupError, match="stop ephyrad"):
        remove_queues(bus.settings, bus.conf)

    assert bus.pool in bus.rabbit.queues()


def test_the_queues_of_a_topic_of_its_own_are_removed_and_no_others(bus: Bus) -> None:
    topic = f"topic-{uuid.uuid4().hex[:8]}"
    topics = (topic, "ironic_versioned_notifications")
    settings = replace(bus.settings, pool=None, ironic_topics=topics, nova_topics=())
    publisher = Publisher(bus.rabbit.url(), topic=topic)
    publisher.node("unread")
    publisher.node("failed", failed=True)
    publisher.close()
    bus.publisher.node("for somebody else")

    removed = remove_queues(settings, bus.conf)

    assert {(queue.name, queue.messages) for queue in removed} == {
        (f"{topic}.info", 1),
        (f"{topic}.error", 1),
    }
    assert find_queues(settings, bus.conf) == []
    assert "ironic_versioned_notifications.info" in bus.rabbit.queues()


def test_queues_that_others_read_are_never_ephyrads(bus: Bus) -> None:
    settings = replace(bus.settings, pool=None)

    with pytest.raises(BusSetupError, match="neither a pool nor a topic"):
        find_queues(settings, bus.conf)


def test_a_broker_that_is_away_is_said_in_words(bus: Bus) -> None:
    settings = replace(bus.settings, transport_url="rabbit://tester:hidden@127.0.0.1:1/")

    with pytest.raises(BusSetupError, match="does not answer as it should") as raised:
        remove_queues(settings, bus.conf)

    assert "hidden" not in str(raised.value)
