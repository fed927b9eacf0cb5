# SPDX-License-Identifier: Apache-2.0
"""What is read for a decision: all it looks at (the scenarios see to that), and no more."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ephyrad.migration.effects import RetireNode
from ephyrad.migration.facts import CloudView
from ephyrad.migration.policy import Policy
from ephyrad.migration.sighting import Need, Sighting, lacking, needs
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause
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
OLD_NODE = old_node()
IN_USE = old_node().in_state("active").with_instance()
RETIRED = ready_to_delete()
FENCED = ready_to_delete()
TRANSFERRED = transferred_road()
REGISTERED = TRANSFERRED.in_state(State.REGISTERED)
ANEW = TRANSFERRED.held(Cause.NEW_GONE).released()
WAITS = migration().retired_in_use()
NOTICED = WAITS.noticed()
VERIFIED = new_node().in_state("manageable")
MARKED = VERIFIED.marked()
CREATED = migration().kept().tried(RetireNode(in_use=False)).in_state(State.CLEANING).owed()
UNTOUCHED = {Need.OLD_NODE, Need.NEW_NODE, Need.OLD_RECORDS, Need.NEW_CLOUD}
WHO = {Need.OLD_NODE, Need.OLD_COMPUTE}
BOTH = {Need.OLD_NODE, Need.NEW_NODE}
FREE = BOTH | {Need.OLD_COMPUTE}
CARRIED = FREE | {Need.DOCUMENT}
PROOF = {Need.OLD_FAULTS}
OFFER = {Need.OLD_OFFER}

TABLE: list[tuple[str, Road, Node | None, Node | None, set[Need]]] = [
    ("is idle, and not touched yet", migration().kept(), OLD_NODE, None, UNTOUCHED | WHO | OFFER),
    ("is in use, and not touched yet", migration().kept(), IN_USE, None, UNTOUCHED | PROOF),
    ("vanished before it was touched", migration().kept(), None, None, FREE),
    ("vanished when it was drained", WAITS.in_state(State.DRAINED), None, VERIFIED, FREE),
    ("waits for its owner", WAITS, IN_USE.retired(), None, {Need.OLD_NODE}),
    ("is to be released", NOTICED, IN_USE.retired(), None, WHO | {Need.OLD_SERVER}),
    (
        "is to be released, and not retired yet",
        NOTICED,
        IN_USE,
        None,
        WHO | PROOF | {Need.OLD_SERVER},
    ),
    ("is undeployed by notice", NOTICED, IN_USE.in_state("deleting"), None, {Need.OLD_NODE}),
    ("waits, and is no more retired", WAITS, IN_USE, None, {Need.OLD_NODE} | PROOF),
    (
        "waits, and whose automated_clean was taken away",
        WAITS,
        IN_USE.retired().automated_clean(None),
        None,
        {Need.OLD_NODE} | PROOF,
    ),
    ("is undeployed", WAITS, IN_USE.retired().in_state("deleting"), None, {Need.OLD_NODE}),
    ("is cleaned, and drained", WAITS, IN_USE.in_state("cleaning"), None, WHO | OFFER),
    ("was cleaned, and is drained", WAITS, RETIRED, None, WHO | OFFER | PROOF),
    ("is empty", WAITS.in_state(State.DRAINED), IN_USE.in_state("cleaning"), None, WHO),
    ("is empty and clean", WAITS.in_state(State.DRAINED), RETIRED, None, WHO | PROOF),
    (
        "is being cleaned",
        WAITS.in_state(State.CLEANING),
        OLD_NODE.in_state("clean wait"),
        None,
        {Need.OLD_NODE},
    ),
    ("has been cleaned", WAITS.in_state(State.CLEANING), RETIRED, None, WHO | PROOF),
    (
        "was idle",
        migration().retired_idle().in_state(State.CLEANING),
        OLD_NODE.in_state("manageable"),
        None,
        WHO,
    ),
    ("was cleaned and is not fenced", cleaned_road(), OLD_NODE, None, WHO),
    (
        "was cleaned and is fenced",
        cleaned_road(),
        FENCED,
        None,
        FREE | {Need.OLD_RECORDS, Need.NEW_CLOUD},
    ),
    (
        "was created and is kept anew",
        cleaned_road().created().held().released(),
        FENCED,
        new_node(),
        CARRIED | {Need.NEW_RECORDS, Need.OLD_RECORDS, Need.NEW_CLOUD},
    ),
    (
        "is to be cleaned by the new cloud",
        owed_road(),
        FENCED,
        None,
        FREE | {Need.OLD_RECORDS, Need.NEW_CLOUD},
    ),
    ("is to be created", cleaned_road().kept(final=True), FENCED, None, CARRIED),
    ("is carried", cleaned_road().created(), FENCED, new_node(), CARRIED | {Need.NEW_RECORDS}),
    ("is recorded in the new cloud", TRANSFERRED, OLD_NODE, new_node(), FREE),
    ("is gone from the new cloud", TRANSFERRED, OLD_NODE, None, BOTH),
    ("is being verified", TRANSFERRED, OLD_NODE, new_node().in_state("verifying"), BOTH),
    (
        "is verified",
        TRANSFERRED,
        OLD_NODE,
        VERIFIED,
        CARRIED | {Need.OLD_RECORDS, Need.NEW_RECORDS},
    ),
    ("is gone from the old cloud", TRANSFERRED, None, VERIFIED, FREE),
    ("is cleaned by the new cloud", TRANSFERRED, None, VERIFIED.in_state("cleaning"), BOTH),
    (
        "is registered",
        TRANSFERRED.in_state(State.REGISTERED),
        None,
        VERIFIED.in_state("available"),
        {Need.NEW_NODE, Need.NEW_OFFER},
    ),
    (
        "is registered and in use already",
        TRANSFERRED.in_state(State.REGISTERED),
        None,
        VERIFIED.in_state("active"),
        {Need.NEW_NODE},
    ),
    ("goes back from active", WAITS.aborted(), IN_USE.retired(), None, BOTH),
    ("goes back and may be offered", WAITS.aborted(), RETIRED, None, FREE),
    ("goes back and was manageable", CREATED.aborted(), FENCED, None, BOTH),
    ("goes back with a record", TRANSFERRED.aborted(), FENCED, MARKED, FREE | {Need.NEW_COMPUTE}),
    ("goes back and is not ephyrad's", CREATED.aborted(), FENCED, VERIFIED, BOTH),
    ("goes back and is held", TRANSFERRED.aborted().held(), FENCED, MARKED, BOTH),
    ("is back", TRANSFERRED.aborted().put_back().restored(), OLD_NODE, None, set()),
    ("has arrived", TRANSFERRED.in_state(State.COMPUTE_READY), None, VERIFIED, set()),
    ("is held until it is released", WAITS.held(), IN_USE, None, set()),
    ("is held, and its fence is watched", TRANSFERRED.held(), FENCED, VERIFIED, BOTH),
    ("is held without an old record", TRANSFERRED.held(), None, VERIFIED, {Need.OLD_NODE}),
    ("is held, and may have a marked record", cleaned_road().held(), FENCED, None, BOTH),
    ("is held, and has arrived nearly", REGISTERED.held(), None, VERIFIED, set()),
    ("is made anew", ANEW, FENCED, None, CARRIED),
    ("was made anew", ANEW, FENCED, new_node(), CARRIED | {Need.NEW_RECORDS}),
    (
        "was made anew and moved on",
        ANEW,
        FENCED,
        VERIFIED,
        CARRIED | {Need.OLD_RECORDS, Need.NEW_RECORDS},
    ),
    (
        "is held until the cause is gone",
        migration().held(lifts_itself=True),
        IN_USE,
        None,
        UNTOUCHED | PROOF,
    ),
]
NAMES = [row[0] for row in TABLE]


NOVA = {
    *(Need.OLD_COMPUTE, Need.OLD_OFFER, Need.OLD_SERVER),
    *(Need.NEW_OFFER, Need.NEW_COMPUTE),
}


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

    assert _needed(road, old, new, policy) == wanted - NOVA


SEEN = replace(sighting(FENCED, new_node()), read=frozenset(CARRIED | {Need.NEW_RECORDS}))


@pytest.mark.parametrize(
    ("road", "seen", "lacks"),
    [
        (cleaned_road().created(), SEEN, set()),
        (TRANSFERRED, SEEN, set()),
        (
            cleaned_road().created(),
            replace(SEEN, read=SEEN.read - {Need.NEW_RECORDS}),
            {Need.NEW_RECORDS},
        ),
        (
            cleaned_road().created(),
            replace(SEEN, document=None, read=SEEN.read - {Need.DOCUMENT}),
            {Need.DOCUMENT},
        ),
        (cleaned_road(), SEEN, {Need.OLD_RECORDS, Need.NEW_CLOUD}),
        (
            TRANSFERRED.in_state(State.REGISTERED),
            replace(SEEN, new=CloudView(VERIFIED.in_state("available").facts)),
            {Need.NEW_OFFER},
        ),
        (TRANSFERRED.in_state(State.COMPUTE_READY), SEEN, set()),
        (
            WAITS.in_state(State.DRAINED),
            Sighting(AT, CloudView(RETIRED.facts), CloudView(None), read=frozenset(WHO | PROOF)),
            set(),
        ),
        (
            cleaned_road(),
            Sighting(AT, CloudView(FENCED.facts), CloudView(None), read=frozenset(WHO)),
            {Need.NEW_NODE, Need.OLD_RECORDS, Need.NEW_CLOUD},
        ),
    ],
    ids=[
        "for the decision it was taken for",
        "for the next one, which needs no more",
        "without a part that is needed",
        "without the document that was kept since",
        "for a decision that needs more",
        "for one about the other cloud",
        "for a node that has arrived",
        "with all that is needed and no more",
        "that did not look into the other cloud",
    ],
)
def test_what_a_sighting_lacks(road: Road, seen: Sighting, lacks: set[Need]) -> None:
    assert lacking(seen, road.now, Policy()) == lacks
