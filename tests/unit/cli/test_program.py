# SPDX-License-Identifier: Apache-2.0
"""The program as it is installed: a process of its own."""

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import ephyrad
from ephyrad.cli.app import COMMANDS
from ephyrad.cli.command import List, Show
from ephyrad.cli.node import STATES
from ephyrad.migration.states import State
from tests.fakes.operations import FakeOperations

PROGRAM = Path(sys.executable).with_name("ephyra")

# What would make every start of the command slow, and what it has no business with.
HEAVY = {
    "cheroot",
    "cmd2",
    "flask",
    "keystoneauth1",
    "openstack",
    "oslo_config",
    "oslo_log",
    "oslo_messaging",
    "requests",
    "sqlite3",
    "transitions",
    "yaml",
}


def run(path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [PROGRAM, *words],
        env={**os.environ, "EPHYRA_SOCKET": str(path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_asks_the_daemon(path: Path, operations: FakeOperations) -> None:
    done = run(path, "migrate", "--all", "-f", "json")

    assert (done.returncode, done.stderr) == (0, "ephyra: 2 nodes taken on\n")
    assert [node["name"] for node in json.loads(done.stdout)] == ["rack1", "rack2"]
    assert len(operations.nodes()) == 2


def test_its_exit_status_tells_what_became_of_it(path: Path, tmp_path: Path) -> None:
    assert run(path, "status").returncode == 0
    assert run(path, "migrate", "rack9").returncode == 1
    assert run(path, "migrate").returncode == 2
    assert run(tmp_path / "missing", "status").returncode == 3


def test_a_mistake_of_the_daemon_is_told(path: Path, operations: FakeOperations) -> None:
    operations.broken = True

    done = run(path, "status")

    assert done.returncode == 1
    assert done.stderr == "ephyra: ephyrad made a mistake; its log has the details\n"


def test_it_tells_its_version_and_its_commands(path: Path) -> None:
    assert run(path, "--version").stdout == f"ephyra {ephyrad.__version__}\n"
    told = run(path, "--help").stdout
    assert [name for name in COMMANDS if f"  {name} " not in told] == []


def test_a_reader_that_goes_away_is_no_trouble(path: Path, operations: FakeOperations) -> None:
    operations.old_cloud = {f"rack{n}": str(n) for n in range(3000)}
    operations.migrate_all(by="ci")
    shell = f"{PROGRAM} node list | head -1"

    done = subprocess.run(
        ["/bin/sh", "-c", shell],
        env={**os.environ, "EPHYRA_SOCKET": str(path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stderr == ""


def test_it_imports_nothing_heavy(path: Path) -> None:
    code = (
        "import sys; from ephyrad.cmd.client import main; sys.argv[1:] = ['status'];"
        " status = main(); print(*sys.modules); sys.exit(status)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "EPHYRA_SOCKET": str(path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert "ephyrad.cli.status" in done.stdout.split()
    assert HEAVY & set(done.stdout.split()) == set()


def test_its_states_are_those_of_the_table() -> None:
    assert list(STATES) == [state.value for state in State]


@pytest.mark.parametrize(("command", "namespace"), [(Show, "show"), (List, "list")])
def test_it_has_every_format_of_cliff(command: type[Show | List], namespace: str) -> None:
    known = {
        entry.name: entry.value for entry in entry_points(group=f"cliff.formatter.{namespace}")
    }

    found = command._load_formatter_plugins(None)  # type: ignore[arg-type]

    assert {extension.name: extension.entry_point.value for extension in found} == known


@pytest.mark.parametrize(
    "words",
    [("node", "show"), ("hold", "--reason", "x"), ("preflight",), ("rollout", "show")],
    ids=" ".join,
)
def test_a_name_in_another_encoding_is_no_error_of_ephyras_own(
    path: Path, words: tuple[str, ...]
) -> None:
    done = run(path, *words, "r\udce4ck")

    assert done.returncode == 1
    assert "codec" not in done.stderr
    assert "ck" in done.stderr
