# SPDX-License-Identifier: Apache-2.0
"""Where the daemon's socket is, without the weight of oslo.config."""

from collections.abc import Mapping
from pathlib import Path

CONFIGURATION = Path("/etc/ephyrad/ephyrad.conf")
STATE_DIR = "/var/lib/ephyrad"
VARIABLE = "EPHYRA_SOCKET"


def find_socket(
    option: str | None, environment: Mapping[str, str], configuration: Path = CONFIGURATION
) -> str:
    """Return the path of the socket.

    It is, in this order: the option --socket, the environment variable EPHYRA_SOCKET, what the
    daemon's configuration file says, the default.
    """
    if named := option or environment.get(VARIABLE):
        return named
    found = options(configuration)
    state_dir = found.get(("DEFAULT", "state_dir"), STATE_DIR)
    return resolved(found.get(("api", "socket"), "$state_dir/ephyrad.sock"), state_dir)


def resolved(path: str, state_dir: str) -> str:
    """Return a path of the configuration with the state directory put in."""
    return path.replace("${state_dir}", state_dir).replace("$state_dir", state_dir)


def options(configuration: Path) -> Mapping[tuple[str, str], str]:
    """Return the plain options of the file; none where it is missing or not ours to read."""
    try:
        text = configuration.read_text(errors="replace")
    except OSError:
        return {}
    found = {}
    section = "DEFAULT"
    for line in text.splitlines():
        if line.startswith("["):
            section = line[1:].partition("]")[0]
        elif not line.startswith(("#", ";", " ", "\t")) and "=" in line:
            name, _, value = line.partition("=")
            found[section, name.strip()] = value.strip().strip("\"'")
    return found
