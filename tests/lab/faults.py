# SPDX-License-Identifier: Apache-2.0
"""Makes machines misbehave. Needs openstacksdk to find a node's machine."""

from dataclasses import asdict

from tests.lab import bmc
from tests.lab.agent.behaviour import Behaviour
from tests.lab.agent.web import ask
from tests.lab.errors import LabError
from tests.lab.openstack_api import Api
from tests.lab.ports import Cloud
from tests.lab.settings import Settings

EVERYBODY = "all"


def machine_of(settings: Settings, cloud: Cloud, node: str) -> str:
    """Name of the emulated machine that a node (by UUID or name) is.

    Raises LabError for a node without one.
    """
    found = Api(settings, cloud, "baremetal").get(f"/v1/nodes/{node}?fields=driver_info")
    ident = str(found["driver_info"].get("redfish_system_id", "")).rpartition("/")[2]
    for machine in bmc.machines(settings):
        if machine.uuid == ident:
            return machine.name
    raise LabError(f"node {node} has no emulated machine: enrol it as redfish or agent")


def behave(settings: Settings, machine: str, behaviour: Behaviour | None = None) -> None:
    """From now on the machine (or EVERYBODY) behaves like this; by default well.

    Raises LabError when the agents' server refuses or does not run.
    """
    wanted = asdict(behaviour or Behaviour())
    url = settings.shared_url("agent", f"/control/{machine}")
    status, answer = ask("POST", url, wanted)
    if status != 200:
        raise LabError(f"agent of {machine}: {status} {answer}: python3 -m tests.lab status tells")
