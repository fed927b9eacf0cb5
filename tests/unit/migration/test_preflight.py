# SPDX-License-Identifier: Apache-2.0
"""Which images a node names, and how several problems become one hold."""

import pytest

from ephyrad.migration import marks, preflight
from ephyrad.migration.preflight import Problem
from ephyrad.migration.steps import Cause, Hold
from tests.unit.migration.builders import IMAGE, document, new_cloud, old_node, records


@pytest.mark.parametrize(
    ("value", "is_id"),
    [
        (IMAGE, True),
        (IMAGE.upper(), True),
        (f"glance://{IMAGE}", True),
        ("http://images.example/kernel", False),
        (f"http://images.example/{IMAGE}", False),
        ("file:///httpboot/kernel", False),
        ("", False),
        (None, False),
    ],
)
@pytest.mark.parametrize("key", ["deploy_kernel", "rescue_iso", "bootloader"])
def test_an_image_is_named_by_its_glance_id(key: str, value: object, *, is_id: bool) -> None:
    found = preflight.images(document(records(driver_info={key: value})))

    assert found == ({key: IMAGE} if is_id else {})


def test_another_key_names_no_image() -> None:
    assert preflight.images(document(records(driver_info={"redfish_system_id": IMAGE}))) == {}


def test_a_node_of_a_conductor_group_finds_its_conductor() -> None:
    grouped = document(records(conductor_group="rack-1"))

    assert list(preflight.missing(grouped, new_cloud(), nova=True)) == []


def test_ephyrads_own_marks_are_no_problem() -> None:
    assert list(preflight.old_record(old_node().retired().fenced().facts)) == []
    assert marks.RETIRED != marks.FENCED


@pytest.mark.parametrize(
    ("lifts_itself", "reason"), [(True, "one; two"), (False, "one; two; then release the node")]
)
def test_problems_become_one_hold(*, lifts_itself: bool, reason: str) -> None:
    problems = [Problem(Cause.MASKED, "one"), Problem(Cause.MISSING, "two")]

    hold = preflight.as_hold(iter(problems), lifts_itself=lifts_itself)

    assert hold == Hold(Cause.MASKED, reason, lifts_itself)


def test_no_problem_is_no_hold() -> None:
    assert preflight.as_hold(iter(()), lifts_itself=True) is None
