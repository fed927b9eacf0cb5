# SPDX-License-Identifier: Apache-2.0
"""Whatever a service answers, reading it gives facts or CloudReadError, and a change an outcome."""

import contextlib
import json
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ephyrad.clouds.compute import Compute
from ephyrad.clouds.errors import Answer, outcome_of, words_of
from ephyrad.clouds.glance import Glance
from ephyrad.clouds.identity import Identity
from ephyrad.clouds.ironic import Ironic
from ephyrad.clouds.neutron import Neutron
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Params, Service
from ephyrad.clouds.trials import Trials
from ephyrad.migration.outcomes import Done, Refused, Underway, Unknown, Unreachable

UUID = "45c7e253-f7ef-5e78-8c17-67a538c17247"

# A busy machine is no failure.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

words = st.sampled_from(
    """
    uuid name nodes next ports portgroups connectors targets traits history severity created_at
    event drivers conductors conductor_group alive node_uuid servers id inventories allocations
    total reserved enabled_power_interfaces provision_state maintenance error_message faultstring
    errors detail message code title projects users domains networks images links networks_links
    rel href name domain_id truncated server tenant_id locked OS-EXT-STS:vm_state
    OS-EXT-STS:task_state OS-EXT-SRV-ATTR:hypervisor_hostname metadata ephyra_gate ephyra_gate_of
    status addresses addr fault flavors flavors_links servers_links extra_specs
    """.split()
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.just(UUID)
    | st.sampled_from(["ERROR", "http://[", "?marker=m", "2026-11-21T00:00:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=6),
    max_leaves=12,
)
lists = (
    "nodes ports portgroups connectors targets traits history drivers conductors servers projects"
    " users domains networks images networks_links"
)
links = st.sampled_from(["http://[", "?marker=m", "http://h:port/?marker=n", "?marker=", 1, None])
shaped = st.fixed_dictionaries(
    {},
    optional={name: st.lists(values, max_size=2) for name in lists.split()}
    | {"next": links, "links": st.fixed_dictionaries({"next": links})},
)
garbled = st.dictionaries(words, values, max_size=6)
bodies = st.binary(max_size=40) | (shaped | garbled).map(lambda body: json.dumps(body).encode())
answers = st.builds(Answer, st.sampled_from([200, 200, 200, 204, 302, 404, 409, 500]), bodies)


class Oracle(Service):
    """A service that gives the same answers again and again, in turn."""

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__("Ironic", self._nowhere, connect_timeout=1.0, read_timeout=1.0)
        self._answers = answers
        self._asked = 0

    def ask(self, path: str, params: Params | None = None) -> Answer:
        self._asked += 1
        return self._answers[self._asked % len(self._answers)]

    def version(self) -> tuple[int, int]:
        return (1, 115)

    def opened(self) -> Any:
        return None

    def _nowhere(self) -> NoReturn:
        raise AssertionError("an oracle is not looked up")


READS: dict[str, Callable[[Service], Any]] = {
    "nodes": lambda service: Ironic(service, 10).nodes(),
    "node": lambda service: Ironic(service, 10).node(UUID),
    "records": lambda service: Ironic(service, 10).records(UUID),
    "every record": lambda service: list(Ironic(service, 10).every_record()),
    "faults": lambda service: Ironic(service, 10).faults(UUID),
    "drivers": lambda service: Ironic(service, 10).drivers(),
    "conductor groups": lambda service: Ironic(service, 10).conductor_groups(),
    "owners": lambda service: Ironic(service, 10).owners_of(["52:54:00:00:00:01"]),
    "addresses": lambda service: Ironic(service, 10).addresses(),
    "rights": lambda service: Ironic(service, 10).refusal_to_show_all(),
    "compute": lambda service: Compute(service, service, 10).facts(UUID),
    "server": lambda service: Compute(service, service, 10).server(UUID),
    "trials": lambda service: Trials(service, 10).trials("x"),
    "trial": lambda service: Trials(service, 10).trial(UUID),
    "flavors of trials": lambda service: Trials(service, 10).flavors(),
    "projects": lambda service: Identity(service, 10).projects(),
    "users": lambda service: Identity(service, 10).users(),
    "networks": lambda service: Neutron(service, 10).networks(),
    "image names": lambda service: Glance(service, 10).listed(),
    "flavors": lambda service: Compute(service, service, 10).flavors(),
    "compute's rights": lambda service: Compute(service, service, 10).refusal(),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@settings(UNHURRIED, max_examples=40)
@given(given_answers=st.lists(answers, min_size=1, max_size=4))
def test_garbage_is_facts_or_an_error(
    read: Callable[[Service], Any], given_answers: list[Answer]
) -> None:
    with contextlib.suppress(CloudReadError):
        read(Oracle(given_answers))


@settings(UNHURRIED)
@given(st.integers(100, 999), bodies)
def test_every_answer_to_a_change_has_an_outcome(status: int, body: bytes) -> None:
    answer = Answer(status, body)

    outcome = outcome_of(answer, deleted=UUID, secrets=["x"])

    assert isinstance(outcome, Done | Underway | Refused | Unreachable | Unknown)
    assert words_of(answer)
    if isinstance(outcome, Done | Underway):
        assert 200 <= status < 300 or (status == 404 and UUID.encode() in body)
