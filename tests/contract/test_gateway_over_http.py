# SPDX-License-Identifier: Apache-2.0
"""The gateway's ways with pages, versions, tokens, scopes and silence, before a simulated cloud."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from ephyrad.clouds.port import CloudReadError, CloudSetupError
from ephyrad.migration.facts import CloudName, ServiceFacts
from ephyrad.migration.outcomes import Done, Unknown
from ephyrad.testing.http.calls import Call, Garbled, Silence
from ephyrad.testing.http.keystone import PROJECT
from ephyrad.testing.http.versions import VERSIONS, Range
from tests.contract.http_stage import RELEASES, HttpStage
from tests.contract.stage import Nodes, record

SHORT = 0.3
"""Seconds of patience, where patience is to run out."""


@contextmanager
def staged(name: CloudName, **ranges: Any) -> Iterator[HttpStage]:
    """Give a stage whose cloud has other microversions."""
    versions = replace(VERSIONS[RELEASES[name].name], **ranges)
    stage = HttpStage(name, versions=versions)
    yield stage
    stage.close()


@pytest.fixture(params=list(CloudName))
def stage(request: pytest.FixtureRequest) -> Iterator[HttpStage]:
    with staged(request.param) as stage:
        yield stage


@contextmanager
def calls(stage: HttpStage) -> Iterator[list[Call]]:
    """Give a list of the calls that are made meanwhile."""
    seen: list[Call] = []
    stage.server.faults.seen = seen.append
    yield seen
    stage.server.faults.seen = None


def lists_nodes(call: Call) -> bool:
    return (call.method, call.route) == ("GET", "/v1/nodes")


def makes_nodes(call: Call) -> bool:
    return (call.method, call.route) == ("POST", "/v1/nodes")


# Pages


@pytest.mark.parametrize(
    ("size", "asked"),
    # A page that is full may be the last.
    [(1, 6), (2, 3), (4, 2), (5, 2), (6, 1), (1000, 1)],
)
def test_five_nodes_are_listed_in_pages(stage: HttpStage, size: int, asked: int) -> None:
    made = [Nodes(stage).make() for _ in range(5)]
    cloud = stage.gateway(page_size=size)

    with calls(stage) as seen:
        listed = [node.uuid for node in cloud.nodes()]

    assert listed == made
    assert len([call for call in seen if lists_nodes(call)]) == asked


def test_a_node_that_is_deleted_between_two_pages_costs_no_other(stage: HttpStage) -> None:
    nodes = Nodes(stage)
    made = [nodes.make() for _ in range(4)]

    def delete_the_first_of_the_next_page(call: Call) -> None:
        if lists_nodes(call) and made[2] in stage.simulated.ironic.nodes:
            stage.simulated.ironic.delete_node(made[2])

    stage.server.faults.seen = delete_the_first_of_the_next_page

    assert [node.uuid for node in stage.paged.nodes()] == [made[0], made[1], made[3]]


def test_a_list_whose_marker_is_gone_is_an_error(stage: HttpStage) -> None:
    nodes = Nodes(stage)
    made = [nodes.make() for _ in range(4)]
    pages: list[Call] = []

    def delete_the_marker(call: Call) -> None:
        pages.append(call)
        if len(pages) == 2:
            stage.simulated.ironic.delete_node(made[1])

    stage.paged.node(made[0])
    stage.server.faults.seen = delete_the_marker

    with pytest.raises(CloudReadError, match=f"HTTP 404: Node {made[1]} could not be found"):
        stage.paged.nodes()


# How services are reached


def test_services_are_told_with_the_version_that_is_asked_for(stage: HttpStage) -> None:
    ironic, nova = {CloudName.OLD: ("1.82", "2.95"), CloudName.NEW: ("1.115", "2.96")}[
        stage.simulated.name
    ]

    assert stage.cloud.services() == [
        ServiceFacts("Keystone", there=True),
        ServiceFacts("Ironic", there=True, version=ironic),
        ServiceFacts("Nova", there=True, version=nova),
        ServiceFacts("placement", there=True, version="1.39"),
        ServiceFacts("Glance", there=True),
        ServiceFacts("Neutron", there=True),
    ]


@pytest.mark.parametrize("name", CloudName)
def test_a_neutron_that_shows_nothing_to_the_system_is_told(name: CloudName) -> None:
    with staged(name) as stage:
        neutron = stage.gateway(project_session=stage.session(system_scope="all")).services()[-1]

    # 2023.1 shows it all.
    told = neutron.trouble or ""
    assert ("Neutron of the new cloud shows no networks" in told) == (name is CloudName.NEW)
    assert ("name them in project_cloud or in [new_cloud_project]" in told) == bool(told)


def test_a_keystone_that_is_away_is_told_of_every_service(stage: HttpStage) -> None:
    cloud = stage.gateway()
    stage.server.stop()

    services = cloud.services()

    assert len(services) == 6
    assert all(each.there and each.trouble and "Keystone" in each.trouble for each in services)


# Microversions


@pytest.mark.parametrize(
    ("name", "versions", "chosen"),
    [
        (CloudName.OLD, Range((1, 1), (1, 65)), (1, 65)),
        (CloudName.OLD, Range((1, 1), (1, 82)), (1, 82)),
        (CloudName.NEW, Range((1, 1), (1, 115)), (1, 115)),
        (CloudName.NEW, Range((1, 1), (1, 130)), (1, 115)),
        (CloudName.NEW, Range((1, 100), (1, 130)), (1, 115)),
    ],
)
def test_the_highest_version_that_both_know_is_used(
    name: CloudName, versions: Range, chosen: tuple[int, int]
) -> None:
    with staged(name, ironic=versions) as stage:
        cloud = stage.gateway()

        cloud.check()

        assert cloud._services.ironic.version() == chosen


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ({"ironic": Range((1, 1), (1, 64))}, r"has API 1.1 to 1.64; ephyrad needs 1.65"),
        ({"ironic": Range((1, 116), (1, 130))}, r"has API 1.116 to 1.130; ephyrad needs"),
        ({"nova": Range((2, 1), (2, 52))}, r"has API 2.1 to 2.52; ephyrad needs 2.53"),
    ],
)
def test_a_cloud_that_is_too_old_or_too_new_is_refused(
    ranges: dict[str, Range], words: str
) -> None:
    with (
        staged(CloudName.NEW, **ranges) as stage,
        pytest.raises(CloudSetupError, match=words),
    ):
        stage.cloud.check()


def test_the_oldest_ironic_shows_what_is_needed_and_no_more() -> None:
    with staged(CloudName.OLD, ironic=Range((1, 1), (1, 65))) as stage:
        node = Nodes(stage).make()

        records = stage.cloud.records(node)

        assert records is not None
        assert "retired" in records.node
        assert "shard" not in records.node
        assert stage.cloud.faults(node) is None
        assert [one.uuid for one in stage.cloud.nodes()] == [node]


def test_a_field_that_the_chosen_version_lacks_is_refused() -> None:
    with staged(CloudName.OLD, ironic=Range((1, 1), (1, 81))) as stage:
        outcome = stage.cloud.create_node(record(shard="s"))

        assert getattr(outcome, "status", None) == 406


# Tokens and scopes


def test_a_token_that_became_invalid_is_fetched_anew(stage: HttpStage) -> None:
    stage.cloud.check()
    node = Nodes(stage).make()
    stage.server.revoke_tokens(stage.simulated.name)

    with calls(stage) as seen:
        assert stage.cloud.patch_node(node, {"description": "after"}) == Done()

    assert [str(call) for call in seen] == [
        "baremetal PATCH /v1/nodes/{ident}",
        "identity POST /v3/auth/tokens",
        "baremetal PATCH /v1/nodes/{ident}",
    ]


def test_a_wrong_password_is_said(stage: HttpStage) -> None:
    session = stage.session(password="wrong", system_scope="all")

    with pytest.raises(CloudSetupError, match="Keystone refuses the credentials") as error:
        stage.gateway(session=session).check()

    assert "wrong" not in str(error.value)


def test_a_project_does_for_the_old_ironic_only(stage: HttpStage) -> None:
    cloud = stage.gateway(
        session=stage.session(project_name=PROJECT, project_domain_name="Default")
    )

    if stage.simulated.name is CloudName.OLD:
        cloud.check()
    else:
        with pytest.raises(CloudSetupError, match="give them system scope"):
            cloud.check()


def test_system_scope_does_not_do_for_nova(stage: HttpStage) -> None:
    cloud = stage.gateway(project_session=stage.session(system_scope="all"))

    with pytest.raises(CloudSetupError, match="name them in project_cloud"):
        cloud.check()


# Accounts


def test_users_of_every_domain_are_asked_for(stage: HttpStage) -> None:
    accounts = stage.simulated.accounts
    accounts.domains["d2"] = "Second"
    accounts.add_user("admin", "d2")
    made = {accounts.add_user(f"user-{number}") for number in range(5)}

    users = stage.gateway(page_size=2).users()

    assert made <= {user.id for user in users}
    assert sorted(user.label for user in users if user.name == "admin") == [
        *("Default/admin", "Second/admin")
    ]


def test_a_project_of_a_domain_that_goes_is_not_there(stage: HttpStage) -> None:
    gone = stage.simulated.accounts.add_project("orphan", "gone")

    assert gone not in {project.id for project in stage.cloud.projects()}


def test_a_list_that_is_cut_short_is_no_list(stage: HttpStage) -> None:
    body = b'{"projects": [], "truncated": true, "links": {"next": null}}'
    stage.cloud.projects()
    stage.server.faults.plan(lambda call: call.route == "/v3/projects", Garbled(body))

    with pytest.raises(CloudReadError, match="raise its list_limit"):
        stage.cloud.projects()


# Silence


def test_a_read_that_is_not_answered_ends(stage: HttpStage) -> None:
    cloud = stage.gateway(read_timeout=SHORT)
    cloud.check()
    stage.server.faults.plan(lists_nodes, Silence(done=True))

    with pytest.raises(CloudReadError, match="timed out"):
        cloud.nodes()


@pytest.mark.parametrize("done", [False, True])
def test_a_change_that_is_not_answered_is_unknown(stage: HttpStage, *, done: bool) -> None:
    cloud = stage.gateway(read_timeout=SHORT)
    cloud.check()
    stage.server.faults.plan(makes_nodes, Silence(done=done))
    body: dict[str, Any] = record()

    with calls(stage) as seen:
        outcome = cloud.create_node(body)

    assert isinstance(outcome, Unknown)
    assert [call.method for call in seen] == ["POST"]
    assert (cloud.node(body["uuid"]) is not None) is done
