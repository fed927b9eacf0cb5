# SPDX-License-Identifier: Apache-2.0
"""What an operator does to a daemon over real clouds: stop, hold, release, reload, mistakes."""

from pathlib import Path

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness.daemon import Daemon, DaemonError
from tests.harness.fleet import Fleet
from tests.lab import patience
from tests.lab.nodes import Kind
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]


def test_held_released_and_stopped(fleet: Fleet, new_daemon: NewDaemon) -> None:
    (node,) = fleet.enrol({Kind.FAKE: 1})
    fleet.boot([node])
    daemon = new_daemon()
    daemon.start()
    daemon.ephyra("migrate", node.name)

    held = daemon.ephyra("hold", node.name, "--reason", "disk is replaced")
    assert held["held"]
    assert "disk is replaced" in held["doing"]
    assert daemon.stop() == 0
    assert "the journal is clean" in daemon.last_words()

    daemon.start()
    assert daemon.ephyra("node", "show", node.name)["held"]
    daemon.ephyra("release", node.name)
    patience.until(
        f"{node.name} to wait for its instance",
        lambda: "instance" in daemon.ephyra("node", "show", node.name)["doing"] or None,
        60,
    )


def test_reloaded(new_daemon: NewDaemon) -> None:
    daemon = new_daemon({"migration": {"max_in_flight": "3"}})
    daemon.start()
    assert daemon.ephyra("status")["max_in_flight"] == 3

    daemon.configure({"migration": {"max_in_flight": "5"}})
    daemon.reload()

    def look() -> bool | None:
        return True if daemon.ephyra("status")["max_in_flight"] == 5 else None

    patience.until("max_in_flight to be 5", look, 30)


def test_second_daemon_refuses(lab: Settings, new_daemon: NewDaemon, tmp_path: Path) -> None:
    first = new_daemon()
    first.start()
    second = Daemon(lab, tmp_path / "second", options={"DEFAULT": {"state_dir": str(first.state)}})

    with pytest.raises(DaemonError, match="another ephyrad"):
        second.start()

    assert first.ephyra("status")["held"] == 0


def test_project_scope_on_the_new_cloud_is_named(new_daemon: NewDaemon) -> None:
    daemon = new_daemon({"new_cloud": {"cloud": "new-ephyra"}})

    with pytest.raises(DaemonError, match=r"\[new_cloud\].*system_scope = all"):
        daemon.start()


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("migrate", "no-such-node"), "no node no-such-node"),
        (("release", "no-such-node"), "nobody asked to migrate node no-such-node"),
        (("hold", "no-such-node", "--reason", "why"), "nobody asked to migrate node no-such-node"),
    ],
)
def test_mistakes_get_one_line(
    new_daemon: NewDaemon, arguments: tuple[str, ...], answer: str
) -> None:
    daemon = new_daemon()
    daemon.start()

    with pytest.raises(DaemonError, match=answer) as raised:
        daemon.ephyra(*arguments)

    assert len(str(raised.value).splitlines()) == 1
