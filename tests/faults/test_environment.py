# SPDX-License-Identifier: Apache-2.0
"""Each call that the collections make, and each thing that may go wrong with it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from ephyrad.clouds.connect import connect
from ephyrad.clouds.environment.gateway import OpenStackEnvironment
from ephyrad.clouds.environment.port import Collection
from ephyrad.clouds.port import CloudReadError
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done, Outcome, Refused, Unknown, Unreachable
from ephyrad.testing.http.calls import Call, Instead
from ephyrad.testing.http.wire import html
from tests.contract.http_stage import HttpStage
from tests.faults.environment_rows import ITEMS, ROWS, Row, act, outcome_of
from tests.faults.expectations import OUTCOMES, expect_nothing_told, expect_readable
from tests.faults.troubles import SECRET, SILENT, Elsewhere, Trouble, fault_of

SILENTLY_DONE = frozenset({"DELETE", "PUT"})
"""The methods that are answered by a 204, whose body cannot break off."""

NOT_THERE = frozenset({Trouble.ASTRAY, Trouble.GONE})

COMPLETED = (
    "PUT /v2/images/{image}/members/{member}",
    "PUT /traits/{name}",
    "PUT /resource_classes/{name}",
    "DELETE /flavors/{flavor}",
    "DELETE /os-aggregates/{number}",
)
"""Calls that are answered by another status without a body."""

CALLS = {f"{row}: {call}": (row, at) for row in ROWS for at, call in enumerate(row.calls)}
CHANGES = {name: each for name, each in CALLS.items() if each[0].changes}
READS = {name: each for name, each in CALLS.items() if not each[0].changes}


@dataclass
class Scene:
    """An environment, gateways to it, and what it was asked."""

    stage: HttpStage
    patient: OpenStackEnvironment
    hasty: OpenStackEnvironment
    elsewhere: Elsewhere
    seen: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def collection(self, kind: Kind, trouble: Trouble | None = None) -> Collection:
        return (self.hasty if trouble in SILENT else self.patient).collections[kind]

    def meet(self, call: str, trouble: Trouble, key: str, quoted: str = "") -> None:
        """Have the next such call meet a trouble, and forget what was asked before."""
        self.seen.clear()
        self.done.clear()
        fault = fault_of(trouble, self.named(key), self.elsewhere.url, quoted)
        if trouble is Trouble.GONE and call.startswith("image "):
            fault = Instead(html(404, "Not Found", f"No image found with ID {key}"))
        self.stage.server.faults.plan(lambda each: str(each) == call, fault, trouble.times)

    def named(self, key: str) -> str:
        """Return what the service calls it that has this key: an aggregate has a number."""
        numbers = {one.name: one.number for one in self.stage.simulated.aggregates.all()}
        return f"Aggregate {numbers[key]}" if key in numbers else key

    def asked(self, call: Call) -> None:
        if call.route != "/v3/auth/tokens":
            self.seen.append(str(call))

    def expect_tried(self, row: Row, call: str, trouble: Trouble) -> None:
        """Expect that a call that met a trouble was made once, or once more with a new token."""
        times = 2 if trouble is Trouble.BANNED else 1
        if call in row.again:
            assert self.seen.count(call) >= times
        else:
            assert self.seen.count(call) == times

    def answered(self, call: Call, status: int) -> None:
        if status < 300:
            self.done.append(str(call))


@pytest.fixture(scope="module")
def shared() -> Iterator[Scene]:
    stage = HttpStage(CloudName.NEW)
    with Elsewhere() as elsewhere:
        settings = [stage.settings(read_timeout=seconds) for seconds in (60.0, 0.3)]
        patient, hasty = (OpenStackEnvironment(each, connect(each)) for each in settings)
        for environment in (patient, hasty):
            for collection in environment.collections.values():
                collection.items()
        scene = Scene(stage, patient, hasty, elsewhere)
        stage.server.faults.seen = scene.asked
        stage.server.faults.answered = scene.answered
        yield scene
    stage.close()


@pytest.fixture
def scene(shared: Scene) -> Iterator[Scene]:
    yield shared
    shared.stage.server.faults.clear()


@pytest.fixture
def item(scene: Scene, row: Row) -> Iterator[Item]:
    """An item as the row needs it."""
    collection, item = scene.collection(row.kind), ITEMS[row.kind]()
    if row.there:
        assert collection.create(item) == Done()
    yield item
    scene.stage.server.faults.clear()
    # That the line was cut after an answer is noticed at the next call only.
    assert Done() in (collection.delete(item.key) for _ in range(3))


def test_every_method_of_every_collection_has_a_row(scene: Scene) -> None:
    methods = {name for name, each in vars(Collection).items() if callable(each) and name[0] != "_"}

    assert {(row.kind, row.method) for row in ROWS} == {
        (kind, method) for kind in scene.patient.collections for method in methods
    }


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_names_every_call(scene: Scene, row: Row, item: Item) -> None:
    scene.seen.clear()

    act(row, scene.collection(row.kind), item)

    assert list(dict.fromkeys(scene.seen)) == list(row.calls)


@pytest.mark.parametrize("trouble", OUTCOMES, ids=lambda trouble: trouble.name)
@pytest.mark.parametrize(("row", "at"), CHANGES.values(), ids=CHANGES)
def test_a_change(  # noqa: PLR0917  # fixtures and parameters
    scene: Scene,
    row: Row,
    item: Item,
    at: int,
    trouble: Trouble,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    call = row.calls[at]
    quoted = row.has_secret and (" POST " in call or " PATCH " in call)
    scene.meet(call, trouble, item.key, SECRET if quoted else "")

    outcome = outcome_of(row, scene.collection(row.kind, trouble), item)

    assert type(outcome) in expected(row, at, trouble)
    if outcome != Done():
        expect_readable(str(getattr(outcome, "message", "")))
        # What comes after is not done.
        goes_on = Done in expected(row, at, trouble)
        assert set(scene.seen) <= {*(row.calls if goes_on else row.calls[: at + 1]), *row.undo}
    scene.expect_tried(row, call, trouble)
    if call not in row.again:
        assert scene.done.count(call) == int(trouble.is_done)
    assert not scene.elsewhere.was_visited()
    expect_nothing_told(caplog)


def is_absence(call: str, trouble: Trouble) -> bool:
    return trouble is Trouble.GONE and " DELETE " in call


def expected(row: Row, at: int, trouble: Trouble) -> set[type[Outcome]]:
    """Return the outcomes that are right for a change one of whose calls met this trouble."""
    _, method, path = row.calls[at].split(" ")
    if method == "GET":
        gone = trouble is Trouble.GONE and "{" in path and not path.endswith("/members")
        return {Done} if gone else {Unreachable}
    if is_absence(row.calls[at], trouble):
        # Another one may be in the place of what was not deleted.
        return {Done, Refused} if at + 1 < len(row.calls) else {Done}
    if (
        trouble is Trouble.TRUNCATED
        and method in SILENTLY_DONE
        and f"{method} {path}" not in COMPLETED
    ):
        return {Done, Unknown} if at + 1 < len(row.calls) else {Done}
    outcome = OUTCOMES[trouble]
    if any(" GET " not in call for call in row.calls[:at]) and outcome is Unreachable:
        # It is half done.
        return {Unknown, Unreachable}
    return {outcome}


@pytest.mark.parametrize("trouble", OUTCOMES, ids=lambda trouble: trouble.name)
@pytest.mark.parametrize(("row", "at"), READS.values(), ids=READS)
def test_a_read(scene: Scene, row: Row, item: Item, at: int, trouble: Trouble) -> None:
    call = row.calls[at]
    collection = scene.collection(row.kind, trouble)
    scene.meet(call, trouble, item.key)

    if trouble is Trouble.GONE and "{" in call:
        assert not act(row, collection, item)
    elif row.kind is Kind.TRAIT and row.method == "item" and trouble is Trouble.TRUNCATED:
        # Its 204 has no body that could break off.
        assert act(row, collection, item) == item
    elif row.method == "doubt" and trouble in NOT_THERE:
        # Where nothing tells, nothing counts as gone.
        expect_readable(act(row, collection, item))
    else:
        with pytest.raises(CloudReadError) as error:
            act(row, collection, item)
        assert " of the new cloud: " in str(error.value)
        expect_readable(str(error.value))
    scene.expect_tried(row, call, trouble)
    assert not scene.elsewhere.was_visited()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_an_expired_token_is_renewed(scene: Scene, row: Row, item: Item) -> None:
    if not row.calls:
        pytest.skip("it asks nothing")
    scene.meet(row.calls[0], Trouble.EXPIRED, item.key)

    answer = act(row, scene.collection(row.kind), item)

    assert not row.changes or answer == Done()
    assert scene.seen.count(row.calls[0]) >= 2
