# SPDX-License-Identifier: Apache-2.0
"""What is relied on of the lists of a whole cloud: records, addresses, services, flavors."""

from typing import Any

from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import NodeRecords
from ephyrad.migration.flavors import FlavorFacts
from ephyrad.migration.outcomes import Done
from tests.contract.stage import Nodes, Stage, part

PROJECT = "5d2c9b1e7f3a4c8db6e0a1f2c3d4e5f6"


class FleetContract:
    """A part of the suite; whoever runs it gives the fixtures `stage` and `nodes`."""

    def test_the_records_of_all_nodes_are_those_of_each(self, stage: Stage, nodes: Nodes) -> None:
        first, second = nodes.make(description="one"), nodes.make(extra={"rack": "7"})
        for kind in PartKind:
            for number in range(2):
                own = {"boot_index": number} if kind is PartKind.TARGET else {}
                assert stage.cloud.create_part(kind, part(kind, first, **own)) == Done()
        assert stage.cloud.set_traits(first, ["CUSTOM_B", "CUSTOM_A"]) == Done()

        alone = {node: stage.cloud.records(node) for node in (first, second)}

        for cloud in (stage.cloud, stage.paged):
            listed = {each.node["uuid"]: each for each in cloud.every_record()}
            assert {node: _sorted(listed[node]) for node in alone} == {
                node: _sorted(found) for node, found in alone.items() if found is not None
            }
            assert listed[first].facts == stage.cloud.node(first)

    def test_a_candidate_has_all_that_a_rollout_may_select_by(
        self, stage: Stage, nodes: Nodes
    ) -> None:
        bare = nodes.make()
        full = nodes.make(
            extra={"rack": "r7", "spare": True}, properties={"vendor": "acme"}, owner=PROJECT
        )
        assert stage.cloud.set_traits(full, ["CUSTOM_A", "CUSTOM_B"]) == Done()

        found = {each.uuid: each for each in stage.paged.candidates()}

        assert found[full].facts == nodes.facts(full)
        assert [found[full].value(f"extra.{key}") for key in ("rack", "spare")] == ["r7", "true"]
        assert (found[full].owner, found[full].value("properties.vendor")) == (PROJECT, "acme")
        assert found[full].traits == {"CUSTOM_A", "CUSTOM_B"}
        assert (found[bare].owner, found[bare].traits) == (None, frozenset())
        assert found[bare].conductor_group == ""

    def test_all_addresses_are_known_at_once(self, stage: Stage, nodes: Nodes) -> None:
        node = nodes.make()
        port, group = part(PartKind.PORT, node), part(PartKind.PORTGROUP, node)
        bare = part(PartKind.PORTGROUP, node, address=None)
        stage.cloud.create_part(PartKind.PORT, port)
        for each in (group, bare):
            assert stage.cloud.create_part(PartKind.PORTGROUP, each) == Done()

        for cloud in (stage.cloud, stage.paged):
            found = cloud.addresses()
            assert {address for address, owner in found.items() if owner == node} == {
                port["address"],
                group["address"],
            }

    def test_every_service_is_reached(self, stage: Stage) -> None:
        services = {each.name: each for each in stage.cloud.services()}

        assert services.keys() >= {"Keystone", "Ironic", "Nova", "placement", "Glance", "Neutron"}
        assert all(each.there and each.trouble is None for each in services.values())

    def test_flavors_are_listed_with_what_they_demand(self, stage: Stage) -> None:
        specs = {
            "resources:CUSTOM_CONTRACT": "1",
            "resources:VCPU": "0",
            "trait:CUSTOM_A": "required",
            "trait:CUSTOM_B": "forbidden",
        }
        with stage.flavor(**specs) as name, stage.flavor(rack="7") as another:
            for cloud in (stage.cloud, stage.paged):
                listed = {each.name: each for each in cloud.flavor_facts()}
                assert listed[another] == FlavorFacts(another)
                assert listed[name] == FlavorFacts(
                    name,
                    frozenset({"CUSTOM_CONTRACT"}),
                    frozenset({"CUSTOM_A"}),
                    frozenset({"CUSTOM_B"}),
                )


def _sorted(records: NodeRecords) -> dict[str, Any]:
    """Return all records of a node in an order of ours, without the links to themselves."""
    kinds = ("ports", "portgroups", "connectors", "targets")
    parts = {
        kind: sorted(
            ({**each, "links": None} for each in getattr(records, kind)),
            key=lambda each: str(each["uuid"]),
        )
        for kind in kinds
    }
    return {"node": {**records.node, "links": None}, "traits": sorted(records.traits), **parts}
