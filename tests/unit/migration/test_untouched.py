# SPDX-License-Identifier: Apache-2.0
"""What is said of a node that must not be touched, before anything is changed."""

import pytest

from ephyrad.migration.effects import WithdrawNode
from ephyrad.migration.facts import NewCloudFacts
from ephyrad.migration.steps import Cause, Perform
from tests.unit.migration.builders import (
    BOND_MAC,
    IMAGE,
    MAC,
    OTHER,
    Node,
    document,
    masked_records,
    migration,
    new_cloud,
    new_node,
    old_node,
    records,
    sighting,
)
from tests.unit.migration.scenarios import Scenario, holds, play

ASKED = migration()
KEPT = migration().kept()


def refused_before_touching(name: str, node: Node, *words: str, cause: Cause) -> Scenario:
    return Scenario(name, ASKED, sighting(node), holds(cause, *words, lifts_itself=True))


UNFIT_FOR_NOW = [
    refused_before_touching(
        "is protected",
        old_node().in_state("active").protected(),
        "protected in the old cloud",
        "unset protected there",
        cause=Cause.PROTECTED,
    ),
    refused_before_touching(
        "was retired by somebody",
        old_node().in_state("manageable").retired_by_somebody("end of lease"),
        "somebody else retired it in the old cloud (end of lease)",
        "unset retired there",
        cause=Cause.RETIRED,
    ),
    refused_before_touching(
        "was retired by somebody without a word",
        old_node().in_state("manageable").retired_by_somebody(None),
        "(no reason)",
        cause=Cause.RETIRED,
    ),
    refused_before_touching(
        "is in maintenance",
        old_node().in_maintenance("disk broken"),
        "in maintenance in the old cloud (disk broken)",
        "unset maintenance there",
        cause=Cause.MAINTENANCE,
    ),
    refused_before_touching(
        "is in maintenance without a word",
        old_node().in_maintenance(None),
        "(no reason)",
        cause=Cause.MAINTENANCE,
    ),
    refused_before_touching(
        "failed to deploy",
        old_node().in_state("deploy failed").with_error("no boot device"),
        "deploy failed in the old cloud (no boot device)",
        "bring it to manageable or available there",
        cause=Cause.UNFIT,
    ),
    refused_before_touching(
        "failed to clean",
        old_node().in_state("clean failed"),
        "clean failed in the old cloud",
        cause=Cause.CLEAN_FAILED,
    ),
    refused_before_touching(
        "is in a state that nobody knows",
        old_node().in_state("unknown"),
        "unknown in the old cloud",
        cause=Cause.UNFIT,
    ),
]


def refused_by_the_new_cloud(
    name: str, offer: NewCloudFacts, *words: str, cause: Cause
) -> Scenario:
    return Scenario(
        name, KEPT, sighting(old_node(), offer=offer), holds(cause, *words, lifts_itself=True)
    )


NOT_WELCOME = [
    Scenario(
        "is in the new cloud already",
        ASKED,
        sighting(old_node(), new_node()),
        holds(
            Cause.CONFLICT,
            "the new cloud has a node with this UUID already (name metal-1, enroll)",
            "delete it there",
            lifts_itself=True,
        ),
    ),
    refused_by_the_new_cloud(
        "has a name that is taken",
        new_cloud(node_by_name=OTHER),
        f"the name metal-1 belongs to node {OTHER} of the new cloud",
        "rename one of the two",
        cause=Cause.CONFLICT,
    ),
    refused_by_the_new_cloud(
        "has MAC addresses that are taken",
        new_cloud(addresses={MAC: OTHER, BOND_MAC: OTHER}),
        f"MAC address {MAC} belongs to node {OTHER} of the new cloud",
        f"MAC address {BOND_MAC} belongs to node {OTHER} of the new cloud",
        "remove it there",
        cause=Cause.CONFLICT,
    ),
    refused_by_the_new_cloud(
        "has a driver that is not enabled",
        new_cloud(drivers={}),
        "the new cloud has no driver redfish",
        "enable it in its conductors",
        cause=Cause.MISSING,
    ),
    refused_by_the_new_cloud(
        "has interfaces that are not enabled",
        new_cloud(drivers={"redfish": {"power": frozenset({"ipmitool"})}}),
        "the new cloud's driver redfish has no boot interface ipxe",
        "has no power interface redfish",
        "(enabled_power_interfaces)",
        cause=Cause.MISSING,
    ),
    refused_by_the_new_cloud(
        "has a conductor group that nobody serves",
        new_cloud(conductor_groups=frozenset({"rack-1"})),
        "the new cloud has no conductor of group ''",
        "start one",
        cause=Cause.MISSING,
    ),
    refused_by_the_new_cloud(
        "names an image that is not there",
        new_cloud(images=frozenset()),
        f"driver_info/deploy_kernel names image {IMAGE}, which the new cloud does not have",
        "upload it there under the same id",
        cause=Cause.MISSING,
    ),
    Scenario(
        "has no resource class",
        ASKED,
        sighting(old_node(), old_records=records(resource_class=None)),
        holds(Cause.MISSING, "it has no resource class", "set one", lifts_itself=True),
    ),
    Scenario(
        "has secrets that are masked",
        ASKED,
        sighting(old_node(), old_records=masked_records(targets=True)),
        holds(
            Cause.MASKED,
            "the old cloud masks node/driver_info/redfish_password, volume target",
            "properties/auth_password",
            "policy show_password, baremetal:node:get:driver_info",
            "credentials_file",
            lifts_itself=True,
        ),
    ),
    Scenario(
        "has several troubles: all are named at once, and the first is the cause",
        ASKED,
        sighting(
            old_node().protected(),
            offer=new_cloud(node_by_name=OTHER, images=frozenset()),
            old_records=masked_records(),
        ),
        holds(
            Cause.PROTECTED,
            "unset protected",
            "show_password",
            "the name metal-1",
            "names image",
            lifts_itself=True,
        ),
    ),
]


@pytest.mark.parametrize("scenario", [*UNFIT_FOR_NOW, *NOT_WELCOME], ids=str)
def test_nothing_is_touched_of_a_node_that(scenario: Scenario) -> None:
    play(scenario)


def test_a_part_of_the_new_cloud_that_is_the_nodes_own_is_no_conflict() -> None:
    own = new_cloud(node_by_name=document().uuid, addresses={MAC: document().uuid})

    play(
        Scenario(
            "is there in parts",
            KEPT,
            sighting(old_node(), offer=own),
            Perform(WithdrawNode()),
        )
    )
