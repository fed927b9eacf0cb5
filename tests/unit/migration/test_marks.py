# SPDX-License-Identifier: Apache-2.0
"""The marks on both records, and what is done where they say more than the journal."""

from dataclasses import replace

import pytest

from ephyrad.migration import marks
from ephyrad.migration.document import Before, capture
from ephyrad.migration.effects import (
    CreateParts,
    DeleteNode,
    PartKind,
    RetireNode,
    SetAutomatedClean,
)
from ephyrad.migration.facts import is_marked
from ephyrad.migration.marks import Mark
from ephyrad.migration.states import State, Trigger
from ephyrad.migration.steps import Cause, Keep, Owe, Perform, Settle, Witness
from tests.unit.migration.builders import (
    BEFORE,
    PORT,
    SERVER,
    Node,
    cleaned_road,
    document,
    forgotten,
    migration,
    new_node,
    old_node,
    ready_to_delete,
    records,
    sighting,
    transferred_road,
    withheld,
)
from tests.unit.migration.scenarios import Scenario, holds, play

VALUES = (None, True, False)
MARKED = new_node().marked()
VERIFIED = MARKED.in_state("manageable").powered("power off")
ARRIVED = new_node().in_state("available").powered("power off").automated_clean(value=None)
GONE = "the journal is older than the clouds: the old cloud has no record of it left, and the new"
UNKNOWN = migration().retired_in_use().in_state(State.CLEANING)
FOUND = UNKNOWN.owed().in_state(State.TRANSFERRED)
CARRIED_ONCE = old_node().in_state("manageable").retired().fenced()


@pytest.mark.parametrize("value", VALUES)
def test_marks_give_back_what_they_were_told(value: bool | None) -> None:
    told = Mark(value)

    assert marks.of_retired(marks.retired(told)) == told
    assert marks.is_retired(marks.retired(told))
    assert marks.of_extra(marks.with_mark({"rack": "r1"}, told)) == told
    assert marks.without_mark(marks.with_mark({"rack": "r1"}, told)) == {"rack": "r1"}


@pytest.mark.parametrize(
    "extra", [None, "text", {}, {"ephyrad": "theirs"}, {"ephyrad": {"note": 1}}, {"other": {}}]
)
def test_what_is_not_a_mark_is_none_and_stays(extra: object) -> None:
    assert marks.of_extra(extra) is None
    if isinstance(extra, dict):
        assert marks.without_mark(extra) == extra


@pytest.mark.parametrize(
    "reason", [None, "", "end of lease", f"{marks.RETIRED}; automated_clean was 1"]
)
def test_a_reason_that_does_not_tell(reason: str | None) -> None:
    assert marks.of_retired(reason) is None


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (old_node(), False),
        (old_node().retired(), True),
        (old_node().retired_by_somebody(), False),
        (ready_to_delete(), True),
        (old_node().in_maintenance(), False),
        (new_node(), False),
        (MARKED, True),
        (new_node().in_maintenance(marks.SHIELDED), True),
    ],
)
def test_ephyrads_records_are_told_from_others(node: Node, expected: bool) -> None:
    assert is_marked(node.facts) is expected


def test_a_document_has_no_mark() -> None:
    shown = records(extra=marks.with_mark({"rack": "r1"}, Mark(None)))

    assert capture(shown, BEFORE, {}).node["extra"] == {"rack": "r1"}


SCENARIOS = [
    Scenario(
        "remembers its automated_clean in the old cloud",
        migration().kept(before=Before(automated_clean=False)),
        sighting(old_node().in_state("manageable")),
        Perform(RetireNode(in_use=False, automated_clean=False)),
    ),
    Scenario(
        "was retired by ephyrad before the journal began",
        migration(),
        sighting(CARRIED_ONCE),
        Keep(document(), BEFORE, final=False),
    ),
    Scenario(
        "has a marked record in the new cloud before the journal began",
        migration(),
        sighting(CARRIED_ONCE, VERIFIED),
        Keep(document(), BEFORE, final=False),
    ),
    Scenario(
        "may be owned by both clouds before anything was done",
        migration(),
        sighting(old_node(), VERIFIED),
        holds(Cause.CONFLICT, "has a node with this UUID already", lifts_itself=True),
    ),
    Scenario(
        "is further in the new cloud than the journal knows",
        cleaned_road().kept(final=True),
        sighting(ready_to_delete(), VERIFIED),
        Settle(Trigger.TRANSFER, "cleaned; fenced; read back equal in the new cloud"),
    ),
    Scenario(
        "lacks a port in the new cloud, and the journal does not know of its record",
        cleaned_road().kept(final=True),
        sighting(ready_to_delete(), MARKED, new_records=replace(records(), ports=())),
        Perform(CreateParts({PartKind.PORT: (PORT,)})),
    ),
    *(
        Scenario(
            f"is left in the new cloud alone, {standing}, while {state}",
            migration().retired_in_use().in_state(state),
            sighting(None, new, old_compute=forgotten()),
            Settle(trigger, f"{GONE} one has it {new.facts.provision_state}"),
        )
        for state, trigger in ((State.ACTIVE, Trigger.DRAIN), (State.DRAINED, Trigger.CLEAN))
        for standing, new in (("marked", VERIFIED), ("handed over", ARRIVED))
    ),
    Scenario(
        "is left in the new cloud alone, with no proof of cleaning",
        UNKNOWN,
        sighting(None, VERIFIED, old_compute=forgotten()),
        Owe("the journal does not know of its cleaning: it is older than the clouds"),
    ),
    Scenario(
        "is left in the new cloud alone, with its cleaning known",
        cleaned_road(),
        sighting(None, VERIFIED, old_compute=forgotten()),
        Settle(Trigger.TRANSFER, f"{GONE} one has it manageable"),
    ),
    Scenario(
        "is left in the new cloud alone, and has a server in the old",
        UNKNOWN,
        sighting(None, VERIFIED, old_compute=withheld(servers=(SERVER,))),
        holds(Cause.OCCUPIED, SERVER),
    ),
    *(
        Scenario(
            f"is left in the new cloud alone, {new.facts.provision_state}",
            UNKNOWN,
            sighting(None, new),
            holds(Cause.VANISHED, "the old cloud has no record"),
        )
        for new in (MARKED, MARKED.in_state("verifying"), new_node().in_state("manageable"))
    ),
    Scenario(
        "is handed over with its mark on",
        transferred_road().tried(DeleteNode()),
        sighting(None, ARRIVED.marked(), old_compute=forgotten()),
        Perform(SetAutomatedClean(value=None, unmark=True)),
    ),
    Scenario(
        "bears a mark that the journal does not explain",
        migration().in_state(State.CLEANING).cleaned().in_state(State.TRANSFERRED),
        sighting(
            None,
            ARRIVED.marked(automated_clean=True).automated_clean(value=False),
            old_compute=forgotten(),
        ),
        Perform(SetAutomatedClean(value=True, unmark=True)),
    ),
    Scenario(
        "was handed over before the journal began",
        FOUND,
        sighting(None, ARRIVED, old_compute=forgotten()),
        Witness("it bears no mark, and ephyrad takes it off only when a node is cleaned"),
    ),
    Scenario(
        "is kept from schedulers and marked, and no proof of cleaning is left",
        FOUND,
        sighting(
            None,
            VERIFIED.in_state("available")
            .in_maintenance(marks.SHIELDED)
            .automated_clean(value=True),
        ),
        holds(Cause.CLEAN_FAILED, "clean it there"),
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_node_that(scenario: Scenario) -> None:
    play(scenario)
