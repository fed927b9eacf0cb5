# SPDX-License-Identifier: Apache-2.0
"""A node that names what the new cloud calls otherwise: what is kept, compared and held."""

from dataclasses import replace

import pytest

from ephyrad.migration.document import Document
from ephyrad.migration.effects import CreateNode, DeleteNode, WithdrawNode
from ephyrad.migration.facts import CloudName, NodeRecords
from ephyrad.migration.identity import Account, By, Directory, Rule
from ephyrad.migration.mapping import Kind, Names
from ephyrad.migration.policy import Policy
from ephyrad.migration.references import Change, Directories
from ephyrad.migration.states import State
from ephyrad.migration.steps import Cause, Keep, Perform
from tests.unit.migration.builders import (
    BEFORE,
    IMAGE,
    cleaned_road,
    document,
    migration,
    new_cloud,
    new_node,
    old_node,
    ready_to_delete,
    records,
    sighting,
)
from tests.unit.migration.scenarios import Scenario, holds, play

POLICY = Policy(names=Names({Kind.PROJECT: Rule(By.NAME)}))
BOTH: Directories = {
    (CloudName.OLD, Kind.PROJECT): Directory(
        "project", [Account("p-old", "demo", "Default"), Account("p-other", "other", "Default")]
    ),
    (CloudName.NEW, Kind.PROJECT): Directory("project", [Account("p-new", "demo", "Default")]),
}
RENAMED: Directories = {
    **BOTH,
    (CloudName.NEW, Kind.PROJECT): Directory("project", [Account("p-2", "demo", "Default")]),
}
OWNER = Change("node", ("owner",), "p-old", "p-new", "project Default/demo")

OLD = records(owner="p-old")
NEW = records(owner="p-new")
WANTED: Document = document(NEW)
FENCED = ready_to_delete()
VERIFIED = new_node().in_state("manageable").powered("power off")
CREATED = cleaned_road().kept(final=True, rewriting=(OWNER,)).tried(CreateNode(False))
TRANSFERRED = CREATED.in_state(State.TRANSFERRED)


def without_kernel(shown: NodeRecords) -> NodeRecords:
    info = {
        key: value for key, value in shown.node["driver_info"].items() if key != "deploy_kernel"
    }
    return replace(shown, node={**shown.node, "driver_info": info})


SCENARIOS = [
    Scenario(
        "is asked for: it is kept as the new cloud is to have it",
        migration(),
        sighting(old_node(), old_records=OLD, directories=BOTH),
        Keep(WANTED, BEFORE, final=False, rewriting=(OWNER,)),
        POLICY,
    ),
    Scenario(
        "has an owner whom the new cloud does not know: it is held",
        migration(),
        sighting(old_node(), old_records=records(owner="p-other"), directories=BOTH),
        holds(
            Cause.UNMAPPED,
            "owner: the new cloud has no project called like project Default/other (p-other)",
            "create it there",
            lifts_itself=True,
        ),
        POLICY,
    ),
    Scenario(
        "has an owner whom the new cloud knows by now: it goes on",
        migration().held(Cause.UNMAPPED, lifts_itself=True).released().kept(rewriting=(OWNER,)),
        sighting(old_node(), old_records=OLD, directories=BOTH),
        Perform(WithdrawNode()),
        POLICY,
    ),
    Scenario(
        "has a key that nobody knows",
        migration(),
        sighting(old_node(), old_records=records(driver_info={"acme_key": "x"})),
        holds(Cause.UNMAPPED, "acme_key", "carry or to drop it", lifts_itself=True),
    ),
    Scenario(
        "has its driver_info withheld as a whole: that is what it is held for",
        migration(),
        sighting(
            old_node(),
            old_records=records(driver_info={"content": "** Redacted - requires a right **"}),
        ),
        holds(Cause.MASKED, "the old cloud masks node/driver_info/content", lifts_itself=True),
    ),
    Scenario(
        "has an image that is left behind: the new cloud need not have it",
        migration(),
        sighting(old_node(), offer=new_cloud(images=frozenset())),
        Keep(
            document(without_kernel(records())),
            BEFORE,
            final=False,
            rewriting=(Change("node", ("driver_info", "deploy_kernel"), None, None),),
        ),
        Policy(names=Names(drop=("deploy_kernel",))),
    ),
    Scenario(
        "names an image that is another in the new cloud, which has it not",
        migration(),
        sighting(old_node(), directories={}),
        holds(Cause.UNMAPPED, f"the old cloud has no image {IMAGE}", lifts_itself=True),
        Policy(names=Names({Kind.IMAGE: Rule(By.NAME)})),
    ),
    Scenario(
        "is fenced: it is kept by what both clouds are called now",
        cleaned_road().kept(rewriting=(OWNER,)),
        sighting(FENCED, old_records=OLD, directories=RENAMED),
        Keep(
            document(records(owner="p-2")),
            BEFORE,
            final=True,
            rewriting=(replace(OWNER, new="p-2"),),
        ),
        POLICY,
    ),
    Scenario(
        "is fenced and has got an owner whom nobody knows",
        cleaned_road().kept(rewriting=(OWNER,)),
        sighting(FENCED, old_records=records(owner="p-other"), directories=BOTH),
        holds(Cause.UNMAPPED, "(p-other)", "then release the node"),
        POLICY,
    ),
    Scenario(
        "has a record in the new cloud: no mapping changes any more what it is compared by",
        CREATED.held(Cause.DIFFERENT).released(),
        sighting(
            FENCED,
            new_node(),
            old_records=OLD,
            new_records=NEW,
            directories=RENAMED,
            kept=WANTED,
        ),
        Keep(WANTED, BEFORE, final=True, rewriting=(OWNER,)),
        POLICY,
    ),
    Scenario(
        "had its record in the new cloud deleted: it is mapped anew",
        CREATED.held(Cause.DIFFERENT).released(),
        sighting(FENCED, old_records=OLD, directories=RENAMED, kept=WANTED),
        Keep(
            document(records(owner="p-2")),
            BEFORE,
            final=True,
            rewriting=(replace(OWNER, new="p-2"),),
        ),
        POLICY,
    ),
    Scenario(
        "is verified, and both records are as they were carried",
        TRANSFERRED,
        sighting(FENCED, VERIFIED, old_records=OLD, new_records=NEW, kept=WANTED),
        Perform(DeleteNode()),
        POLICY,
    ),
    Scenario(
        "is verified, and got another owner in the old cloud",
        TRANSFERRED,
        sighting(
            FENCED, VERIFIED, old_records=records(owner="p-other"), new_records=NEW, kept=WANTED
        ),
        holds(Cause.DIFFERENT, "its record in the old cloud was changed", "node/owner"),
        POLICY,
    ),
    Scenario(
        "is verified, and has its old owner's id in the new cloud",
        TRANSFERRED,
        sighting(FENCED, VERIFIED, old_records=OLD, new_records=OLD, kept=WANTED),
        holds(Cause.DIFFERENT, "its record in the new cloud was changed", "node/owner"),
        POLICY,
    ),
    Scenario(
        "has no document in the journal: it is kept by the same changes",
        TRANSFERRED,
        replace(
            sighting(FENCED, VERIFIED, old_records=OLD, new_records=NEW, directories=RENAMED),
            document=None,
        ),
        Keep(WANTED, BEFORE, final=True, rewriting=(OWNER,)),
        POLICY,
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_node_that(scenario: Scenario) -> None:
    play(scenario)
