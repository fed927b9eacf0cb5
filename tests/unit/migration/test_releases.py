# SPDX-License-Identifier: Apache-2.0
"""What an older Ironic does not know is left behind where it says nothing, and else not lost."""

from dataclasses import replace
from typing import Any

import pytest

from ephyrad.migration.document import Document, capture, differences
from ephyrad.migration.facts import NodeRecords
from ephyrad.migration.references import rewritten
from ephyrad.migration.releases import unknown
from ephyrad.migration.steps import Cause, Hold
from tests.unit.migration.builders import (
    BEFORE,
    PORT,
    PORTGROUP,
    migration,
    new_cloud,
    old_node,
    records,
    sighting,
)
from tests.unit.migration.scenarios import decide

OLD, NEW = (1, 82), (1, 115)


def _document(shown: NodeRecords) -> Document:
    return capture(shown, BEFORE, {})


def _with_port(**changes: Any) -> NodeRecords:
    shown = records()
    return replace(shown, ports=({**shown.ports[0], **changes},))


def _with_group(**changes: Any) -> NodeRecords:
    shown = _with_port(physical_network="physnet1")
    return replace(shown, portgroups=({**shown.portgroups[0], **changes},))


@pytest.mark.parametrize(
    "shown",
    [
        records(firmware_interface="redfish"),
        records(disable_power_off=False),
        _with_group(physical_network="physnet1"),
        _with_port(name="", description=""),
    ],
)
def test_what_says_nothing_is_left_behind(shown: NodeRecords) -> None:
    document = _document(shown)
    found = unknown(document, OLD)
    left = rewritten(document, found.changes)

    assert found.problems == ()
    assert len(found.changes) >= 1
    assert unknown(left, OLD).changes == ()
    assert all("left behind" in str(each) or "-> none" in str(each) for each in found.changes)
    # The record that it is from is no other than it for that.
    assert differences(left, rewritten(_document(shown), found.changes)) == ()


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (records(disable_power_off=True), "disable_power_off True would be lost"),
        (_with_port(name="eth0"), f"port {PORT}/name 'eth0' would be lost"),
        (_with_port(vendor="acme"), f"port {PORT}/vendor 'acme' would be lost"),
        (
            _with_group(physical_network="other"),
            f"port group {PORTGROUP}/physical_network 'other' would be lost",
        ),
    ],
)
def test_what_would_be_lost_stands_in_the_way(shown: NodeRecords, words: str) -> None:
    found = unknown(_document(shown), OLD)

    assert [problem for problem in found.problems if problem.startswith(words)]
    assert "unset it in the old cloud" in found.problems[0]


def test_an_ironic_that_knows_all_of_it_gets_all_of_it() -> None:
    document = _document(records(firmware_interface="redfish", disable_power_off=True))

    assert unknown(document, NEW) == unknown(_document(records()), OLD)


def test_what_is_set_afterwards_shows() -> None:
    document = _document(records(disable_power_off=False))
    changes = unknown(document, OLD).changes

    later = rewritten(_document(records(disable_power_off=True)), changes)

    assert differences(rewritten(document, changes), later) == ("node/disable_power_off",)


def test_a_node_is_held_untouched_before_anything_is_lost() -> None:
    lossy = records(disable_power_off=True)
    seen = sighting(old_node(), old_records=lossy, offer=new_cloud(api_version=OLD))

    step = decide(migration(), seen)

    assert isinstance(step, Hold)
    assert (step.cause, step.lifts_itself) == (Cause.MISSING, True)
    assert "disable_power_off" in step.reason
