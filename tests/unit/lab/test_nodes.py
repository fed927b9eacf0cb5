# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

pytest.importorskip("openstack")

from tests.lab import bmc, nodes
from tests.lab.nodes import Kind, Plan
from tests.lab.settings import Settings

SETTINGS = Settings(directory=Path("/somewhere/lab"), bmc_count=8)


def _plan(kind: Kind, number: int) -> Plan:
    machine = None if kind is Kind.FAKE else bmc.machines(SETTINGS)[number]
    return nodes.plan(SETTINGS, kind, number, machine, prefix="t")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_plan_is_the_same_every_time(kind: Kind) -> None:
    assert _plan(kind, 3) == _plan(kind, 3)


def test_no_two_nodes_share_an_id_or_an_address() -> None:
    plans = [_plan(kind, number) for kind in (Kind.FAKE, Kind.REDFISH) for number in range(8)]

    parts = [
        part
        for plan in plans
        for part in (*plan.ports, *plan.portgroups, *plan.connectors, *plan.targets)
    ]
    addresses = [part["address"] for part in parts if "address" in part]
    idents = [part["uuid"] for part in parts] + [plan.uuid for plan in plans]
    assert len(set(addresses)) == len(addresses)
    assert len(set(idents)) == len(idents)


def test_even_nodes_have_two_ports_in_their_group() -> None:
    even, odd = _plan(Kind.FAKE, 2), _plan(Kind.FAKE, 3)

    assert [port["portgroup_uuid"] for port in even.ports] == [even.portgroups[0]["uuid"]] * 2
    assert len(odd.ports) == 1


def test_only_nodes_with_an_emulated_machine_speak_redfish() -> None:
    fake, redfish, agent = (_plan(kind, 1) for kind in (Kind.FAKE, Kind.REDFISH, Kind.AGENT))

    assert fake.node["driver_info"].keys() == {"username", "password"}
    assert (redfish.node["driver"], redfish.node["power_interface"]) == (
        "fake-hardware",
        "redfish",
    )
    assert (agent.node["driver"], agent.node["deploy_interface"]) == ("redfish", "direct")
    machine = bmc.machines(SETTINGS)[1]
    for plan in (redfish, agent):
        assert plan.node["driver_info"]["redfish_system_id"].endswith(machine.uuid)
        assert plan.ports[0]["address"] == machine.mac


def test_a_machine_is_needed_for_redfish() -> None:
    with pytest.raises(ValueError, match="needs a machine"):
        nodes.plan(SETTINGS, Kind.AGENT, 0, None, prefix="t")
