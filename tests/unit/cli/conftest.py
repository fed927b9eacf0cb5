# SPDX-License-Identifier: Apache-2.0
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from ephyrad.api.server import ApiServer
from ephyrad.api.settings import ApiSettings
from ephyrad.cli import moments
from ephyrad.cli.app import main
from tests.fakes.operations import FakeOperations

TEXT = "name: spring\nnodes: {resource_class: baremetal}\n"
"""A rollout's file."""


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def operations() -> FakeOperations:
    return FakeOperations(rack1="0a1b", rack2="0c2d")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "spring.yaml"
    path.write_text(TEXT)
    return str(path)


@pytest.fixture
def path(tmp_path: Path, operations: FakeOperations) -> Iterator[Path]:
    """The socket of a real server over the fake engine."""
    path = tmp_path / "sock"
    server = ApiServer(ApiSettings(path), operations)
    server.start()
    yield path
    server.stop()


@pytest.fixture
def plain_log() -> Iterator[None]:
    """cliff adds a handler to the root logger with every run; take them away again."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def ephyra(
    path: Path,
    operations: FakeOperations,
    plain_log: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Run a command against the daemon, at the moment where the fake engine is."""

    def now() -> datetime:
        return operations.now

    monkeypatch.setenv("EPHYRA_SOCKET", str(path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(moments, "now", now)
    root = logging.getLogger()
    handlers = list(root.handlers)

    def run(*words: str) -> Result:
        # cliff adds a handler with every run, and would say all as often as it was run.
        root.handlers[:] = handlers
        try:
            status = main(words)
        except SystemExit as end:
            status = int(str(end.code))
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return run
