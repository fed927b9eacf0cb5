# SPDX-License-Identifier: Apache-2.0
"""What is read for a decision: all it looks at (the scenarios see to that), and no more."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ephyrad.migration.facts import CloudView
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Need, Sighting, needs, suffices
from ephyrad.migration.states import State
from tests.unit.migration.builders import (
    Node,
    Road,
    cleaned_road,
    migration,
    new_node,
    old_node,
    owed_road,
    ready_to_delete,
    sighting,
    transferred_road,
)

AT = datetime(2026, 11, 21, tzinfo=UTC)
OLD = {Need.OLD_COMPUTE, Need.OLD_FAULTS}
OLD_NODE = old_node()
FENCED = old_node().fenced()
FENCED = ready_to_delete()
TRANSFERRED = transferred_road()
VERIFIED = new_node().in_state("manageable")

TABLE: list[tuple[str, Road, Node | None, Node | None, set[Need]]] = [
    (
        "is not touched yet",
        migration().kept(),
        OLD_NODE,
        None,
        OLD | {Need.OLD_RECORDS, Need.NEW_CLOUD},
    ),
    ("waits for its owner", migration().retired_in_use(), OLD_NODE, None, OLD),
    ("is empty", migration().retired_in_use().in_state(State.DRAINED), OLD_NODE, None, OLD),
    ("is cleaned", migration().retired_in_use().in_state(State.CLEANING), OLD_NODE, None, OLD),
    ("was cleaned and is not fenced", cleaned_road(), OLD_NODE, None, {Need.OLD_COMPUTE}),
    (
        "was cleaned and is fenced",
        cleaned_road(),
        FENCED,
        None,
        {Need.OLD_COMPUTE, Need.OLD_RECORDS, Need.NEW_CLOUD},
    ),
    (
        "is to be cleaned by the new cloud",
        owed_road(),
        FENCED,
        None,
        {Need.OLD_COMPUTE, Need.OLD_RECORDS, Need.NEW_CLOUD},
    ),
    (
        "is carried",
        cleaned_road().created(),
        OLD_NODE,
        new_node(),
        {Need.OLD_COMPUTE, Need.NEW_RECORDS},
    ),
    ("is recorded in the new cloud", TRANSFERRED, OLD_NODE, new_node(), {Need.OLD_COMPUTE}),
    ("is gone from the new cloud", TRANSFERRED, OLD_NODE, None, {Need.OLD_COMPUTE}),
    (
        "is being verified",
        TRANSFERRED,
        OLD_NODE,
        new_node().in_state("verifying"),
        {Need.OLD_COMPUTE},
    ),
    (
        "is verified",
        TRANSFERRED,
        OLD_NODE,
        VERIFIED,
        {Need.OLD_COMPUTE, Need.OLD_RECORDS, Need.NEW_RECORDS},
    ),
    ("is gone from the old cloud", TRANSFERRED, None, VERIFIED, {Need.OLD_COMPUTE}),
    (
        "is registered",
        TRANSFERRED.in_state(State.REGISTERED),
        None,
        VERIFIED,
        {Need.NEW_COMPUTE},
    ),
    ("has arrived", TRANSFERRED.in_state(State.COMPUTE_READY), None, VERIFIED, set()),
]
NAMES = [row[0] for row in TABLE]


def _needed(road: Road, old: Node | None, new: Node | None, policy: Policy) -> frozenset[Need]:
    return needs(road.now, policy, old.facts if old else None, new.facts if new else None)


@pytest.mark.parametrize(("road", "old", "new", "wanted"), [row[1:] for row in TABLE], ids=NAMES)
def test_what_is_read_of_a_node_that(
    road: Road, old: Node | None, new: Node | None, wanted: set[Need]
) -> None:
    assert _needed(road, old, new, Policy()) == wanted


@pytest.mark.parametrize(("road", "old", "new", "wanted"), [row[1:] for row in TABLE], ids=NAMES)
def test_no_nova_is_asked_that_is_not_there(
    road: Road, old: Node | None, new: Node | None, wanted: set[Need]
) -> None:
    policy = Policy(old_compute=False, new_compute=False)

    assert _needed(road, old, new, policy) == wanted - {Need.OLD_COMPUTE, Need.NEW_COMPUTE}


@pytest.mark.parametrize(
    ("read", "enough"), [(OLD, True), (OLD | {Need.OLD_RECORDS}, True), ({Need.OLD_COMPUTE}, False)]
)
def test_a_sighting_serves_again_only_with_all_that_is_needed(
    read: set[Need], enough: bool
) -> None:
    seen = Sighting(AT, CloudView(OLD_NODE.facts), CloudView(None), read=frozenset(read))

    assert suffices(seen, migration().retired_in_use().now, Policy()) is enough


READ = frozenset({Need.OLD_COMPUTE, Need.NEW_RECORDS})
SEEN = replace(sighting(FENCED, new_node()), read=READ)


@pytest.mark.parametrize(
    ("road", "seen", "again"),
    [
        (cleaned_road().created(), SEEN, True),
        (TRANSFERRED, SEEN, True),
        (cleaned_road().created(), replace(SEEN, read=READ - {Need.NEW_RECORDS}), False),
        (cleaned_road().created(), replace(SEEN, document=None), False),
        (cleaned_road(), SEEN, False),
        (TRANSFERRED, replace(SEEN, document=None), False),
        (TRANSFERRED.in_state(State.REGISTERED), SEEN, False),
        (TRANSFERRED.in_state(State.COMPUTE_READY), SEEN, True),
    ],
    ids=[
        "for the decision it was taken for",
        "for the next one, which needs no more",
        "without a part that is needed",
        "without the document that was kept since",
        "for a decision that needs more",
        "for the next one, without the document",
        "for one about the other cloud",
        "for a node that has arrived",
    ],
)
def test_a_sighting_may_be_used_again(road: Road, seen: Sighting, *, again: bool) -> None:
    assert suffices(seen, road.now, Policy()) is again
