# SPDX-License-Identifier: Apache-2.0
from tests.lab.ports import CLOUDS, PER_CLOUD, SHARED, SPAN, cloud_port, shared_port

# below it the kernel picks no port for outgoing connections by itself (Linux's default)
EPHEMERAL_FROM = 32768


def _all(base: int) -> list[int]:
    own = [shared_port(base, service) for service in SHARED]
    return own + [cloud_port(base, cloud, service) for cloud in CLOUDS for service in PER_CLOUD]


def test_no_two_services_share_a_port() -> None:
    ports = _all(30000)

    assert len(set(ports)) == len(ports)


def test_all_ports_lie_in_the_span_and_below_the_ephemeral_ones() -> None:
    ports = _all(30000)

    assert min(ports) >= 30000
    assert max(ports) < 30000 + SPAN <= EPHEMERAL_FROM


def test_a_port_ends_like_the_usual_one() -> None:
    assert cloud_port(30000, "old", "ironic") == 30185
    assert cloud_port(30000, "new", "ironic") == 30285
    assert shared_port(30000, "mariadb") == 30006
