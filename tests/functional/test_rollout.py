# SPDX-License-Identifier: Apache-2.0
"""A campaign from the real old cloud to the real new one, as an operator drives it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness.campaign import Campaign
from tests.harness.course import Course
from tests.harness.daemon import Daemon
from tests.harness.watcher import watching
from tests.lab import instances, patience
from tests.lab.fleet import Node
from tests.lab.nodes import Kind
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

NAME = "autumn"
NODES = 30
CANARY = 2
BATCH = 14
IN_FLIGHT = 8
IN_A_RACK = 2
RACKS = 5
FILE = """\
name: {name}
nodes: {{name: "{prefix}-*", resource_class: {prefix}}}
order: [idle, extra.slot]
waves:
  - {{name: canary, size: {canary}, gates: [boots]}}
  - {{name: batch, size: {batch}}}
limits: {{in_flight: {in_flight}, per: {{extra.rack: {in_a_rack}}}}}
floors:
  old: {{{prefix}: 1}}
budget: {{held: 1}}
gates:
  boots: {{boot: {{image: lab-img, flavor: {prefix}, within: 6m}}}}
"""


@pytest.fixture
def campaign(lab: Settings) -> Iterator[Campaign]:
    campaign = Campaign(lab, "t-rollout", RACKS)
    campaign.discard()
    yield campaign
    campaign.discard()


class Operator:
    """Types commands, and reads what they answer."""

    def __init__(self, daemon: Daemon, file: Path) -> None:
        self.daemon = daemon
        self.file = str(file)

    def type(self, *words: str) -> str:
        """Type a command; return what the terminal shows."""
        said = self.daemon.said(*words)
        print(said, flush=True)
        return said

    def show(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.daemon.ephyra("rollout", "show", NAME)
        return shown

    def until(self, what: str, seconds: float, **wanted: Any) -> dict[str, Any]:
        """Look at the rollout until it shows what is wanted."""
        last: dict[str, Any] = {}

        def look() -> dict[str, Any] | None:
            last.update(self.show())
            seen = {**last, **last["nodes"]}
            return last if all(seen[key] == value for key, value in wanted.items()) else None

        return patience.until(what, look, seconds, pause=1)

    def node(self, name: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.daemon.ephyra("node", "show", name)
        return shown

    def until_written(self, kind: str, seconds: float) -> None:
        """Wait until the rollout's history has an entry of this kind."""

        def look() -> bool | None:
            history = self.daemon.ephyra("rollout", "history", NAME)
            return any(row["kind"] == kind for row in history) or None

        patience.until(f"{kind} in the history", look, seconds, pause=1)

    def until_node(self, name: str, seconds: float, **wanted: Any) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            shown = self.node(name)
            return shown if all(shown[key] == value for key, value in wanted.items()) else None

        return patience.until(f"{name} to be {wanted}", look, seconds, pause=0.3)


def test_a_campaign(
    lab: Settings, campaign: Campaign, new_daemon: NewDaemon, tmp_path: Path
) -> None:
    kinds = [Kind.FAKE] * (NODES - 1)
    kinds[CANARY] = Kind.REDFISH
    nodes = campaign.enrol(*kinds, Kind.AGENT)
    names = [node.name for node in nodes]
    broken, used, spare = nodes[CANARY], nodes[-1], nodes[-2]
    server = campaign.boot(used)
    file, credentials = tmp_path / "autumn.yaml", tmp_path / "credentials.yaml"
    file.write_text(
        FILE.format(
            name=NAME,
            prefix=campaign.prefix,
            canary=CANARY,
            batch=BATCH,
            in_flight=IN_FLIGHT,
            in_a_rack=IN_A_RACK,
        )
    )
    returned = [nodes[1], nodes[CANARY + 1], nodes[CANARY + 2]]
    # For the way back: the new Ironic masks what the old one showed.
    lines = (f"{node.name}:\n  password: {lab.password}\n" for node in returned)
    credentials.write_text("".join(lines))
    credentials.chmod(0o600)
    migration = {"max_in_flight": str(IN_FLIGHT + 2), "credentials_file": str(credentials)}
    daemon = new_daemon({"migration": migration})
    daemon.start()
    operator = Operator(daemon, file)

    # Before: what stands in the way, and what would become of it.
    operator.type("preflight", *names)
    planned = operator.type("rollout", "plan", operator.file)
    assert "in use: it goes when its owner deletes the instance" in planned
    plan = {row["name"]: row["wave"] for row in daemon.ephyra("rollout", "plan", operator.file)}
    assert [plan[name] for name in names[: CANARY + 1]] == [1] * CANARY + [2]
    assert plan[used.name] == -(-(NODES - CANARY) // BATCH) + 1
    assert daemon.ephyra("node", "list") == []

    operator.type("rollout", "start", operator.file)
    operator.type("rollout", "list")
    operator.type("rollout", "show", NAME)

    # The second wave has the node of the wrong password. Not before: after some minutes the old
    # Ironic would notice by itself, and put the node in maintenance.
    operator.until_written("gate-begun", 600)
    campaign.set_password("old", broken, "of yesterday")
    operator.until("the rollout to pause", 600, status="paused")
    operator.type("rollout", "show", NAME)
    operator.type("node", "show", broken.name)
    # What is in flight goes on, and its slots stay empty.
    shown = operator.until("what was in flight to arrive", 600, in_flight=0)
    operator.type("rollout", "show", NAME)
    assert broken.name in shown["reason"]
    assert operator.node(broken.name)["cause"] == "bmc-unverified"
    _mend_and_resume(lab, campaign, operator, broken)

    # One node stays available for those who use nodes of the class in the old cloud.
    floor = f"1 node of {campaign.resource_class} is available in the old cloud"
    patience.until(
        "all but the spare one to arrive",
        lambda: (
            (floor in (shown := operator.show())["waits_for"] and not shown["nodes"]["in_flight"])
            or None
        ),
        900,
        pause=1,
    )
    operator.type("rollout", "show", NAME)
    assert spare.name not in {row["name"] for row in daemon.ephyra("node", "list")}

    # Its owner lets go; while it is cleaned it is wanted back.
    instances.delete(lab, "old", server, wait=False)
    operator.until_node(used.name, 300, state="cleaning")
    operator.type("node", "abort", used.name)
    ended = operator.until("the rollout to end", 600, status="finished")
    operator.type("rollout", "show", NAME)
    operator.type("rollout", "history", NAME)
    operator.type("rollout", "list")
    assert ended["nodes"]["arrived"] == NODES - 1
    assert ended["reason"] == f"{NODES - 1} nodes arrived, 1 went back, and none is left"

    carried = [node for node in nodes if node is not used]
    assert campaign.complaints(carried, "new") == []
    assert campaign.complaints([used], "old") == []
    _expect_bounds(Course(daemon.state / "journal.sqlite", NAME), campaign, used.name)

    operator.type("node", "return", *(node.name for node in returned))
    for node in returned:
        operator.until_node(node.name, 400, state="compute-ready", direction="back")
    assert campaign.complaints(returned, "old") == []
    operator.type("rollout", "show", NAME)


def _mend_and_resume(lab: Settings, campaign: Campaign, operator: Operator, broken: Node) -> None:
    """See on the web page what went wrong, repair it, and go on by the page's buttons."""
    shown = operator.show()
    with watching(operator.daemon) as page:
        page.look("/ui/?by=extra.rack")
        assert page.text("#rollout .status") == "paused"
        assert broken.name in page.text("#held")
        marks = page.marks(campaign.prefix, NODES)
        assert (marks["held"], marks["compute-ready"]) == (1, shown["nodes"]["arrived"])
        page.save(paused="/ui/?by=extra.rack", node=f"/ui/nodes/{broken.uuid}")

        campaign.set_password("new", broken, lab.password)
        page.look("/ui/")
        page.click(f"release-{broken.uuid}")
        page.click("resume")
        assert page.text("#rollout .status") == "running"
        assert page.complaints() == []


def _expect_bounds(course: Course, campaign: Campaign, used: str) -> None:
    """See in the journal that the rollout kept to what its file says."""
    kinds = [each.kind for each in course.rollout]
    waves = -(-(NODES - CANARY) // BATCH)
    opened = ["opened"] * (waves - 1)
    assert kinds == [
        *("started", "opened", "gate-begun", "gate-ended", "opened"),
        *("paused", "resumed", *opened, "ended"),
    ]
    gate = course.rollout[3]
    assert gate.body["result"] == "pass", gate
    assert course.rollout[5].body["cause"] == "budget"
    assert course.begun(course.when("paused"), course.when("resumed")) == []
    canary = course.begun(course.when("started"), course.when("gate-ended"))
    assert len(canary) == CANARY

    assert course.busiest(campaign.rack, [used]) == IN_FLIGHT
    racks = {
        rack: course.busiest([name for name, each in campaign.rack.items() if each == rack], [used])
        for rack in set(campaign.rack.values())
    }
    assert max(racks.values()) == IN_A_RACK, racks
