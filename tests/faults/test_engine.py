# SPDX-License-Identifier: Apache-2.0
"""A node is carried, and at each call that it takes each thing goes wrong once, or for ever."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from ephyrad.migration.facts import CloudName
from ephyrad.migration.policy import Policy
from ephyrad.testing.http.calls import Call
from tests.faults.rows import NODE, OPENING, PORTGROUPS, PORTS, PROVIDER, SERVER
from tests.faults.troubles import SILENT, Elsewhere, Trouble, fault_of
from tests.faults.world import HttpWorld, http_world
from tests.simulation.fleet import Kind
from tests.simulation.world import Plan

HASTY = 0.4
"""Seconds of patience, where patience is to run out."""

IN_USE = Plan(seed=1, kinds=(Kind.IN_USE,), limit=1, booting=False, furnished=True)
RELEASED = replace(IN_USE, released=True)
IDLE = Plan(seed=1, kinds=(Kind.FAKE_IDLE,), limit=1, booting=False, furnished=True)

ABORTED = replace(IN_USE, kinds=(Kind.IDLE,), aborted_in="transferred")
WAYS = (IN_USE, RELEASED, IDLE, ABORTED)
END = dict.fromkeys(WAYS, "compute-ready") | {ABORTED: "restored"}

# Each change that one of the ways takes, and which time on that way it is meant.
CHANGES = {
    f"old baremetal PATCH {NODE}": (IN_USE, 1),
    f"old compute DELETE {SERVER}": (RELEASED, 1),
    f"old baremetal PUT {NODE}/maintenance": (IN_USE, 1),
    f"old baremetal DELETE {NODE}": (IN_USE, 1),
    f"old baremetal PUT {NODE}/states/provision": (IDLE, 1),
    "new baremetal POST /v1/nodes": (IN_USE, 1),
    "new baremetal POST /v1/portgroups": (IN_USE, 1),
    "new baremetal POST /v1/ports": (IN_USE, 1),
    "new baremetal POST /v1/volume/connectors": (IN_USE, 1),
    "new baremetal POST /v1/volume/targets": (IN_USE, 1),
    f"new baremetal PUT {NODE}/traits": (IN_USE, 1),
    f"new baremetal PUT {NODE}/states/provision": (IN_USE, 1),
    f"new baremetal PUT {NODE}/states/provision, again": (IN_USE, 2),
    f"new baremetal PUT {NODE}/maintenance": (IN_USE, 1),
    f"new baremetal DELETE {NODE}/maintenance": (IN_USE, 1),
    f"new baremetal PATCH {NODE}": (IN_USE, 1),
    f"new baremetal PUT {NODE}/states/power": (IDLE, 1),
    f"new baremetal DELETE {NODE}": (ABORTED, 1),
    f"old baremetal DELETE {NODE}/maintenance": (ABORTED, 1),
    f"old baremetal PATCH {NODE}, again": (ABORTED, 2),
    f"old baremetal PUT {NODE}/states/provision, again": (ABORTED, 2),
}
ASKED_ON_THE_WAY_BACK = {f"new placement GET {PROVIDER}/allocations"}
_RECORDS = (
    f"baremetal GET {NODE}",
    PORTS,
    PORTGROUPS,
    "baremetal GET /v1/volume/connectors",
    "baremetal GET /v1/volume/targets",
)
READS = {
    *(f"{cloud} {call}" for cloud in CloudName for call in (*_RECORDS, "baremetal GET /v1/nodes")),
    *(f"{cloud} {call}" for cloud in CloudName for call in OPENING),
    f"old baremetal GET {NODE}/history",
    "old compute GET /servers/detail",
    f"old compute GET {SERVER}",
    f"old placement GET {PROVIDER}/allocations",
    f"old placement GET {PROVIDER}/inventories",
    f"new placement GET {PROVIDER}/inventories",
    "new compute GET /servers/detail",
    *(f"{cloud} compute GET /flavors/detail" for cloud in CloudName),
    "new baremetal GET /v1/conductors",
    "new baremetal GET /v1/drivers",
    "new image GET /v2/images",
    *(
        f"{cloud} identity GET /v3/{kind}"
        for cloud in CloudName
        for kind in ("projects", "domains")
    ),
    "new network GET /v2.0/networks",
    *ASKED_ON_THE_WAY_BACK,
} - {f"old {call}" for call in ("image GET /?", "network GET /v2.0")}

# The engine sees one kind of failed read; a lie and a new token are something else.
READ_TROUBLES = (Trouble.BROKEN, Trouble.GARBAGE, Trouble.EXPIRED, Trouble.SILENT_BEFORE)


def nth(call: str, time: int) -> Callable[[Call], bool]:
    """Return what recognises the call when it is made so many times."""
    found = 0

    def recognises(made: Call) -> bool:
        nonlocal found
        found += f"{made.cloud} {made}" == call
        return f"{made.cloud} {made}" == call and found == time

    return recognises


def always(call: str) -> Callable[[Call], bool]:
    return lambda made: f"{made.cloud} {made}" == call


def named(calls: Counter[Call]) -> Counter[str]:
    return Counter({f"{call.cloud} {call}": count for call, count in calls.items()})


@cache
def fair(plan: Plan) -> tuple[Counter[str], Counter[str]]:
    """Return what is asked and done, in fair weather."""
    with http_world(plan) as world:
        world.run()
        return named(world.asked.seen), named(world.asked.done)


def expect_nothing_twice(world: HttpWorld) -> None:
    """No record is created or deleted twice, by whatever way the node came."""
    _, usual = fair(world.plan)
    done = named(world.asked.done)
    once = {call for call in usual if "POST /v1" in call or call.endswith(f"DELETE {NODE}")}
    assert {call: done[call] for call in once} == {call: usual[call] for call in once}
    # Who looks before asking again asks for nothing that is there, or gone, already.
    refused = named(world.asked.refused)
    assert {call: refused[call] for call in once} == dict.fromkeys(once, 0)


def test_the_tables_name_every_call() -> None:
    seen = {call for plan in WAYS for call in fair(plan)[0]}

    assert seen == READS | {call.removesuffix(", again") for call in CHANGES}


# To the engine, one redirect is as good as another.
_TROUBLES = [each for each in Trouble if each not in (Trouble.MOVED_301, Trouble.MOVED_307)]


@pytest.mark.parametrize("trouble", _TROUBLES, ids=lambda trouble: trouble.name)
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_goes_wrong_once(change: str, trouble: Trouble) -> None:
    plan, time = CHANGES[change]
    call = change.removesuffix(", again")
    with (
        Elsewhere() as elsewhere,
        http_world(plan, patience=HASTY if trouble in SILENT else 60.0) as world,
    ):
        fault = fault_of(trouble, world.fleet[0].uuid, elsewhere.url)
        world.server.faults.plan(nth(call, time), fault)

        world.run()

        assert set(world.states().values()) == {END[plan]}
        assert not elsewhere.was_visited()
        expect_nothing_twice(world)


@pytest.mark.parametrize("trouble", READ_TROUBLES, ids=lambda trouble: trouble.name)
@pytest.mark.parametrize("call", sorted(READS))
def test_a_read_goes_wrong_once(call: str, trouble: Trouble) -> None:
    patience = HASTY if trouble in SILENT else 60.0
    plan = ABORTED if call in ASKED_ON_THE_WAY_BACK else RELEASED if SERVER in call else IN_USE
    with http_world(plan, patience=patience) as world:
        world.server.faults.plan(nth(call, 1), fault_of(trouble, world.fleet[0].uuid, ""))

        world.run()

        assert set(world.states().values()) == {END[plan]}
        expect_nothing_twice(world)


@pytest.mark.parametrize(
    "trouble",
    [Trouble.BROKEN, Trouble.CONFLICT],
    ids=lambda trouble: trouble.name,
)
@pytest.mark.parametrize("change", [call for call in CHANGES if "again" not in call])
def test_a_change_that_goes_wrong_for_ever_ends_in_a_hold(change: str, trouble: Trouble) -> None:
    way, _ = CHANGES[change]
    policy = Policy(retry_for=timedelta(minutes=3))
    plan = replace(way, policy=policy)
    with http_world(plan) as world:
        world.people.mending = False
        fault = fault_of(trouble, world.fleet[0].uuid, "")
        world.server.faults.plan(always(change), fault, None)
        world.ask()

        world.run_until_held(86400.0)

        assert world.operations is not None
        (answer,) = world.operations.nodes()
        assert answer.held
        assert answer.doing.strip()
        assert not named(world.asked.done)[change]
