# SPDX-License-Identifier: Apache-2.0
"""Each call that the gateway makes, and each thing that may go wrong with it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from ephyrad.clouds.gateway import OpenStackCloud
from ephyrad.clouds.port import Cloud, CloudReadError, CloudSetupError
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Unreachable
from ephyrad.testing.http.calls import Call
from ephyrad.testing.nova import Server
from tests.contract.http_stage import HttpStage
from tests.contract.stage import Nodes
from tests.faults.expectations import OUTCOMES, expect_nothing_told, expect_readable
from tests.faults.rows import OPENING, PROVIDER, ROWS, Row
from tests.faults.troubles import SECRET, SILENT, Elsewhere, Trouble, fault_of

CHANGES = {name: row for name, row in ROWS.items() if row.fair is not None}
DELETIONS = ("delete_node", "delete_server")
READS = {name: row for name, row in ROWS.items() if row.fair is None}


@dataclass
class Scene:
    """A cloud, gateways to it, and what it was asked."""

    stage: HttpStage
    patient: OpenStackCloud
    hasty: OpenStackCloud
    elsewhere: Elsewhere
    seen: list[Call] = field(default_factory=list)
    done: list[Call] = field(default_factory=list)

    def meet(self, call: str, trouble: Trouble, node: str, quoted: str = "") -> None:
        """Have the next such call meet a trouble, and forget what was asked before."""
        self.seen.clear()
        self.done.clear()
        fault = fault_of(trouble, node, self.elsewhere.url, quoted)
        self.stage.server.faults.plan(lambda each: str(each) == call, fault, trouble.times)

    def gateway(self, trouble: Trouble) -> OpenStackCloud:
        return self.hasty if trouble in SILENT else self.patient

    def answered(self, call: Call, status: int) -> None:
        if status < 300:
            self.done.append(call)

    def times(self, call: str, calls: list[Call]) -> int:
        return sum(str(each) == call for each in calls)


@pytest.fixture(scope="module")
def shared() -> Iterator[Scene]:
    stage = HttpStage(CloudName.NEW)
    with Elsewhere() as elsewhere:
        patient, hasty = (
            stage.gateway(read_timeout=seconds, drivers_kept=0) for seconds in (60.0, 0.3)
        )
        for cloud in (patient, hasty):
            cloud.check()
            cloud.projects()
            cloud.networks()
        scene = Scene(stage, patient, hasty, elsewhere)
        stage.server.faults.seen = scene.seen.append
        stage.server.faults.answered = scene.answered
        yield scene
    stage.close()


@pytest.fixture
def scene(shared: Scene) -> Iterator[Scene]:
    yield shared
    shared.stage.server.faults.clear()


@pytest.fixture
def node(scene: Scene) -> Iterator[str]:
    """A node that placement knows, and a server of the same UUID."""
    nodes = Nodes(scene.stage)
    node = nodes.make()
    nova = scene.stage.simulated.nova
    assert nova is not None
    with scene.stage.server.lock:
        nova.servers[node] = Server(node, node, "active")
        scene.stage.clock.advance(60)
    yield node
    scene.stage.server.faults.clear()
    scene.stage.wait()
    nodes.remove_all()


def test_every_method_of_the_port_has_a_row() -> None:
    methods = {name for name, member in vars(Cloud).items() if callable(member)}

    assert {row.method for row in ROWS.values()} == {
        name for name in methods if not name.startswith("_")
    }


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_names_every_call(scene: Scene, node: str, row: Row) -> None:
    scene.seen.clear()

    row.act(scene.patient, node)

    assert {str(call) for call in scene.seen} == set(row.calls)


def test_every_call_of_opening_is_named(scene: Scene, node: str) -> None:
    cloud = scene.stage.gateway()
    scene.seen.clear()

    cloud.check()
    cloud.projects()
    cloud.networks()

    others = {*ROWS["check"].calls, *ROWS["projects"].calls, *ROWS["networks"].calls}
    assert {str(call) for call in scene.seen} - others == OPENING


@pytest.mark.parametrize("trouble", OUTCOMES, ids=lambda trouble: trouble.name)
@pytest.mark.parametrize("row", CHANGES.values(), ids=CHANGES)
def test_a_change(
    scene: Scene, node: str, row: Row, trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (call,) = row.calls
    scene.meet(call, trouble, node, SECRET if row.has_secret else "")

    outcome = row.act(scene.gateway(trouble), node)

    if row.method in DELETIONS and trouble is Trouble.GONE:
        assert outcome == row.fair
    elif row.method in (*DELETIONS, "set_traits") and trouble is Trouble.TRUNCATED:
        # Their 204 has no body that could break off.
        assert outcome == row.fair
    else:
        assert type(outcome) is OUTCOMES[trouble]
        expect_readable(str(getattr(outcome, "message", "")))
    # A new token is worth one more try, and nothing else is.
    assert scene.times(call, scene.seen) == (2 if trouble is Trouble.BANNED else 1)
    assert scene.times(call, scene.done) == int(trouble.is_done)
    assert not scene.elsewhere.was_visited()
    expect_nothing_told(caplog)


@pytest.mark.parametrize("row", CHANGES.values(), ids=CHANGES)
def test_a_change_after_an_expired_token(scene: Scene, node: str, row: Row) -> None:
    (call,) = row.calls
    scene.meet(call, Trouble.EXPIRED, node)

    outcome = row.act(scene.patient, node)

    assert outcome == row.fair
    assert scene.times(call, scene.seen) == 2
    assert scene.times(call, scene.done) == 1


@pytest.mark.parametrize("trouble", OUTCOMES, ids=lambda trouble: trouble.name)
@pytest.mark.parametrize(
    ("row", "call"),
    [
        pytest.param(row, call, id=f"{name}-{call}")
        for name, row in READS.items()
        for call in row.calls
    ],
)
def test_a_read(scene: Scene, node: str, row: Row, call: str, trouble: Trouble) -> None:
    cloud = scene.gateway(trouble)
    scene.meet(call, trouble, node)

    if is_no_trouble(row, call, trouble):
        row.act(cloud, node)
    else:
        with pytest.raises(CloudReadError) as error:
            row.act(cloud, node)
        assert " of the new cloud: " in str(error.value)
        expect_readable(str(error.value))
    assert scene.times(call, scene.seen) == (2 if trouble is Trouble.BANNED else 1)
    assert not scene.elsewhere.was_visited()


def is_no_trouble(row: Row, call: str, trouble: Trouble) -> bool:
    """Say whether an answer is one that the reader knows what to do with."""
    if call == "image GET /v2/images/{image}":
        # It is absent: whatever a 404 says, the node waits.
        return trouble in (Trouble.ASTRAY, Trouble.GONE, Trouble.GARBAGE)
    about_a_node = (
        row.method in ("node", "records", "faults", "server")
        or "{ident}" in call
        or (row.method == "compute" and PROVIDER in call)
    )
    return trouble is Trouble.GONE and about_a_node


@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.name)
@pytest.mark.parametrize("call", sorted(OPENING))
def test_an_opening(
    scene: Scene, node: str, call: str, trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cloud = scene.stage.gateway(read_timeout=0.3 if trouble in SILENT else 60.0)
    scene.meet(call, trouble, node)

    try:
        cloud.compute(node)
        cloud.new_cloud_facts(None, [], [node])
        cloud.projects()
        cloud.networks()
        cloud.check()
    except (CloudReadError, CloudSetupError) as error:
        expect_readable(str(error))
    outcome = ROWS["patch_node"].act(cloud, node)

    # As nothing was sent, nothing is unknown.
    assert outcome == ROWS["patch_node"].fair or isinstance(outcome, Unreachable)
    assert not scene.elsewhere.was_visited()
    expect_nothing_told(caplog)
