# SPDX-License-Identifier: Apache-2.0
"""Carries nodes from a real 2023.1 cloud to a real 2026.2 cloud, and checks the result.

Both clouds run on this machine, on 127.0.0.1. They stay up at the end, for the next time.
"""

import argparse
import signal
import subprocess
import sys

from keystoneauth1.exceptions import ClientException

from tests.demo.board import Screen
from tests.demo.story import Story, StoryError
from tests.harness.daemon import DaemonError
from tests.lab.errors import LabError
from tests.lab.openstack_api import ApiError
from tests.lab.settings import CHECKOUT, from_environment

_LAB = [sys.executable, "-m", "tests.lab"]


def main() -> int:
    """Run the demo; return 0 where every node arrived with all that belongs to it."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        lab = from_environment()
        screen = Screen()
        screen.chapter("The lab: an old cloud (2023.1) and a new one (2026.2), real services")
        if subprocess.run([*_LAB, "up"], cwd=CHECKOUT, check=False).returncode != 0:
            return _complain("the lab did not come up: see above; ./demo carries on from there")
        status = Story(lab, screen, arguments.per_kind).tell()
        if arguments.down:
            subprocess.run([*_LAB, "down"], cwd=CHECKOUT, check=True)
        else:
            screen.say(f"The clouds stay up. To stop them: {_shown()} down")
    except (LabError, ApiError, ClientException, DaemonError, StoryError, OSError) as error:
        return _complain(str(error))
    except KeyboardInterrupt:
        print("\n./demo: interrupted; ./demo starts again from the lab as it is", file=sys.stderr)
        return 130
    return status


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--per-kind",
        type=int,
        default=4,
        choices=range(1, 9),
        metavar="N",
        help="nodes of each of the three kinds, 1 to 8 (default: 4)",
    )
    parser.add_argument("--down", action="store_true", help="stop both clouds at the end")
    return parser.parse_args()


def _complain(words: str) -> int:
    print(f"./demo: {words}", file=sys.stderr)
    return 1


def _shown() -> str:
    """Return the lab's command as one would type it in the checkout."""
    return " ".join(_LAB).removeprefix(f"{CHECKOUT}/")


if __name__ == "__main__":
    sys.exit(main())
