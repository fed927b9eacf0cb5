# SPDX-License-Identifier: Apache-2.0
"""Those of the lab's commands that talk to the clouds. Runs in the tools venv."""

import argparse
import sys

from keystoneauth1.exceptions import ClientException

from tests.lab import faults, fleet, instances
from tests.lab.agent.behaviour import FAILURES, Behaviour
from tests.lab.errors import LabError
from tests.lab.nodes import Kind
from tests.lab.openstack_api import ApiError
from tests.lab.ports import CLOUDS
from tests.lab.report import say
from tests.lab.settings import Settings, from_environment

_WELL = Behaviour()


def main() -> int:
    arguments = _parser().parse_args()
    try:
        _run(from_environment(), arguments)
    except (LabError, ApiError, ClientException) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; the same command carries on", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m tests.lab")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("enrol")
    for kind in Kind:
        command.add_argument(f"--{kind}", type=int, default=0, metavar="N", help=f"{kind} nodes")
    command.add_argument("--prefix", default="lab", help="of the nodes' names (default: lab)")
    stops = ("enroll", "manageable", "available")
    command.add_argument("--stop-at", choices=stops, default="available")
    _add_cloud(command)
    command = commands.add_parser("boot")
    command.add_argument("node", nargs="+", help="name or UUID")
    _add_cloud(command)
    command = commands.add_parser("delete")
    command.add_argument("node", nargs="+", help="name or UUID of a node with an instance")
    _add_cloud(command)
    command = commands.add_parser("behave", description="Without options: well.")
    command.add_argument("node", help="name or UUID, or all")
    command.add_argument("--fail", choices=FAILURES[1:], help="this kind of step fails")
    command.add_argument("--no-boot", action="store_true", help="the ramdisk never comes up")
    for what in ("boot", "clean", "deploy"):
        command.add_argument(
            f"--{what}-seconds", type=float, default=getattr(_WELL, f"{what}_seconds")
        )
    _add_cloud(command)
    command = commands.add_parser("discard")
    command.add_argument("--prefix", default="lab", help="of the nodes' names (default: lab)")
    return parser


def _add_cloud(command: argparse.ArgumentParser) -> None:
    command.add_argument("--cloud", choices=CLOUDS, default="old")


def _run(settings: Settings, arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "enrol":
            wanted = {kind: getattr(arguments, kind) for kind in Kind}
            found = fleet.enrol(
                settings,
                wanted,
                cloud=arguments.cloud,
                prefix=arguments.prefix,
                stop_at=arguments.stop_at,
            )
            for node in found:
                print(node.uuid, node.name)
            say(f"{len(found)} nodes at {arguments.stop_at} or beyond")
        case "boot":
            for node in arguments.node:
                say(f"{node}: instance {instances.boot(settings, arguments.cloud, node)}")
        case "delete":
            for node in arguments.node:
                _delete(settings, arguments, node)
        case "behave":
            _behave(settings, arguments)
        case "discard":
            for name in fleet.discard(settings, arguments.prefix):
                say(f"removed {name}")


def _behave(settings: Settings, arguments: argparse.Namespace) -> None:
    machine = faults.EVERYBODY
    if arguments.node != faults.EVERYBODY:
        machine = faults.machine_of(settings, arguments.cloud, arguments.node)
    behaviour = Behaviour(
        boot=not arguments.no_boot,
        boot_seconds=arguments.boot_seconds,
        clean_seconds=arguments.clean_seconds,
        deploy_seconds=arguments.deploy_seconds,
        fail=arguments.fail,
    )
    faults.behave(settings, machine, behaviour)
    say(f"{machine}: {behaviour}")


def _delete(settings: Settings, arguments: argparse.Namespace, node: str) -> None:
    server = instances.of_node(settings, arguments.cloud, node)
    if server is None:
        raise LabError(f"node {node} has no instance in the {arguments.cloud} cloud")
    instances.delete(settings, arguments.cloud, server)
    say(f"{node}: instance {server} is gone")


if __name__ == "__main__":
    sys.exit(main())
