# SPDX-License-Identifier: Apache-2.0
"""What nodes and their instances need goes from the real old cloud to the real new one."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness import keys, likeness
from tests.harness.campaign import Campaign
from tests.harness.daemon import Daemon
from tests.harness.environment import KEYS_EACH, Environment
from tests.harness.fleet import Fleet
from tests.lab import instances, patience
from tests.lab.nodes import Kind
from tests.lab.openstack_api import Api
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]

USERS, UNKNOWN, FLAVORS, IMAGES, PLAIN_IMAGES = 50, 5, 30, 20, 12
BIG = 2048
"""MiB of the biggest image."""

MOST_MEMORY = 200
"""MiB that the daemon may take."""


@pytest.fixture
def environment(lab: Settings, request: pytest.FixtureRequest) -> Iterator[Environment]:
    """An environment of this test's own, removed from both clouds at its end."""
    mine = Environment(lab, f"t-{request.node.name.removeprefix('test_').replace('_', '-')}"[:40])
    mine.discard()
    yield mine
    mine.discard()


@pytest.fixture
def campaign(lab: Settings, environment: Environment) -> Iterator[Campaign]:
    """One whose nodes and flavor belong to the environment."""
    mine = Campaign(lab, environment.name("class"), racks=1)
    mine.discard()
    yield mine
    mine.discard()


def test_everything_is_brought_in_step(environment: Environment, new_daemon: NewDaemon) -> None:
    environment.make_projects(3, also_new=3)
    environment.make_users(USERS, also_new=USERS - UNKNOWN)
    environment.make_keypairs()
    environment.make_flavors(FLAVORS)
    environment.make_images(PLAIN_IMAGES, big_mib=BIG)
    environment.make_aggregates(3)
    environment.make_deploy_templates(3)
    environment.spoil("plain-05")
    before = likeness.picture(environment, "old")
    daemon = new_daemon()
    daemon.start()

    planned = mine(environment, daemon.ephyra("environment", "plan"))
    assert likeness.picture(environment, "new") == {}

    daemon.ephyra("environment", "sync", "--all")
    wait_in_step(environment, daemon)

    assert likeness.picture(environment, "old") == before
    assert len(environment.images) == IMAGES
    assert daemon.peak_mib() < MOST_MEMORY
    not_carried = likeness.differences(before, likeness.picture(environment, "new"))
    # The report names the six things that could not be carried: five people, and an image.
    problems = daemon.ephyra("environment", "status")["problems"]
    told = {
        problem["cause"]: [*problem["names"]]
        for problem in problems
        if "plain-05" in problem["reason"] or any("plain-05" in n for n in problem["names"])
    }
    people = [p for p in problems if p["cause"] == "unknown-owner" and environment.prefix in str(p)]
    assert len(people) == UNKNOWN
    assert {len(p["names"]) for p in people} == {KEYS_EACH}
    assert len(told) == 1
    assert len(not_carried) == UNKNOWN * KEYS_EACH + len(
        [line for line in not_carried if "plain-05" in line]
    )
    assert len(planned) == len(before)


def test_what_is_new_follows_by_notification(
    environment: Environment, new_daemon: NewDaemon
) -> None:
    environment.make_users(1, also_new=1)
    (user,) = environment.users["old"]
    there = environment.users["new"][user]
    glance, nova = environment.api("new", "image"), environment.api("new", "compute")
    kinds = ("image", "keypair", "flavor")
    daemon = new_daemon({"environment": {"kinds": ",".join(kinds), "sweep_interval": "86400"}})
    daemon.start()
    wait_compared(daemon, kinds)

    environment.make_keypair(user, "laptop")
    of_key = seconds_until(lambda: nova.find(f"/os-keypairs/laptop?user_id={there}"))
    key = environment.make_image("fresh", keys.noise("fresh", 2**20), visibility="public")
    of_image = seconds_until(lambda: shown(glance.find(f"/v2/images/{key}")))
    environment.make_flavors(1)
    of_flavor = seconds_until(lambda: nova.find(f"/flavors/{environment.name('flavor-00')}"))
    wanted = likeness.picture(environment, "old")

    def look() -> bool | None:
        return likeness.differences(wanted, likeness.picture(environment, "new")) == [] or None

    patience.until("what was made in the old cloud, in the new one", look, 120)
    print(
        f"seconds until the new cloud had it: a key {of_key:.1f}, an image {of_image:.1f},"
        f" a flavor {of_flavor:.1f}"
    )


def seconds_until(look: Callable[[], Any]) -> float:
    """Return how long it took until there was something to see."""
    began = time.monotonic()
    patience.until("what was made in the old cloud, in the new one", look, 120, pause=0.05)
    return time.monotonic() - began


def shown(image: Any) -> bool | None:
    """Return True where an image is whole, and there for everybody."""
    return True if image and (image["status"], image["os_hidden"]) == ("active", False) else None


def test_an_instance_boots_with_what_was_carried(
    lab: Settings, environment: Environment, campaign: Campaign, new_daemon: NewDaemon
) -> None:
    # Of a class of its own, so that no other free node is taken.
    (node,) = campaign.enrol(Kind.FAKE)
    nova = environment.api("new", "compute")
    nova.delete(f"/flavors/{campaign.flavor}")
    demo = Api(lab, "new", "compute", entry="new-demo")
    environment.users["old"]["demo"] = user_id(environment, "demo")
    environment.make_image("boots", keys.noise("boots", 2**20), visibility="public")
    name = environment.name("key")
    environment.make_keypair("demo", name)
    daemon = new_daemon()
    daemon.start()
    names = (name, environment.name("boots"), campaign.flavor)
    daemon.ephyra("environment", "sync", *(word for one in names for word in ("--name", one)))
    daemon.ephyra("migrate", node.name)
    Fleet(lab, campaign.prefix).wait_for(daemon, [node.name], "compute-ready", 600)
    wait_in_step(environment, daemon)

    wanted = {
        "name": environment.name("server"),
        "imageRef": environment.images["boots"],
        "flavorRef": campaign.flavor,
        "key_name": name,
        "networks": "none",
    }
    server = str(demo.post("/servers", {"server": wanted})["server"]["id"])
    try:
        instances.wait_active(nova, server)
        assert nova.get(f"/servers/{server}")["server"]["key_name"] == name
        ironic = environment.api("new", "baremetal")
        assert ironic.get(f"/v1/nodes/{node.uuid}")["instance_uuid"] == server
    finally:
        instances.delete(lab, "new", server)


def user_id(environment: Environment, name: str) -> str:
    found = environment.api("old", "identity").get(f"/users?name={name}")["users"]
    return str(found[0]["id"])


def mine(environment: Environment, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the items of this test: other tests may have left some."""
    names = (environment.prefix, environment.custom)
    users = set(environment.users["old"].values())
    return [
        item
        for item in items
        if item["name"].startswith(names) or item["key"].partition("/")[0] in users
    ]


def wait_in_step(environment: Environment, daemon: Daemon, seconds: float = 600) -> None:
    """Return when nothing is to be done with this test's items any more."""

    def look() -> bool | None:
        plan = mine(environment, daemon.ephyra("environment", "plan"))
        return True if {item["todo"] for item in plan} <= {"problem"} else None

    patience.until("the environment to be in step", look, seconds, pause=2)


def wait_compared(daemon: Daemon, kinds: tuple[str, ...]) -> None:
    """Return when the kinds were compared once."""

    def look() -> bool | None:
        status = daemon.ephyra("environment", "status")
        return True if all(status[kind]["compared_at"] for kind in kinds) else None

    patience.until("the first comparison", look, 120)
