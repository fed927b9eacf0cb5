# SPDX-License-Identifier: Apache-2.0
"""An instance is booted on a node of the wave, and deleted whatever happens."""

import socket
from datetime import timedelta
from typing import Any

import pytest

from ephyrad.engine.rollout.boot_gate import BootRuns, answers
from ephyrad.migration.outcomes import Refused, Unknown, Unreachable
from ephyrad.rollout.declaration import BootGate
from ephyrad.rollout.verdict import Result, Verdict
from tests.unit.engine.rollout.booting import World
from tests.unit.engine.rollout.passing import FlyingTime, a_run


@pytest.fixture
def world() -> World:
    return World()


def test_it_boots_on_the_node_and_nothing_is_left(world: World) -> None:
    node = world.node()

    verdict = world.verdict(world.gate(), node)

    assert verdict.passed, verdict
    assert f"booted on node {node} within " in verdict.words
    assert "is ACTIVE" in verdict.output
    assert verdict.output.endswith("the instance is gone")
    assert world.servers == []
    assert world.cloud.ironic.nodes[node].state in ("cleaning", "clean wait", "available")


def test_image_flavor_and_network_may_be_named(world: World) -> None:
    node = world.node()
    world.cloud.neutron["net-id"] = "provider"

    gate = world.gate(image="trial image", flavor="a trial", network="provider")

    assert world.verdict(gate, node).passed


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"image": "absent"}, "the new cloud has no image absent: correct the gate's image"),
        ({"flavor": "absent"}, "the new cloud has no flavor absent: correct the gate's flavor"),
        ({"network": "absent"}, "the new cloud has no network absent: correct the gate's network"),
        (
            {"network": "twice"},
            "the new cloud has 2 of the network name twice: name one by id (n-1, n-2)",
        ),
    ],
)
def test_what_is_not_there_is_named_and_nothing_is_made(
    world: World, parts: dict[str, Any], words: str
) -> None:
    node = world.node()
    world.cloud.neutron |= {"n-1": "twice", "n-2": "twice"}

    verdict = world.verdict(world.gate(**parts), node)

    assert (verdict.result, verdict.words) == (Result.UNCLEAR, words)
    assert world.servers == []


def test_a_wave_of_which_nothing_arrived(world: World) -> None:
    run = a_run(world.gate())

    verdict = world.gates()(type(run)("g", run.gate, (), "summer", "canary"), world.time())

    assert verdict is not None
    assert verdict.words == "no node of the wave has arrived, so there is none to boot on"


def test_a_node_that_becomes_free_is_waited_for(world: World) -> None:
    node = world.node()
    taken = world.stage.boot(node)
    nova = world.cloud.nova
    assert nova is not None
    time = world.time(resting=lambda: nova.delete(taken))

    assert world.verdict(world.gate(), node, time=time).passed


def test_no_free_node_is_no_verdict(world: World) -> None:
    node = world.node()
    world.stage.boot(node)

    verdict = world.verdict(world.gate(minutes=10), node)

    assert verdict.result is Result.UNCLEAR
    assert verdict.words == (
        "waited 600 s for a free node with CUSTOM_CONTRACT among the 1 of the wave"
    )


def test_another_node_is_taken_where_the_first_is_in_use(world: World) -> None:
    used, free = world.node(), world.node()
    world.stage.boot(used)

    verdict = world.verdict(world.gate(), used, free)

    assert verdict.passed
    assert free in verdict.words


def test_a_node_of_another_class_is_none_for_the_flavor(world: World) -> None:
    node = world.node()
    world.cloud.flavors.specify(world.at.flavor, {"resources:CUSTOM_CONTRACT": "0"})
    world.cloud.flavors.specify(world.at.flavor, {"resources:CUSTOM_GPU": "1"})

    verdict = world.verdict(world.gate(minutes=10), node)

    assert verdict.words.startswith("waited 600 s for a free node with CUSTOM_GPU")


def test_a_node_that_is_taken_in_between_costs_nothing(world: World) -> None:
    first, second = world.node(), world.node()
    nova = world.cloud.nova
    assert nova is not None
    request = nova.request

    def somebody_is_faster(node: str, *rest: object) -> str:
        nova.boot(first)
        return request(node, *rest)  # type: ignore[arg-type]

    nova.request = somebody_is_faster  # type: ignore[assignment]

    verdict = world.verdict(world.gate(), first, second)

    assert verdict.passed, verdict
    assert second in verdict.words
    assert f"node {first} was taken by somebody else" in verdict.output
    assert [name for name in world.servers if name] == []


@pytest.mark.parametrize(("refusals", "result"), [(2, Result.PASS), (3, Result.FAIL)])
def test_a_nova_that_finds_no_place_on_a_free_node_is_asked_three_times(
    world: World, refusals: int, result: Result
) -> None:
    node = world.node()
    nova = world.cloud.nova
    assert nova is not None
    free, left = nova.free, [None] * refusals
    nova.free = lambda: [] if left and left.pop() is None else free()  # type: ignore[method-assign]

    verdict = world.verdict(world.gate(), node)

    assert verdict.result is result, verdict
    assert verdict.output.count("Nova put it nowhere") == refusals
    assert world.servers == []


def test_a_big_wave_is_looked_at_in_turn(world: World) -> None:
    free = world.node()
    absent = [f"absent-{number}" for number in range(50)]

    verdict = world.verdict(world.gate(), *absent, free)

    assert verdict.passed
    assert verdict.output.startswith(f"    10 s  node {free} is free")


def test_a_deployment_that_fails_is_a_failure(world: World) -> None:
    node = world.node()
    world.cloud.settings.fails = lambda work, _node: "no disk" if work == "deploy" else None

    verdict = world.verdict(world.gate(), node)

    assert verdict.result is Result.FAIL
    assert f"on node {node} is ERROR: Exceeded maximum number of retries for" in verdict.words
    assert world.servers == []


def test_an_instance_that_never_gets_up_is_a_failure(world: World) -> None:
    node = world.node()
    nova = world.cloud.nova
    assert nova is not None
    nova._poll = lambda uuid: None  # type: ignore[method-assign]

    verdict = world.verdict(world.gate(minutes=5), node)

    assert verdict.result is Result.FAIL
    assert verdict.words.endswith("to be ACTIVE; it is BUILD (spawning)")
    assert world.servers == []


def test_an_instance_that_somebody_deletes_is_a_failure(world: World) -> None:
    node = world.node()
    nova = world.cloud.nova
    assert nova is not None

    def delete_all() -> None:
        for uuid in list(nova.servers):
            nova.delete(uuid)

    verdict = world.verdict(world.gate(), node, time=world.time(resting=delete_all))

    assert verdict.result is Result.FAIL


def test_what_nova_refuses_is_no_verdict(world: World) -> None:
    node = world.node()
    world.cloud.fail_next("trial create", Refused(403, "Quota exceeded for instances"))

    verdict = world.verdict(world.gate(), node)

    assert verdict.result is Result.UNCLEAR
    assert verdict.words == "Nova refuses the instance: Quota exceeded for instances"


def test_a_nova_that_takes_it_on_later_is_asked_again(world: World) -> None:
    node = world.node()
    world.cloud.fail_next("trial create", Unreachable("HTTP 503"), times=3)

    assert world.verdict(world.gate(), node).passed


def test_an_instance_whose_answer_was_lost_is_found_and_not_made_twice(world: World) -> None:
    node = world.node()
    world.cloud.lose_reply("trial create")
    nova = world.cloud.nova
    assert nova is not None
    request, asked = nova.request, []

    def counted(*order: object) -> str:
        asked.append(order)
        return request(*order)  # type: ignore[arg-type]

    nova.request = counted  # type: ignore[assignment]

    assert world.verdict(world.gate(), node).passed
    assert len(asked) == 1
    assert world.servers == []


def test_an_instance_that_was_perhaps_not_made_is_looked_for_in_vain(world: World) -> None:
    node = world.node()
    world.cloud.fail_next("trial create", Unknown("timed out"))

    verdict = world.verdict(world.gate(), node)

    assert verdict.result is Result.UNCLEAR
    assert "for the instance to be seen" in verdict.words


@pytest.mark.parametrize("call", ["trials", "trial", "trial flavors", "compute", "image_names"])
def test_a_cloud_that_cannot_be_read_for_a_while(world: World, call: str) -> None:
    node = world.node()
    world.cloud.fail_read(call, "HTTP 500", times=4)

    assert world.verdict(world.gate(), node).passed
    assert world.servers == []


def test_a_cloud_that_cannot_be_read_is_no_verdict(world: World) -> None:
    node = world.node()
    world.cloud.fail_read("trial", "HTTP 500", times=10_000)

    verdict = world.verdict(world.gate(minutes=5), node)

    assert verdict.result is Result.UNCLEAR
    assert "to be ACTIVE; it is nothing: the new cloud: trial: HTTP 500; " in verdict.words
    assert world.servers == []


def test_an_instance_that_cannot_be_deleted_is_told(world: World) -> None:
    node = world.node()
    world.cloud.fail_next("delete_server", Refused(403, "Policy doesn't allow it"), times=10_000)

    verdict = world.verdict(world.gate(), node)

    assert verdict.result is Result.UNCLEAR
    assert "booted on node" in verdict.words
    assert "could not be deleted (Policy doesn't allow it): delete it by hand" in verdict.words


def test_a_deletion_that_is_lost_is_asked_for_again(world: World) -> None:
    node = world.node()
    world.cloud.fail_next("delete_server", Unknown("timed out"), times=3)

    assert world.verdict(world.gate(), node).passed
    assert world.servers == []


def test_a_node_that_cannot_be_cleaned_afterwards_is_a_failure(world: World) -> None:
    node = world.node()

    def meddle() -> None:
        if world.servers == []:
            world.cloud.ironic.nodes[node].body["provision_state"] = "clean failed"

    verdict = world.verdict(world.gate(), node, time=world.time(resting=meddle))

    assert verdict.result is Result.FAIL, verdict
    assert verdict.words.endswith("but after its deletion the node is clean failed")


def test_told_to_end_it_deletes_and_has_no_verdict(world: World) -> None:
    node = world.node()
    time = world.time(ends_after=2)

    verdict = world.run(world.gate(), node, time=time)
    world.stage.clock.advance(600)

    assert verdict is None
    assert world.servers == []


def test_a_port_is_knocked_at_until_it_answers(world: World) -> None:
    node = world.node()
    world.cloud.neutron["net-id"] = "provider"
    world.knocks = [False, False, True]

    verdict = world.verdict(world.gate(port=22, network="net-id"), node)

    assert verdict.passed
    assert world.knocked == [("192.0.2.7", 22)] * 3
    assert "TCP port 22 of 192.0.2.7 answers" in verdict.output


def test_a_port_that_never_answers_is_a_failure(world: World) -> None:
    node = world.node()
    world.cloud.neutron["net-id"] = "provider"

    verdict = world.verdict(world.gate(minutes=5, port=22, network="net-id"), node)

    assert verdict.result is Result.FAIL
    assert verdict.words == "waited 300 s for TCP port 22 of 192.0.2.7 to answer"
    assert world.servers == []


def test_a_port_without_a_network_is_no_verdict(world: World) -> None:
    verdict = world.verdict(world.gate(port=22), world.node())

    assert verdict.result is Result.UNCLEAR
    assert verdict.words.endswith("has no address to knock at: give the gate a network")
    assert world.servers == []


def test_a_cloud_without_nova(world: World) -> None:
    gate = BootGate("image", "flavor", timedelta(minutes=1))

    verdict = BootRuns({}, {}, "me")(a_run(gate), FlyingTime())

    assert verdict is not None
    assert verdict.words == (
        "the new cloud is configured without a Nova, so nothing can boot there"
    )


# After a kill


def test_what_a_killed_process_left_is_deleted_at_the_start_and_nobody_elses(world: World) -> None:
    mine, foreign, users = world.node(), world.node(), world.node()
    world.left_behind(mine, "run of the killed")
    theirs = world.left_behind(foreign, "run-1", owner="another-host:/var/lib/ephyrad")
    world.stage.boot(users)

    world.gates().tidy(world.time())

    assert sorted(world.servers) == sorted(["", theirs])


def test_a_cloud_that_is_down_at_the_start_is_asked_until_it_answers(world: World) -> None:
    world.left_behind(world.node(), "run of the killed")
    world.cloud.fail_read("trials", "no connection", times=5)

    world.gates().tidy(world.time())

    assert world.servers == []


def test_what_nova_carried_out_after_the_first_look_is_deleted_too(world: World) -> None:
    node = world.node()
    time = world.time(
        resting=lambda: world.left_behind(node, "run of the killed") if time.now() else None
    )

    world.gates().tidy(time)
    world.stage.clock.advance(60)

    assert world.servers == []


def test_a_run_deletes_what_earlier_ones_left_before_it_begins(world: World) -> None:
    node = world.node()
    world.left_behind(node, "run of the killed")
    world.stage.clock.advance(120)

    assert world.verdict(world.gate(), node).passed
    assert world.servers == []


def test_a_run_that_is_under_way_is_left_alone_by_another(world: World) -> None:
    first, second = world.node(), world.node()
    gates = world.gates()
    inner: list[Verdict | None] = []

    def meanwhile() -> None:
        if not inner and any(world.servers):
            inner.append(None)
            inner[0] = gates(a_run(world.gate(), "run-2", second), world.time())

    verdict = gates(a_run(world.gate(), "run-1", first), world.time(resting=meanwhile))

    assert verdict is not None
    assert verdict.passed
    assert inner[0] is not None
    assert inner[0].passed


def test_a_real_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        assert answers("127.0.0.1", port, 5)
    assert not answers("127.0.0.1", port, 5)
