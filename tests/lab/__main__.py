# SPDX-License-Identifier: Apache-2.0
"""The lab's command: python3 -m tests.lab COMMAND, from the top of the checkout."""

import argparse
import shlex
import signal
import sys
from typing import cast

from tests.lab import brokers, down, status, tools, up
from tests.lab.errors import LabError
from tests.lab.lock import locked
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.processes import Processes
from tests.lab.report import say
from tests.lab.settings import Settings, from_environment

# these have their own arguments
_FLEET = {
    "enrol": "enrol nodes and take them to available",
    "boot": "boot an instance on each of some nodes",
    "delete": "delete the instances of some nodes",
    "behave": "how the machine of a node behaves: slow or failing steps, no boot",
    "discard": "remove nodes from both clouds, whatever their state",
}


def main() -> int:
    parser = _parser()
    arguments, rest = parser.parse_known_args()
    if rest and arguments.command not in _FLEET:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(from_environment(), arguments, rest)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; the same command carries on", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.lab", description="Two OpenStack control planes on 127.0.0.1."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("install", help="install what the lab needs")
    command = commands.add_parser("up", help="install and start what is missing, until healthy")
    command.add_argument("cloud", nargs="?", choices=CLOUDS, help="only this one (default: both)")
    command = commands.add_parser("down", help="stop all, or only the named processes")
    command.add_argument("--wipe", action="store_true", help="remove data, logs, configuration too")
    command.add_argument("name", nargs="*", help="as in status, such as rabbit-old")
    commands.add_parser("status", help="what runs, its memory, and whether the clouds work")
    command = commands.add_parser("restart", help="stop one process and start it")
    command.add_argument("name")
    commands.add_parser("env", help="print variables for a shell: eval $(... env)")
    command = commands.add_parser("rabbitmqctl", help="RabbitMQ's own tool, on one broker")
    command.add_argument("cloud", choices=CLOUDS)
    command.add_argument("argument", nargs=argparse.REMAINDER)
    for name, text in _FLEET.items():
        commands.add_parser(name, help=text, add_help=False)
    return parser


def _run(settings: Settings, arguments: argparse.Namespace, rest: list[str]) -> int:
    match arguments.command:
        case "env":
            print("\n".join(_exports(settings)))
        case "status":
            return 0 if status.status(settings, Processes(settings)) else 1
        case "rabbitmqctl":
            brokers.control(settings, arguments.cloud, *arguments.argument)
        case name if name in _FLEET:
            return tools.run(settings, "fleet_command", name, *rest)
        case _:
            with locked(settings):
                _change(settings, Processes(settings), arguments)
    return 0


def _change(settings: Settings, processes: Processes, arguments: argparse.Namespace) -> None:
    """The commands of which only one may run at a time."""
    match arguments.command:
        case "install":
            up.prepare(settings, processes)
            say(f"installed in {settings.venv}")
        case "up":
            chosen = (cast("Cloud", arguments.cloud),) if arguments.cloud else CLOUDS
            up.up(settings, processes, chosen)
        case "restart":
            service = down.stop(settings, processes, [arguments.name])[0]
            up.start(processes, service)
        case "down" if arguments.name:
            if arguments.wipe:
                raise LabError("down --wipe removes everything: name no process with it")
            down.stop(settings, processes, arguments.name)
        case "down":
            down.down(processes)
            if arguments.wipe:
                down.wipe(settings)
            say("down" + (" and wiped" if arguments.wipe else ""))


def _exports(settings: Settings) -> list[str]:
    variables = {
        "OS_CLIENT_CONFIG_FILE": str(settings.clouds_yaml),
        **settings.environment(),
        **{
            f"EPHYRA_LAB_{cloud.upper()}_TRANSPORT_URL": settings.transport_url(cloud)
            for cloud in CLOUDS
        },
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return [*lines, f'export PATH="$PATH":{shlex.quote(settings.bin("tools", ""))}']


if __name__ == "__main__":
    sys.exit(main())
