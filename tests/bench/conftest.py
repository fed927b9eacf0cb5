# SPDX-License-Identifier: Apache-2.0
"""How many: `--sizes 2300,10000,100000 --carried 2300 --keys 10000`.

Collects and prints the rows.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ephyrad.journal.journal import Journal
from ephyrad.secrets.keys import KeyRing
from tests.bench.bare import BareStore
from tests.bench.table import Table

_TABLE = pytest.StashKey[Table]()
_SIZES = "2300"
_CARRIED = 100
_IMAGE_MIB = 256
_KEYS = 1000


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("bench")
    group.addoption(
        "--carried", type=int, default=_CARRIED, help="how many nodes are carried over HTTP"
    )
    group.addoption("--keys", type=int, default=_KEYS, help="how many SSH keys are swept")
    group.addoption("--image-mib", type=int, default=_IMAGE_MIB, help="how big an image is, in MiB")
    group.addoption(
        "--sizes",
        default=_SIZES,
        help="how many nodes a site has, where it counts: one or several numbers with commas",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "size" in metafunc.fixturenames:
        sizes = metafunc.config.getoption("--sizes", default=_SIZES)
        metafunc.parametrize("size", [int(size) for size in sizes.split(",")])


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TABLE] = Table()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    table = config.stash[_TABLE]
    if not table.rows:
        return
    terminalreporter.section("benchmark")
    terminalreporter.write_line(
        f"medians; ratio = ours / the other; {os.cpu_count()} cores,"
        f" load {os.getloadavg()[0]:.1f} at the end"
    )
    for line in table.lines():
        terminalreporter.write_line(line)


@pytest.fixture
def carried(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--carried", default=_CARRIED))


@pytest.fixture
def keys(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--keys", default=_KEYS))


@pytest.fixture
def image_mib(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--image-mib", default=_IMAGE_MIB))


@pytest.fixture
def table(pytestconfig: pytest.Config) -> Table:
    return pytestconfig.stash[_TABLE]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal.open(tmp_path, KeyRing.open(tmp_path / "keys"))
    yield journal
    journal.close()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[BareStore]:
    """On the same disk as the journal."""
    with BareStore(tmp_path / "bare.sqlite") as store:
        yield store
