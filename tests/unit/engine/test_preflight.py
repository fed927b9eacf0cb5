# SPDX-License-Identifier: Apache-2.0
"""The preflight says what the first turn of a node would say, and of everybody what ails all."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ephyrad.bus.health import Condition
from ephyrad.clouds.port import CloudSetupError
from ephyrad.engine.answers import BusAnswer, Complaint, OperationError
from ephyrad.engine.operations import EngineOperations
from ephyrad.engine.preflight.operations import PreflightAsked
from ephyrad.engine.preflight_answers import FindingAnswer, PreflightAnswer
from ephyrad.migration.bmc import Bmc
from ephyrad.migration.facts import CloudName, ServiceFacts
from ephyrad.testing.cloud import SimulatedCloud
from tests.simulation.fleet import UNFIT, Kind
from tests.unit.engine.rig import Rig, rig

THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEARD = BusAnswer("listening", THEN, 7, Condition.LISTENING)


def nobody(bmcs: Iterable[Bmc]) -> Mapping[Bmc, str | None]:
    return dict.fromkeys(bmcs, "no answer within 3 s")


def everybody(bmcs: Iterable[Bmc]) -> Mapping[Bmc, str | None]:
    return dict.fromkeys(bmcs, None)


@pytest.fixture
def made(tmp_path: Path) -> Rig:
    return rig(tmp_path, Kind.IDLE, Kind.IN_USE)


def ask(
    made: Rig,
    *nodes: str,
    bmc: bool = False,
    bus: BusAnswer = HEARD,
    reach: Callable[[Iterable[Bmc]], Mapping[Bmc, str | None]] = nobody,
) -> PreflightAnswer:
    operations = EngineOperations(made.engine, lambda _: bus, "1.0", reach)
    return operations.preflight(nodes, bmc=bmc)


def told(answer: PreflightAnswer, weight: str) -> list[tuple[str, str, str]]:
    found = (each for each in answer.findings if each.weight == weight)
    return [(each.where, each.cause, each.text) for each in found]


def only(answer: PreflightAnswer) -> FindingAnswer:
    (found,) = answer.findings
    return found


# Of nodes


def test_nothing_stands_in_the_way_of_good_nodes_and_nothing_is_changed(made: Rig) -> None:
    before = {node.uuid: dict(node.body) for node in made.old.ironic.nodes.values()}

    answer = ask(made)

    assert answer.findings == ()
    assert (answer.ready, answer.hindered, answer.unjudged, answer.left_out) == (2, 0, 0, 0)
    assert {node.uuid: dict(node.body) for node in made.old.ironic.nodes.values()} == before
    assert made.new.ironic.nodes == {}
    assert list(made.operations.nodes()) == []


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.name)
def test_it_says_what_the_first_turn_would_say(tmp_path: Path, kind: Kind) -> None:
    made = rig(tmp_path, kind)
    (member,) = made.fleet

    answer = ask(made)

    made.operations.migrate([member.name], by="ann")
    made.turn()
    row = made.operations.node(member.name)
    assert row.held == (kind in UNFIT) == (answer.hindered == 1)
    for finding in answer.findings:
        assert (finding.cause, finding.where) == (row.cause, "nodes")
        assert [(each.node, each.name) for each in finding.nodes] == [(member.uuid, member.name)]
        assert finding.text in row.doing


def test_a_class_that_no_flavor_of_the_new_cloud_demands_is_a_problem(made: Rig) -> None:
    made.old.flavors.create(id="1", name="gold", ram=1, vcpus=1, disk=1, is_public=False)
    made.old.flavors.specify("1", {"resources:CUSTOM_BAREMETAL_GOLD": "1"})

    found = only(ask(made))

    assert found.cause == "missing-in-new-cloud"
    assert "no flavor of the new cloud demands resource class CUSTOM_BAREMETAL_GOLD" in found.text
    assert [each.name for each in found.nodes] == ["n0", "n1"]

    made.new.flavors.create(id="1", name="gold", ram=1, vcpus=1, disk=1)
    made.new.flavors.specify("1", {"resources:CUSTOM_BAREMETAL_GOLD": "1"})

    # At once, whatever else believes a list for half a minute.
    assert ask(made).findings == ()


def test_flavors_do_not_matter_where_no_nova_serves_a_cloud(made: Rig) -> None:
    made.old.flavors.create(id="1", name="gold", ram=1, vcpus=1, disk=1)
    made.old.flavors.specify("1", {"resources:CUSTOM_BAREMETAL_GOLD": "1"})
    tuning = made.engine.tuning()
    alone = replace(tuning, policy=replace(tuning.policy, new_compute=False))
    made.engine.tuning = lambda: alone

    assert ask(made).findings == ()


def test_named_nodes_are_looked_at_by_name_or_uuid_and_once(made: Rig) -> None:
    first, _ = made.fleet

    assert ask(made, first.name, first.uuid).ready == 1


def test_a_node_that_the_old_cloud_does_not_show_is_refused(made: Rig) -> None:
    with pytest.raises(OperationError, match="the old cloud shows no node nobody") as raised:
        ask(made, "n0", "nobody")

    assert raised.value.complaint is Complaint.NOT_FOUND


def test_nodes_on_their_way_are_left_out_and_told_of_when_named(made: Rig) -> None:
    idle, _ = made.fleet
    made.operations.migrate([idle.name], by="ann")
    made.run(30)

    everyone, named = ask(made), ask(made, idle.name)

    assert (everyone.ready, everyone.left_out, everyone.findings) == (1, 1, ())
    assert (named.ready, named.left_out, only(named).cause) == (0, 1, "under-way")
    assert only(named).weight == "remark"


def test_what_is_asked_for_and_not_begun_is_judged(made: Rig) -> None:
    made.operations.migrate_all(by="ann")

    assert ask(made).ready == 2


def test_calls_do_not_grow_but_for_the_records_of_each_node(tmp_path: Path) -> None:
    made = rig(tmp_path, *[Kind.IDLE] * 6)
    calls = counted(made.old, made.new)

    ask(made)

    assert calls == {
        **{f"{cloud} {call}": 1 for cloud in CloudName for call in ("check", "flavor_facts")},
        "old new_cloud_facts": 1,
        "new new_cloud_facts": 2,
        "old nodes": 1,
        "new nodes": 1,
        "new addresses": 1,
        **{f"{cloud} projects": 1 for cloud in CloudName},
        "new networks": 1,
        "old records": 6,
    }


def test_the_records_of_many_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.NAMESAKE, Kind.IN_USE)
    alone = ask(made)
    monkeypatch.setattr("ephyrad.engine.preflight.nodes._MANY", 3)
    calls = counted(made.old)

    listed = ask(made)

    assert replace(listed, at=alone.at) == alone
    assert (calls["old every_record"], calls["old records"]) == (1, 0)


def test_what_cannot_be_listed_is_read_one_by_one(
    made: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ephyrad.engine.preflight.nodes._MANY", 2)
    made.old.fail_read("every_record")

    assert ask(made).ready == 2


def counted(*clouds: SimulatedCloud) -> Counter[str]:
    """Count the calls of clouds from now on."""
    made, lock = Counter[str](), threading.Lock()

    def counter(cloud: CloudName) -> Callable[[str, bool], None]:
        def count(call: str, changes: bool) -> None:
            assert not changes
            with lock:
                made[f"{cloud} {call}"] += 1

        return count

    for each in clouds:
        each.troubles.weather = counter(each.name)
    return made


# What cannot be judged is not passed


def test_a_node_that_cannot_be_read_is_unjudged_and_the_others_are_judged(made: Rig) -> None:
    made.old.fail_read("records", "HTTP 500")

    answer = ask(made)

    assert (answer.ready, answer.hindered, answer.unjudged) == (1, 0, 1)
    assert (only(answer).weight, only(answer).cause) == ("unjudged", "unreachable")


@pytest.mark.parametrize("call", ["nodes", "addresses", "projects", "networks", "flavor_facts"])
def test_a_new_cloud_that_cannot_be_read_whole_leaves_nodes_unjudged(made: Rig, call: str) -> None:
    made.new.fail_read(call, "HTTP 503", times=9)

    answer = ask(made, made.fleet[0].name)

    assert (answer.ready, answer.unjudged) == (0, 1)
    assert "HTTP 503" in told(answer, "unjudged")[0][2]


def test_what_the_old_record_says_is_told_even_then(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.PROTECTED)
    made.new.fail_read("addresses", times=9)

    answer = ask(made)

    assert (answer.hindered, answer.unjudged) == (1, 1)
    assert told(answer, "problem")[0][1] == "protected"


def test_an_old_cloud_that_does_not_list_its_nodes_is_said_at_once(made: Rig) -> None:
    made.old.fail_read("nodes", "HTTP 503")

    with pytest.raises(OperationError, match="no node was judged") as raised:
        ask(made)

    assert raised.value.complaint is Complaint.UNAVAILABLE


@pytest.mark.parametrize("name", CloudName)
def test_credentials_that_do_not_see_every_node_pass_none(made: Rig, name: CloudName) -> None:
    cloud = made.old if name is CloudName.OLD else made.new
    cloud.settings.system_scope = False

    answer = ask(made, made.fleet[0].name)

    assert (answer.ready, answer.unjudged) == (0, 1)
    ((where, cause, text),) = told(answer, "problem")
    assert (where, cause) == (f"{name} cloud", "access")
    assert text.startswith(f"[{name}_cloud]: the credentials are project-scoped")


@pytest.mark.parametrize("name", CloudName)
def test_a_cloud_that_does_not_answer_passes_none(made: Rig, name: CloudName) -> None:
    cloud = made.old if name is CloudName.OLD else made.new
    cloud.fail_read("check", "connection refused")

    answer = ask(made, made.fleet[0].name)

    assert (answer.ready, answer.unjudged) == (0, 1)
    ((where, cause, text),) = told(answer, "problem")
    assert (where, cause) == (f"{name} cloud", "unreachable")
    assert "connection refused" in text
    assert "see that it runs" in text


def test_a_stop_ends_it(made: Rig) -> None:
    made.engine.crew.halt()

    answer = ask(made)

    assert (answer.ready, answer.unjudged) == (0, 2)
    assert only(answer).text.startswith("ephyrad is stopping; ")


# Of BMCs


def test_bmcs_are_tried_only_where_that_is_asked(made: Rig) -> None:
    assert ask(made, bmc=False).hindered == 0
    assert ask(made, bmc=True, reach=everybody).ready == 2

    found = only(ask(made, bmc=True))

    assert (found.cause, len(found.nodes)) == ("bmc-unreachable", 2)
    assert found.text.startswith("their BMCs do not answer from here (no answer within 3 s)")
    assert "at tcp://10.0.0.1:443 (no answer" in found.nodes[0].text


def test_no_secret_is_told_of_a_bmc(made: Rig) -> None:
    text = repr(ask(made, bmc=True))

    assert not any(member.password in text for member in made.fleet)


def test_a_bmc_that_nobody_knows_is_unjudged(tmp_path: Path) -> None:
    made = rig(tmp_path, Kind.FAKE_IDLE)

    found = only(ask(made, bmc=True, reach=everybody))

    assert (found.weight, found.cause) == ("unjudged", "bmc-unreachable")


# Of what all have in common


def test_a_cloud_without_a_living_conductor_is_a_problem(made: Rig) -> None:
    made.old.settings.conductor_groups = frozenset()

    assert told(ask(made), "problem") == [
        (
            "old cloud",
            "conductors",
            "no conductor of the old cloud is alive: start its ironic-conductor",
        )
    ]


def test_a_service_that_only_the_old_cloud_has_is_a_problem(
    made: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = [ServiceFacts("Glance", there=False), ServiceFacts("Neutron", there=True)]
    monkeypatch.setattr(made.new, "services", lambda: lacking)

    answer = ask(made)

    ((where, cause, text),) = told(answer, "problem")
    assert (where, cause) == ("new cloud", "service")
    assert text.startswith("Glance is in the old cloud's catalogue and not in the new one's")
    assert answer.services["new cloud"] == ("no Glance", "Neutron")


def test_a_service_in_trouble_is_told_once(made: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = "[new_cloud]: Neutron of the new cloud shows no networks; ..."
    monkeypatch.setattr(
        made.new, "services", lambda: [ServiceFacts("Neutron", there=True, trouble=trap)]
    )
    assert told(ask(made), "problem") == [("new cloud", "service", trap)]

    def refuse() -> None:
        raise CloudSetupError(trap)

    monkeypatch.setattr(made.new, "check", refuse)
    assert told(ask(made), "problem") == [("new cloud", "access", trap)]


@pytest.mark.parametrize(
    ("bus", "weight", "words"),
    [
        (BusAnswer("off", None, 0, None), "remark", "[old_cloud] transport_url is not set"),
        (
            BusAnswer("silent", THEN, 7, Condition.SILENT),
            "remark",
            "nothing was heard on the bus of the old cloud since 2026-01-02 03:04:05Z",
        ),
        (
            BusAnswer("listening", None, 0, Condition.LISTENING),
            "remark",
            "nothing was heard on the bus of the old cloud since ephyrad's start, ",
        ),
        (
            BusAnswer("down (Connection refused)", None, 0, Condition.DOWN),
            "problem",
            "the bus of the old cloud is not heard: down (Connection refused)",
        ),
        (BusAnswer("stalled", THEN, 7, Condition.STALLED), "problem", "not heard: stalled"),
    ],
)
def test_how_a_bus_is_heard_is_told(made: Rig, bus: BusAnswer, weight: str, words: str) -> None:
    answer = ask(made, bus=bus)

    found = [text for where, cause, text in told(answer, weight) if where == "old cloud"]
    assert len(found) == 1
    assert words in found[0]
    assert answer.ready == 2


def test_more_in_flight_than_ironic_cleans_is_remarked(made: Rig) -> None:
    tuning = replace(made.engine.tuning(), max_in_flight=51)
    made.engine.tuning = lambda: tuning

    ((where, cause, text),) = told(ask(made), "remark")

    assert (where, cause) == ("ephyrad", "limit")
    assert "max_concurrent_clean, 50 unless changed" in text


def test_a_key_file_that_is_gone_is_a_problem(made: Rig, tmp_path: Path) -> None:
    (tmp_path / "keys").unlink()

    ((where, cause, text),) = told(ask(made), "problem")

    assert (where, cause) == ("ephyrad", "key-file")
    assert f"key file {tmp_path / 'keys'} is gone: restore it" in text


def test_one_is_made_at_a_time(made: Rig) -> None:
    complaints: list[Complaint] = []

    def again(bmcs: Iterable[Bmc]) -> Mapping[Bmc, str | None]:
        try:
            asked.preflight([], bmc=False)
        except OperationError as error:
            complaints.append(error.complaint)
        return everybody(bmcs)

    asked = PreflightAsked(made.engine, lambda _: HEARD, again)

    assert asked.preflight([], bmc=True).ready == 2
    assert complaints == [Complaint.CONFLICT]
    assert asked.preflight([], bmc=False).ready == 2


def test_a_rollout_asks_node_by_node(made: Rig) -> None:
    made.old.settings.conductor_groups = frozenset({""})
    asked = PreflightAsked(made.engine, lambda _: HEARD, nobody)
    nodes = made.old.nodes()

    judged = asked.judge(nodes)

    assert [(each.node, each.is_ready) for each in judged] == [(node.uuid, True) for node in nodes]
