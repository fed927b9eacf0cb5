# SPDX-License-Identifier: Apache-2.0
"""What the engine relies on of a cloud, as tests that every implementation of the port passes."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import ComputeFacts, Provision
from ephyrad.migration.outcomes import Done, Refused, Underway, Unreachable
from tests.contract.fleet_contract import FleetContract
from tests.contract.stage import Nodes, Stage, mac, part, record

REASON = "ephyrad: contract 1"


class CloudContract(FleetContract, ABC):
    """The suite; a subclass gives the stage. Each test makes nodes and takes them away."""

    @pytest.fixture
    @abstractmethod
    def stage(self) -> Stage:
        """The cloud that is tried, and what its place offers."""

    @pytest.fixture
    def nodes(self, stage: Stage) -> Iterator[Nodes]:
        nodes = Nodes(stage)
        yield nodes
        nodes.remove_all()

    def test_it_can_be_used(self, stage: Stage) -> None:
        stage.cloud.check()

    # Reading

    def test_a_new_node_is_seen_by_list_uuid_and_name(self, stage: Stage, nodes: Nodes) -> None:
        node = nodes.make(automated_clean=False)

        facts = nodes.facts(node)

        assert (facts.uuid, facts.provision_state) == (node, Provision.ENROLL)
        assert (facts.resource_class, facts.automated_clean) == ("contract", False)
        assert (facts.maintenance, facts.retired, facts.protected) == (False, False, False)
        assert (facts.instance_uuid, facts.power_state, facts.last_error) == (None, None, None)
        assert facts.name is not None
        assert stage.cloud.node(facts.name) == facts
        assert [one for one in stage.cloud.nodes() if one.uuid == node] == [facts]

    @pytest.mark.parametrize("count", [1, 2, 3, 4])
    def test_a_list_in_pages_is_whole(self, stage: Stage, nodes: Nodes, count: int) -> None:
        made = {nodes.make() for _ in range(count)}

        listed = [node.uuid for node in stage.paged.nodes()]

        assert made <= set(listed)
        assert len(listed) == len(set(listed)) == len(stage.cloud.nodes())

    @pytest.mark.parametrize("ident", ["no-such-node", "detail", ".", "..", "a/b", "a.json", ""])
    def test_an_ident_that_names_nothing_is_nothing(self, stage: Stage, ident: str) -> None:
        assert stage.cloud.node(ident) is None

    def test_a_name_with_json_at_its_end_is_another_name(self, stage: Stage, nodes: Nodes) -> None:
        name = nodes.facts(nodes.make()).name

        assert stage.cloud.node(f"{name}.json") is None

    def test_an_absent_node_has_nothing(self, stage: Stage) -> None:
        cloud = stage.cloud

        assert cloud.node(stage.absent) is None
        assert cloud.records(stage.absent) is None
        assert cloud.faults(stage.absent) is None
        assert cloud.compute(stage.absent) in (ComputeFacts(instances=(), provider=None), None)

    def test_what_was_created_is_read_back(self, stage: Stage, nodes: Nodes) -> None:
        body: dict[str, Any] = {
            "extra": {"rack": "7"},
            "properties": {"cpus": "4"},
            "description": "of a contract",
        }
        node = nodes.make(**body)
        parts = {kind: part(kind, node) for kind in PartKind}
        parts[PartKind.PORT]["portgroup_uuid"] = parts[PartKind.PORTGROUP]["uuid"]
        for kind in PartKind:
            assert stage.cloud.create_part(kind, parts[kind]) == Done()
        assert stage.cloud.set_traits(node, ["CUSTOM_B", "CUSTOM_A"]) == Done()

        records = stage.cloud.records(node)

        assert records is not None
        assert body.items() <= records.node.items()
        assert set(records.traits) == {"CUSTOM_A", "CUSTOM_B"}
        for kind, read in (
            (PartKind.PORTGROUP, records.portgroups),
            (PartKind.PORT, records.ports),
            (PartKind.CONNECTOR, records.connectors),
            (PartKind.TARGET, records.targets),
        ):
            (only,) = read
            assert parts[kind].items() <= only.items()

    def test_an_untroubled_node_has_no_faults(self, stage: Stage, nodes: Nodes) -> None:
        assert stage.cloud.faults(nodes.make(Provision.MANAGEABLE)) == ()

    def test_names_addresses_and_drivers_are_known(self, stage: Stage, nodes: Nodes) -> None:
        node = nodes.make()
        port, group = part(PartKind.PORT, node), part(PartKind.PORTGROUP, node)
        stage.cloud.create_part(PartKind.PORT, port)
        stage.cloud.create_part(PartKind.PORTGROUP, group)
        free = mac(uuid.uuid4())

        facts = stage.cloud.new_cloud_facts(
            nodes.facts(node).name, [port["address"], group["address"], free], [stage.absent]
        )

        assert facts.node_by_name == node
        assert facts.addresses == {port["address"]: node, group["address"]: node}
        assert facts.images == frozenset()
        assert "fake" in facts.drivers["fake-hardware"]["power"]
        assert "" in facts.conductor_groups
        assert stage.cloud.new_cloud_facts("no-such-node", [], []).node_by_name is None

    # Who there is

    def test_users_and_projects_are_listed_with_their_domains(self, stage: Stage) -> None:
        for listed, name in (
            (stage.cloud.users(), stage.user),
            (stage.cloud.projects(), stage.project),
        ):
            (only,) = [each for each in listed if each.name == name]
            assert only.domain == stage.domain
            assert only.id
            assert len({each.id for each in listed}) == len(listed)

    def test_a_list_of_accounts_in_pages_is_whole(self, stage: Stage) -> None:
        assert stage.paged.users() == stage.cloud.users()
        assert stage.paged.projects() == stage.cloud.projects()

    def test_networks_are_listed_with_their_names(self, stage: Stage) -> None:
        with stage.network() as (ident, name), stage.network() as (another, _):
            for cloud in (stage.cloud, stage.paged):
                listed = cloud.networks()
                assert [each.name for each in listed if each.id == ident] == [name]
                assert another in {each.id for each in listed}
                assert len({each.id for each in listed}) == len(listed)

    def test_images_are_listed_with_their_names(self, stage: Stage) -> None:
        with stage.image() as (ident, name), stage.image() as (another, _):
            for cloud in (stage.cloud, stage.paged):
                listed = cloud.image_names()
                assert [each.name for each in listed if each.id == ident] == [name]
                assert another in {each.id for each in listed}
                assert len({each.id for each in listed}) == len(listed)

    # Creating and deleting: again, and against others

    def test_a_node_is_created_once(self, stage: Stage, nodes: Nodes) -> None:
        node = nodes.make()
        name = nodes.facts(node).name

        for body in (record(uuid=node), record(name=name)):
            outcome = stage.cloud.create_node(body)
            assert isinstance(outcome, Refused)
            assert outcome.status == 409

    @pytest.mark.parametrize("kind", PartKind)
    def test_a_part_is_created_once(self, stage: Stage, nodes: Nodes, kind: PartKind) -> None:
        body = part(kind, nodes.make())
        assert stage.cloud.create_part(kind, body) == Done()

        outcome = stage.cloud.create_part(kind, body)

        assert isinstance(outcome, Refused)
        assert outcome.status == 409

    @pytest.mark.parametrize("kind", [PartKind.PORT, PartKind.PORTGROUP])
    def test_an_address_has_one_owner(self, stage: Stage, nodes: Nodes, kind: PartKind) -> None:
        body = part(kind, nodes.make())
        stage.cloud.create_part(kind, body)

        outcome = stage.cloud.create_part(kind, part(kind, nodes.make(), address=body["address"]))

        assert isinstance(outcome, Refused)
        assert outcome.status == 409

    def test_nothing_can_be_done_to_an_absent_node(self, stage: Stage) -> None:
        cloud, absent = stage.cloud, stage.absent

        outcomes = [
            cloud.provision(absent, "manage"),
            cloud.set_maintenance(absent, REASON),
            cloud.clear_maintenance(absent),
            cloud.patch_node(absent, {"retired": True}),
            cloud.power_off(absent),
            cloud.set_traits(absent, []),
            cloud.create_part(PartKind.PORT, part(PartKind.PORT, absent)),
        ]

        assert [type(outcome) for outcome in outcomes] == [Refused] * 7

    @pytest.mark.parametrize("state", [Provision.ENROLL, Provision.MANAGEABLE, Provision.AVAILABLE])
    def test_a_node_is_deleted_with_its_parts_and_may_be_deleted_again(
        self, stage: Stage, nodes: Nodes, state: Provision
    ) -> None:
        node = nodes.make(state)
        port = part(PartKind.PORT, node)
        nodes.when_unlocked(lambda: stage.cloud.create_part(PartKind.PORT, port))

        first = nodes.when_unlocked(lambda: stage.cloud.delete_node(node))
        second = stage.cloud.delete_node(node)

        assert (first, second) == (Done(), Done())
        assert stage.cloud.node(node) is None
        assert stage.cloud.records(node) is None
        assert stage.cloud.new_cloud_facts(None, [port["address"]], []).addresses == {}

    def test_an_occupied_node_is_deleted_in_maintenance_only(
        self, stage: Stage, nodes: Nodes
    ) -> None:
        node = nodes.make(Provision.ACTIVE)

        outside = nodes.when_unlocked(lambda: stage.cloud.delete_node(node))
        stage.cloud.set_maintenance(node, REASON)
        inside = nodes.when_unlocked(lambda: stage.cloud.delete_node(node))

        assert isinstance(outside, Refused)
        assert inside == Done()

    def test_a_bad_record_is_refused_in_the_clouds_words(self, stage: Stage) -> None:
        outcome = stage.cloud.create_node(record(boot_interface="no-such-interface"))

        assert isinstance(outcome, Refused)
        assert outcome.status == 400
        assert "no-such-interface" in outcome.message

    def test_a_driver_without_a_conductor_is_for_later(self, stage: Stage) -> None:
        # Whether it will ever have one, or its conductors are being restarted, is not said.
        outcome = stage.cloud.create_node(record(driver="no-such-driver"))

        assert isinstance(outcome, Unreachable)
        assert "no-such-driver" in outcome.message

    # Provision states

    def test_manage_from_enroll_and_from_available(self, stage: Stage, nodes: Nodes) -> None:
        node = nodes.make(Provision.AVAILABLE)

        outcome = nodes.when_unlocked(lambda: stage.cloud.provision(node, "manage"))

        assert outcome == Underway()
        nodes.settle(node, Provision.MANAGEABLE)
        again = nodes.when_unlocked(lambda: stage.cloud.provision(node, "manage"))
        assert isinstance(again, Refused)

    def test_a_failed_verification_returns_to_enroll_with_its_reason(
        self, stage: Stage, nodes: Nodes
    ) -> None:
        node = nodes.make(**stage.unverifiable)

        assert stage.cloud.provision(node, "manage") == Underway()
        nodes.settle(node, Provision.VERIFYING, Provision.ENROLL)
        facts = nodes.settle(node, Provision.ENROLL)

        assert facts.last_error
        assert facts.power_state is None
        faults = stage.cloud.faults(node)
        assert faults is not None
        assert [fault.text for fault in faults] == [facts.last_error]
        assert faults[0].at.tzinfo is UTC

    def test_a_node_that_a_conductor_holds_is_for_later(self, stage: Stage, nodes: Nodes) -> None:
        cloud, node = stage.cloud, nodes.make(**stage.unverifiable)

        with stage.held(node):
            assert nodes.facts(node).reservation is not None
            outcomes = [
                cloud.provision(node, "manage"),
                cloud.patch_node(node, {"description": "new"}),
                cloud.set_maintenance(node, REASON),
                cloud.clear_maintenance(node),
                cloud.delete_node(node),
            ]

        assert [type(outcome) for outcome in outcomes] == [Unreachable] * 5
        assert nodes.settle(node, Provision.ENROLL).maintenance is False

    def test_a_node_in_transition_is_changed_later(self, stage: Stage, nodes: Nodes) -> None:
        # Its cleaning waits for an agent, unlocked.
        node = nodes.make(Provision.MANAGEABLE, deploy_interface="direct", boot_interface="fake")
        nodes.when_unlocked(lambda: stage.cloud.power_off(node))
        nodes.when_unlocked(lambda: stage.cloud.provision(node, "provide"))
        nodes.settle(node, Provision.CLEAN_WAIT)
        retired = {"retired": True, "retired_reason": REASON}

        assert isinstance(stage.cloud.patch_node(node, retired), Unreachable)
        assert isinstance(stage.cloud.provision(node, "manage"), Refused)
        assert isinstance(stage.cloud.delete_node(node), Refused)
        assert stage.cloud.set_maintenance(node, REASON) == Done()
        assert isinstance(stage.cloud.patch_node(node, retired), Unreachable)
        assert nodes.facts(node).provision_state is Provision.CLEAN_WAIT

    def test_power_off_makes_the_power_state_known(self, stage: Stage, nodes: Nodes) -> None:
        node = nodes.make(Provision.MANAGEABLE)

        outcome = nodes.when_unlocked(lambda: stage.cloud.power_off(node))

        assert outcome == Underway()
        assert nodes.settle(node, Provision.MANAGEABLE).power_state == "power off"
        assert nodes.when_unlocked(lambda: stage.cloud.power_off(node)) == Underway()

    # Retirement

    def test_retirement_is_set_at_once_and_lifted_with_its_reason(
        self, stage: Stage, nodes: Nodes
    ) -> None:
        node = nodes.make(Provision.MANAGEABLE, automated_clean=False)
        values = {"retired": True, "retired_reason": REASON, "automated_clean": True}

        assert nodes.when_unlocked(lambda: stage.cloud.patch_node(node, values)) == Done()
        retired = nodes.facts(node)
        assert (
            nodes.when_unlocked(lambda: stage.cloud.patch_node(node, {"retired": False})) == Done()
        )
        lifted = nodes.facts(node)

        assert (retired.retired, retired.retired_reason) == (True, REASON)
        assert retired.automated_clean is True
        assert (lifted.retired, lifted.retired_reason) == (False, None)

    def test_an_available_node_is_not_retired(self, stage: Stage, nodes: Nodes) -> None:
        node = nodes.make(Provision.AVAILABLE)

        outcome = nodes.when_unlocked(lambda: stage.cloud.patch_node(node, {"retired": True}))

        assert isinstance(outcome, Refused)
        assert outcome.status == 409
        assert nodes.facts(node).retired is False

    def test_a_retired_node_is_not_provided(self, stage: Stage, nodes: Nodes) -> None:
        node = nodes.make(Provision.MANAGEABLE)
        nodes.when_unlocked(lambda: stage.cloud.patch_node(node, {"retired": True}))

        outcome = nodes.when_unlocked(lambda: stage.cloud.provision(node, "provide"))

        assert isinstance(outcome, Refused)
        assert nodes.facts(node).provision_state is Provision.MANAGEABLE

    @pytest.mark.parametrize(
        ("cleans", "rest"), [(True, Provision.MANAGEABLE), (False, Provision.AVAILABLE)]
    )
    def test_a_retired_node_is_kept_from_the_scheduler_by_its_cleaning_only(
        self, stage: Stage, nodes: Nodes, *, cleans: bool, rest: Provision
    ) -> None:
        node = nodes.make(Provision.ACTIVE)
        values = {"retired": True, "retired_reason": REASON, "automated_clean": cleans}
        assert nodes.when_unlocked(lambda: stage.cloud.patch_node(node, values)) == Done()

        stage.vacate(node)
        facts = nodes.settle(node, Provision.MANAGEABLE, Provision.AVAILABLE)

        assert facts.provision_state is rest
        assert (facts.retired, facts.retired_reason) == (True, REASON)
        assert facts.instance_uuid is None

    # Attributes and maintenance

    def test_an_unset_attribute_may_be_unset_again(self, stage: Stage, nodes: Nodes) -> None:
        node = nodes.make(automated_clean=True, description="old", owner="somebody")
        values = {"automated_clean": None, "description": None, "owner": None}

        for _ in range(2):
            assert stage.cloud.patch_node(node, values) == Done()
            records = stage.cloud.records(node)
            assert records is not None
            assert [records.node[name] for name in values] == [None, None, None]

    def test_an_unknown_attribute_is_refused(self, stage: Stage, nodes: Nodes) -> None:
        outcome = stage.cloud.patch_node(nodes.make(), {"levitation": True})

        assert isinstance(outcome, Refused)
        assert outcome.status == 400

    def test_maintenance_is_set_with_its_reason_and_lifted(
        self, stage: Stage, nodes: Nodes
    ) -> None:
        node = nodes.make()

        for reason in ("first", "second"):
            assert stage.cloud.set_maintenance(node, reason) == Done()
            facts = nodes.facts(node)
            assert (facts.maintenance, facts.maintenance_reason) == (True, reason)
        for _ in range(2):
            assert stage.cloud.clear_maintenance(node) == Done()
            facts = nodes.facts(node)
            assert (facts.maintenance, facts.maintenance_reason) == (False, None)

    def test_traits_are_replaced(self, stage: Stage, nodes: Nodes) -> None:
        node = nodes.make()

        for traits in (["CUSTOM_A", "HW_CPU_X86_VMX"], ["CUSTOM_B"], []):
            assert stage.cloud.set_traits(node, traits) == Done()
            records = stage.cloud.records(node)
            assert records is not None
            assert sorted(records.traits) == traits
        assert isinstance(stage.cloud.set_traits(node, ["not a trait"]), Refused)

    # Nova and placement

    @pytest.mark.slow
    def test_placement_offers_a_node_when_it_is_available(self, stage: Stage, nodes: Nodes) -> None:
        node = nodes.make()
        if stage.cloud.compute(node) is None:
            pytest.skip("this cloud has no Nova in front of its Ironic")

        self.see_inventory(stage, node, reserved=1)
        nodes.bring(node, Provision.AVAILABLE)
        self.see_inventory(stage, node, reserved=0)
        nodes.when_unlocked(lambda: stage.cloud.delete_node(node))
        self.see_no_provider(stage, node)

    def test_no_server_is_nothing_and_gone_already(self, stage: Stage) -> None:
        assert stage.cloud.server(stage.absent) is None
        assert stage.cloud.delete_server(stage.absent) == Done()

    @pytest.mark.slow
    def test_a_server_is_deleted_by_an_administrator_whoever_locked_it(
        self, stage: Stage, nodes: Nodes
    ) -> None:
        cloud = stage.cloud
        node = nodes.make(Provision.AVAILABLE, resource_class=stage.resource_class)
        server = stage.boot(node)
        booted = cloud.server(server)
        assert booted is not None
        assert (booted.uuid, booted.node, booted.state) == (server, node, "active")
        assert (booted.task, booted.locked, booted.is_going) == (None, False, False)
        assert booted.project
        assert nodes.facts(node).instance_uuid == server

        stage.lock(server)
        locked = cloud.server(server)
        outcomes = [cloud.delete_server(server)]
        going = cloud.server(server)
        outcomes.append(cloud.delete_server(server))

        assert locked == replace(booted, locked=True)
        assert going is None or going.is_going
        assert outcomes == [Done(), Done()]
        assert nodes.settle(node, Provision.AVAILABLE).instance_uuid is None
        self.see_no_server(stage, server)

    @pytest.mark.slow
    def test_servers_and_providers_are_listed(self, stage: Stage, nodes: Nodes) -> None:
        of = {"resource_class": stage.resource_class}
        made = [nodes.make(Provision.AVAILABLE, **of) for _ in range(3)]
        servers = [stage.boot(node) for node in made]

        for cloud in (stage.cloud, stage.paged):
            listed = {each.uuid: each.node for each in cloud.servers()}
            assert [listed.get(server) for server in servers] == made
            assert {each.id for each in cloud.providers() if each.id == each.name} >= {*made}

        for server in servers:
            assert stage.cloud.delete_server(server) == Done()
            self.see_no_server(stage, server)

    def see_no_server(self, stage: Stage, server: str) -> None:
        for _ in range(900):
            found = stage.cloud.server(server)
            if found is None:
                return
            assert found.is_going
            stage.wait()
        raise AssertionError(f"server {server} stays")

    def see_inventory(self, stage: Stage, node: str, *, reserved: int) -> None:
        wanted = {"CUSTOM_CONTRACT": (1, reserved)}
        facts = stage.cloud.compute(node)
        for _ in range(900):
            assert facts is not None
            assert facts.instances == ()
            if facts.provider is not None and facts.provider.inventory == wanted:
                assert facts.provider.consumers == ()
                return
            stage.wait()
            facts = stage.cloud.compute(node)
        raise AssertionError(f"{facts} does not come to {wanted}")

    def see_no_provider(self, stage: Stage, node: str) -> None:
        gone = ComputeFacts(instances=(), provider=None)
        for _ in range(900):
            if stage.cloud.compute(node) == gone:
                return
            stage.wait()
        raise AssertionError(f"the provider of {node} stays")
