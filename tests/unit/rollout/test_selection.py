# SPDX-License-Identifier: Apache-2.0
"""Which nodes a rollout takes, and in which order."""

from typing import Any

import pytest

from ephyrad.migration.facts import NodeFacts, Provision
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Declaration, Drain, DrainRule, Selection
from ephyrad.rollout.selection import belongs, drain_of, fits, ordered


def node(name: str = "n1", *, instance: str | None = None, **fields: Any) -> Candidate:
    resource_class = fields.pop("resource_class", "baremetal")
    state = Provision.ACTIVE if instance else Provision.AVAILABLE
    facts = NodeFacts(
        f"uuid-of-{name}", name, state, instance_uuid=instance, resource_class=resource_class
    )
    return Candidate(facts, **fields)


@pytest.mark.parametrize(
    ("selection", "fit"),
    [
        (Selection(), True),
        (Selection(names=("n*",)), True),
        (Selection(names=("N1",)), False),
        (Selection(names=("x", "n?")), True),
        (Selection(uuids=("uuid-of-n1",)), True),
        (Selection(resource_classes=("gpu",)), False),
        (Selection(conductor_groups=("rack-*",)), True),
        (Selection(owners=("bank",)), True),
        (Selection(owners=("other",), names=("n1",)), False),
        (Selection(traits=("CUSTOM_A",)), True),
        (Selection(traits=("CUSTOM_A", "CUSTOM_C")), False),
        (Selection(keys={"extra.rack": ("r1*",)}), True),
        (Selection(keys={"extra.spare": ("true",)}), True),
        (Selection(keys={"properties.cpus": ("4",), "extra.rack": ("r2",)}), False),
        (Selection(keys={"properties.vendor": ("dell",)}), False),
    ],
)
def test_a_node_fits_when_it_meets_all_that_is_named(selection: Selection, fit: bool) -> None:
    found = node(
        conductor_group="rack-7",
        owner="bank",
        traits=frozenset({"CUSTOM_A", "CUSTOM_B"}),
        extra={"rack": "r12", "spare": True},
        properties={"cpus": 4},
    )

    assert fits(selection, found) is fit


def test_an_excluded_node_is_not_of_the_rollout() -> None:
    declared = Declaration("r", (Selection(),), exclude=(Selection(names=("db-*",)),))

    assert belongs(declared, node("web-1"))
    assert not belongs(declared, node("db-1"))


def test_numbers_in_an_order_count_by_their_size() -> None:
    declared = Declaration("r", (Selection(),), order=("extra.rack", "name"))
    racks = {"a": "r10", "b": "r2", "c": "r2"}

    found = ordered(declared, [node(name, extra={"rack": rack}) for name, rack in racks.items()])

    assert [each.facts.name for each in found] == ["b", "c", "a"]


def test_idle_nodes_go_first_where_the_order_says_so() -> None:
    declared = Declaration("r", (Selection(),), order=("idle", "name"))

    found = ordered(declared, [node("a", instance="i"), node("b"), node("c", instance="i")])

    assert [each.facts.name for each in found] == ["b", "a", "c"]


def test_the_first_drain_rule_that_fits_counts() -> None:
    release = DrainRule(Drain.RELEASE, Selection(names=("ci-*",)))
    declared = Declaration("r", (Selection(),), drains=(release, DrainRule(Drain.RECLAIM)))

    assert drain_of(declared, node("ci-1")) is release
    assert drain_of(declared, node("n1")).policy is Drain.RECLAIM


def test_an_owner_is_waited_for_without_a_rule() -> None:
    assert drain_of(Declaration("r", (Selection(),)), node()).policy is Drain.WAIT


def test_a_key_that_no_node_has_is_refused() -> None:
    with pytest.raises(ValueError, match="a node has no key rack"):
        node().value("rack")
