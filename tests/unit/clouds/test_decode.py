# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime
from typing import Any

import pytest

from ephyrad.clouds.decode import (
    NODE_FIELDS,
    DecodeError,
    each,
    enabled_interfaces,
    fault,
    node_facts,
)
from ephyrad.migration.facts import Provision
from tests.unit.clouds.samples import RELEASES, sample


def node(**changes: Any) -> dict[str, Any]:
    return dict(sample("old-nodes")["nodes"][0], **changes)


@pytest.mark.parametrize("release", RELEASES)
def test_a_listed_node_and_the_same_node_alone_give_the_same_facts(release: str) -> None:
    listed, failed = each("node", node_facts, sample(f"{release}-nodes")["nodes"])
    (alone,) = each("node", node_facts, [sample(f"{release}-records")["node"]])

    assert listed == alone
    assert listed.provision_state is Provision.MANAGEABLE
    assert (listed.retired, listed.retired_reason) == (True, "sample")
    assert listed.automated_clean is True
    assert listed.power_state is None
    assert listed.provision_updated_at is not None
    assert listed.provision_updated_at.tzinfo is UTC
    assert failed.provision_state is Provision.CLEAN_FAILED
    assert failed.last_error is not None
    assert "could not be found" in failed.last_error


@pytest.mark.parametrize("release", RELEASES)
def test_the_fields_that_are_asked_for_are_those_that_are_decoded(release: str) -> None:
    (raw, *_) = sample(f"{release}-nodes")["nodes"]

    assert set(NODE_FIELDS.split(",")) | {"links"} == set(raw)
    for field in NODE_FIELDS.split(","):
        without = {key: value for key, value in raw.items() if key != field}
        with pytest.raises(DecodeError, match=f"^node .*: {field} is missing$"):
            each("node", node_facts, [without])


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"uuid": None}, "uuid: a string was expected, not None"),
        ({"name": 1}, "name: a string or null was expected, not 1"),
        ({"maintenance": "yes"}, "maintenance: true, false or null was expected, not 'yes'"),
        ({"automated_clean": 1}, "automated_clean: true, false or null was expected, not 1"),
        ({"provision_state": None}, "provision_state: a string was expected, not None"),
        ({"provision_updated_at": "soon"}, "a time was expected, not 'soon'"),
        ({"provision_updated_at": 1.5}, "provision_updated_at: a string or null was expected"),
        ({"last_error": ["x" * 200]}, "last_error: a string or null was expected"),
    ],
)
def test_a_malformed_field_is_named(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DecodeError) as caught:
        each("node", node_facts, [node(**changes)])

    assert complaint in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("raw", [None, "text", 1, ["list"]])
def test_a_node_that_is_no_object_is_refused(raw: object) -> None:
    with pytest.raises(DecodeError, match="node: an object was expected"):
        each("node", node_facts, [raw])


def test_a_state_that_is_not_known_yet_is_unknown() -> None:
    (facts,) = each("node", node_facts, [node(provision_state="levitating")])

    assert facts.provision_state is Provision.UNKNOWN


def test_an_old_records_null_flag_is_false() -> None:
    (facts,) = each("node", node_facts, [node(protected=None, retired=None, maintenance=None)])

    assert (facts.protected, facts.retired, facts.maintenance) == (False, False, False)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-21T09:46:40+00:00",
        "2026-11-21T09:46:40",
        "2026-11-21T09:46:40Z",
        "2026-11-21T10:46:40+01:00",
        "2026-11-21 09:46:40.000000",
    ],
)
def test_times_are_utc(written: str) -> None:
    (facts,) = each("node", node_facts, [node(provision_updated_at=written)])

    assert facts.provision_updated_at == datetime(2026, 11, 21, 9, 46, 40, tzinfo=UTC)
    assert facts.provision_updated_at.tzinfo is UTC


@pytest.mark.parametrize("release", RELEASES)
def test_a_failed_clean_stands_in_the_history(release: str) -> None:
    (found,) = each("history entry", fault, sample(f"{release}-history")["history"])

    assert found is not None
    assert found.text.startswith("Failed to prepare node ")
    assert found.at.tzinfo is UTC


def test_only_errors_of_the_history_are_faults() -> None:
    (entry,) = sample("new-history")["history"]

    assert each("history entry", fault, [entry | {"severity": "INFO"}]) == [None]


@pytest.mark.parametrize(("release", "firmware"), [("old", False), ("new", True)])
def test_a_driver_shows_its_enabled_interfaces(release: str, firmware: bool) -> None:
    drivers = dict(each("driver", enabled_interfaces, sample(f"{release}-drivers")["drivers"]))

    assert set(drivers) == {"fake-hardware", "redfish"}
    assert drivers["redfish"]["power"] == {"redfish"}
    assert {"direct", "ramdisk"} <= drivers["redfish"]["deploy"]
    assert ("firmware" in drivers["redfish"]) is firmware
    assert all(isinstance(names, frozenset) for names in drivers["redfish"].values())
