# SPDX-License-Identifier: Apache-2.0
"""What an operator greps for, as text and as JSON: a line for each transition and each hold."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from oslo_config import cfg
from oslo_log import formatters, log

from ephyrad.migration.entries import Held, Moved
from tests.simulation.fleet import Kind
from tests.unit.engine.rig import Rig, rig

Lines = Callable[[], list[str]]


@pytest.fixture(params=["text", "json"])
def lines(request: pytest.FixtureRequest) -> Iterator[Lines]:
    """The messages of all lines that oslo.log writes at DEBUG; each is one line whatever it says.

    As JSON, a line's other fields are part of its text here: a secret may be in any of them.
    """
    conf = cfg.ConfigOpts()
    log.register_options(conf)
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override("debug", True)
    as_json = request.param == "json"
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(
        formatters.JSONFormatter() if as_json else formatters.ContextFormatter(config=conf)
    )
    ours = logging.getLogger("ephyrad")
    level = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.DEBUG)

    def read() -> list[str]:
        found = written.getvalue().splitlines()
        return [f"{json.loads(line)['message']} {line}" for line in found] if as_json else found

    yield read
    ours.removeHandler(handler)
    ours.setLevel(level)


def _carried(made: Rig) -> None:
    made.operations.migrate([each.name for each in made.fleet], by="ann")
    made.run(3 * 3600)


def test_each_transition_is_one_line_with_its_node(tmp_path: Path, lines: Lines) -> None:
    made = rig(tmp_path, Kind.IDLE, Kind.IDLE)

    _carried(made)

    for node in made.fleet:
        moves = [e for _, e in made.journal.history(node.uuid) if isinstance(e, Moved)]
        assert len(moves) == 5
        for move in moves:
            words = f"node {node.name} ({node.uuid}): {move.source} -> {move.dest}: {move.because}"
            assert len([line for line in lines() if words in line]) == 1


def test_each_hold_and_release_is_one_line_with_its_node(tmp_path: Path, lines: Lines) -> None:
    made = rig(tmp_path, Kind.BEWITCHED)
    node = made.fleet[0]

    _carried(made)
    made.operations.release(node.name, by="ann")
    made.operations.hold(node.name, reason="to look at it", by="bob")

    label = f"node {node.name} ({node.uuid}): "
    first, second = [e for _, e in made.journal.history(node.uuid) if isinstance(e, Held)]
    for words in (
        f"{label}held ({first.cause}): {first.reason}",
        f"{label}released by ann",
        f"{label}held (operator): {second.reason}",
    ):
        assert len([line for line in lines() if words in line]) == 1, words


def test_no_line_has_a_secret(tmp_path: Path, lines: Lines) -> None:
    made = rig(tmp_path, Kind.IDLE)

    _carried(made)

    assert lines()
    assert [line for line in lines() if "canary" in line] == []
