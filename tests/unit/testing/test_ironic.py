# SPDX-License-Identifier: Apache-2.0
"""The simulated Ironic does what the real ones were observed to do."""

import random
from collections.abc import Callable

import pytest

from ephyrad.migration.document import MASK
from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import CloudName
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.ironic import Ironic
from ephyrad.testing.machines import POWER_OFF, POWER_ON, MachineRoom
from ephyrad.testing.refusals import ApiError
from tests.unit.testing.nodes import BMC, NODE, PASSWORD, available, enrolled, in_use, part, state


def _status(call: Callable[[], object]) -> int:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value.status


def test_an_available_node_cannot_be_retired(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    node = available(cloud, room, clock)

    assert _status(lambda: cloud.ironic.patch(node, {"retired": True})) == 409
    assert not cloud.ironic.nodes[node].body["retired"]


def test_a_retired_node_is_not_provided(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    node = available(cloud, room, clock)
    cloud.ironic.provision(node, "manage")
    cloud.ironic.patch(node, {"retired": True, "retired_reason": "old"})

    assert _status(lambda: cloud.ironic.provision(node, "provide")) == 400

    shown = cloud.ironic.patch(node, {"retired": False})
    assert (shown["retired"], shown["retired_reason"]) == (False, None)


@pytest.mark.parametrize(
    ("node_says", "config_says", "ends", "wiped"),
    [
        (True, False, "manageable", True),
        (None, True, "manageable", True),
        (None, False, "available", False),
        (False, True, "available", False),
    ],
)
def test_where_a_retired_node_in_use_ends(
    *,
    cloud: SimulatedCloud,
    room: MachineRoom,
    clock: VirtualClock,
    node_says: bool | None,
    config_says: bool,
    ends: str,
    wiped: bool,
) -> None:
    node = in_use(cloud, room, clock)
    cloud.settings.automated_clean = config_says
    cloud.ironic.patch(node, {"retired": True, "automated_clean": node_says})
    assert cloud.nova is not None

    cloud.nova.delete(cloud.nova.facts(node).instances[0])
    clock.advance(600)

    assert state(cloud, node) == ends
    assert (not room.machines[BMC].data) is wiped


def test_a_failed_clean_and_manage(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    node = in_use(cloud, room, clock)
    cloud.settings.fails = lambda what, _: "disk broken" if what == "clean" else None
    cloud.ironic.provision(node, "deleted")
    clock.advance(600)
    failed = cloud.ironic.show(node)

    cloud.ironic.provision(node, "manage")

    assert (failed["provision_state"], failed["maintenance"]) == ("clean failed", True)
    assert failed["fault"] == "clean failure"
    managed = cloud.ironic.show(node)
    assert (managed["provision_state"], managed["maintenance"]) == ("manageable", True)
    assert "disk broken" in managed["last_error"]
    assert len(cloud.ironic.history(node)) == 1
    assert room.machines[BMC].data


def test_maintenance_stalls_a_clean(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    node = in_use(cloud, room, clock)
    cloud.ironic.provision(node, "deleted")
    while state(cloud, node) != "clean wait":
        clock.advance(1)
    cloud.ironic.set_maintenance(node, "somebody")
    clock.advance(3600)
    assert state(cloud, node) == "clean wait"

    cloud.ironic.clear_maintenance(node)
    clock.advance(600)

    assert state(cloud, node) == "available"


@pytest.mark.parametrize("when", ["deleting", "cleaning", "clean wait"])
def test_no_patch_while_a_node_is_undeployed_or_cleaned(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock, when: str
) -> None:
    node = in_use(cloud, room, clock)
    cloud.ironic.provision(node, "deleted")
    while state(cloud, node) != when:
        clock.advance(0.1)

    with pytest.raises(ApiError, match="state transition is in progress") as caught:
        cloud.ironic.patch(node, {"retired": True})

    assert caught.value.status == 409


def test_a_busy_node_is_locked(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    node = enrolled(cloud, room)
    cloud.ironic.provision(node, "manage")

    with pytest.raises(ApiError, match="is locked by host conductor-1"):
        cloud.ironic.set_maintenance(node, "why")


@pytest.mark.parametrize(
    ("password", "ends", "power"), [(PASSWORD, "manageable", POWER_OFF), (MASK, "enroll", None)]
)
def test_verifying_reads_the_bmc(
    *,
    cloud: SimulatedCloud,
    room: MachineRoom,
    clock: VirtualClock,
    password: str,
    ends: str,
    power: str | None,
) -> None:
    info = {"redfish_address": BMC, "redfish_password": password}
    node = enrolled(cloud, room, driver_info=info)

    cloud.ironic.provision(node, "manage")
    clock.advance(10)

    shown = cloud.ironic.show(node)
    assert (shown["provision_state"], shown["power_state"]) == (ends, power)
    assert ("401" in (shown["last_error"] or "")) is (ends == "enroll")


def test_a_fake_node_has_no_power_state_until_told(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    node = enrolled(
        cloud, room, driver="fake-hardware", power_interface="fake", deploy_interface="fake"
    )
    cloud.ironic.provision(node, "manage")
    clock.advance(10)
    assert cloud.ironic.show(node)["power_state"] is None

    cloud.ironic.power(node, POWER_OFF)
    clock.advance(10)

    assert cloud.ironic.show(node)["power_state"] == POWER_OFF


def test_two_clouds_fight_over_one_bmc(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    other = SimulatedCloud(CloudName.NEW, clock, room, rng=random.Random(8))
    other.settings.host = "conductor-2"
    node = available(cloud, room, clock)
    room.machines[BMC].commands.clear()
    other.ironic.create_node(
        {name: cloud.ironic.nodes[node].body[name] for name in ("uuid", "driver", "driver_info")}
        | {"power_interface": "redfish"}
    )
    other.ironic.provision(node, "manage")
    clock.advance(30)
    other.ironic.power(node, POWER_ON)
    clock.advance(600)

    by = [command.by for command in room.machines[BMC].commands]
    assert by.count("conductor-1") > 5
    assert by.count("conductor-2") > 5


def test_maintenance_ends_the_fight(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    node = available(cloud, room, clock)
    cloud.ironic.set_maintenance(node, "fenced")
    room.machines[BMC].commands.clear()
    room.machines[BMC].power = POWER_ON

    clock.advance(600)

    assert room.machines[BMC].commands == []


def test_a_bmc_that_does_not_answer_ends_in_maintenance(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    node = available(cloud, room, clock)
    room.machines[BMC].answers = False
    clock.advance(240)
    failed = cloud.ironic.show(node)
    room.machines[BMC].answers = True
    clock.advance(61)

    assert (failed["maintenance"], failed["fault"], failed["power_state"]) == (
        True,
        "power failure",
        None,
    )
    healed = cloud.ironic.show(node)
    assert (healed["maintenance"], healed["fault"], healed["power_state"]) == (
        False,
        None,
        POWER_OFF,
    )


def test_cleans_past_the_limit_are_rejected(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    node = in_use(cloud, room, clock)
    cloud.settings.max_concurrent_clean = 0

    assert _status(lambda: cloud.ironic.provision(node, "deleted")) == 503


@pytest.mark.parametrize(
    ("maintenance", "instance", "protected", "status"),
    [
        (False, True, False, 409),
        (True, True, False, None),
        (True, True, True, 403),
    ],
)
def test_what_guards_a_record_from_deletion(
    *,
    cloud: SimulatedCloud,
    room: MachineRoom,
    clock: VirtualClock,
    maintenance: bool,
    instance: bool,
    protected: bool,
    status: int | None,
) -> None:
    node = in_use(cloud, room, clock)
    cloud.ironic.patch(node, {"protected": protected})
    if maintenance:
        cloud.ironic.set_maintenance(node, "why")

    if status is None:
        cloud.ironic.delete_node(node)
        assert node not in cloud.ironic.nodes
    else:
        assert _status(lambda: cloud.ironic.delete_node(node)) == status
        assert node in cloud.ironic.nodes


def _again(ironic: Ironic, **change: str) -> None:
    ironic.create_node({"uuid": NODE[:-1] + "2", "driver": "redfish", **change})


@pytest.mark.parametrize(
    ("second", "status"),
    [
        ({"uuid": NODE}, 409),
        ({"name": "n1"}, 409),
        ({"driver": "irmc"}, 400),
        ({"power_interface": "irmc"}, 400),
        ({"conductor_group": "elsewhere"}, 400),
        ({"protected": "yes"}, 400),
    ],
)
def test_nodes_that_are_refused(
    cloud: SimulatedCloud, room: MachineRoom, second: dict[str, str], status: int
) -> None:
    enrolled(cloud, room)

    assert _status(lambda: _again(cloud.ironic, **second)) == status


def test_addresses_are_unique_and_groups_come_first(
    cloud: SimulatedCloud, room: MachineRoom
) -> None:
    node = enrolled(cloud, room)
    mac = "52:54:00:00:00:01"
    cloud.ironic.create_part(PartKind.PORT, part(node, address=mac))

    def create(**more: str) -> Callable[[], object]:
        return lambda: cloud.ironic.create_part(PartKind.PORT, part(node, **more))

    assert _status(create(address=mac.upper(), physical_network="p")) == 409
    assert _status(create(address="52:54:00:00:00:02", portgroup_uuid=NODE)) == 400
    assert _status(create(address="52:54:00:00:00:02", description="2023.1 has none")) == 400
    assert cloud.ironic.owner_of(mac.upper()) == node


def test_secrets_are_masked_unless_shown(cloud: SimulatedCloud, room: MachineRoom) -> None:
    node = enrolled(cloud, room)
    clear = cloud.ironic.show(node)["driver_info"]
    cloud.settings.show_secrets = False

    masked = cloud.ironic.show(node)["driver_info"]

    assert clear["redfish_password"] == PASSWORD
    assert masked == {"redfish_address": BMC, "redfish_password": MASK}


def test_a_conductor_that_dies_fails_what_it_worked_on(
    cloud: SimulatedCloud, room: MachineRoom, clock: VirtualClock
) -> None:
    node = in_use(cloud, room, clock)
    cloud.ironic.provision(node, "deleted")
    while state(cloud, node) != "cleaning":
        clock.advance(0.1)

    cloud.ironic.conductor.restart()
    clock.advance(600)

    shown = cloud.ironic.show(node)
    assert (shown["provision_state"], shown["reservation"]) == ("clean failed", None)


def test_project_scope_shows_no_node_and_no_error(cloud: SimulatedCloud, room: MachineRoom) -> None:
    node = enrolled(cloud, room)
    cloud.settings.system_scope = False

    assert cloud.ironic.list_nodes() == []
    assert cloud.node(node) is None
