# SPDX-License-Identifier: Apache-2.0
"""Where a node's BMC answers, by its driver_info."""

from typing import Any

import pytest

from ephyrad.migration.bmc import Bmc, Protocol, bmc_of

TCP, RMCP = Protocol.TCP, Protocol.RMCP


@pytest.mark.parametrize(
    ("driver", "info", "expected"),
    [
        ("redfish", {"redfish_address": "https://bmc-1"}, Bmc(TCP, "bmc-1", 443)),
        ("redfish", {"redfish_address": "http://bmc-1"}, Bmc(TCP, "bmc-1", 80)),
        ("redfish", {"redfish_address": "bmc-1"}, Bmc(TCP, "bmc-1", 443)),
        ("redfish", {"redfish_address": "bmc-1:8443"}, Bmc(TCP, "bmc-1", 8443)),
        ("redfish", {"redfish_address": "https://10.0.0.1:8443/"}, Bmc(TCP, "10.0.0.1", 8443)),
        ("redfish", {"redfish_address": "https://[fd00::1]:8443"}, Bmc(TCP, "fd00::1", 8443)),
        ("redfish", {"redfish_address": "fd00::1"}, Bmc(TCP, "fd00::1", 443)),
        ("redfish", {"redfish_address": "https://user:word@bmc-1"}, Bmc(TCP, "bmc-1", 443)),
        ("ipmi", {"ipmi_address": "10.0.0.1"}, Bmc(RMCP, "10.0.0.1", 623)),
        ("ipmi", {"ipmi_address": "10.0.0.1", "ipmi_port": "6230"}, Bmc(RMCP, "10.0.0.1", 6230)),
        ("ipmi", {"ipmi_address": "fd00::1", "ipmi_port": 1623}, Bmc(RMCP, "fd00::1", 1623)),
        ("ilo", {"ilo_address": "10.0.0.1"}, Bmc(TCP, "10.0.0.1", 443)),
        ("ilo5", {"ilo_address": "10.0.0.1", "client_port": 444}, Bmc(TCP, "10.0.0.1", 444)),
        ("irmc", {"irmc_address": "10.0.0.1", "irmc_port": "80"}, Bmc(TCP, "10.0.0.1", 80)),
        ("fake-hardware", {"redfish_address": "http://bmc-1:8000"}, Bmc(TCP, "bmc-1", 8000)),
    ],
)
def test_an_address_says_where(driver: str, info: dict[str, Any], expected: Bmc) -> None:
    assert bmc_of(driver, info) == expected


def test_the_address_of_the_nodes_own_driver_counts() -> None:
    both = {"redfish_address": "https://bmc-1", "ipmi_address": "10.0.0.1"}

    assert bmc_of("ipmi", both) == Bmc(RMCP, "10.0.0.1", 623)
    assert bmc_of("redfish", both) == Bmc(TCP, "bmc-1", 443)


def test_the_address_that_idrac_has_of_redfish_is_tried() -> None:
    info = {"redfish_address": "https://bmc-1", "redfish_system_id": "/redfish/v1/Systems/1"}

    assert bmc_of("idrac", info) == Bmc(TCP, "bmc-1", 443)


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"redfish_address": ""},
        {"redfish_address": None},
        {"redfish_address": 7},
        {"redfish_address": "https://bmc-1:port"},
        {"redfish_address": "https://[fd00::1"},
        {"redfish_address": "https://"},
        {"ipmi_address": "10.0.0.1", "ipmi_port": "no"},
        {"ipmi_address": "10.0.0.1", "ipmi_port": 0},
        {"ipmi_address": "10.0.0.1", "ipmi_port": 65536},
        {"snmp_address": "10.0.0.1"},
    ],
)
def test_nothing_is_guessed(info: dict[str, Any]) -> None:
    assert bmc_of("redfish", info) is None


def test_it_reads_as_people_write_it() -> None:
    assert str(Bmc(TCP, "bmc-1", 443)) == "tcp://bmc-1:443"
    assert str(Bmc(RMCP, "fd00::1", 623)) == "udp://[fd00::1]:623"
