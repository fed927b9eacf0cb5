# SPDX-License-Identifier: Apache-2.0
"""What is on the page of a node."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ephyrad.cli.moments import span
from ephyrad.engine.answers import HistoryAnswer, NodeAnswer
from ephyrad.migration.states import State


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry of a node's journal. `after`: how long after the one before, "" where at once."""

    seq: int
    at: datetime
    kind: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node and all that happened to it. `reached`: the states, and which it is in or was."""

    node: NodeAnswer
    name: str
    code: str
    word: str
    steps: tuple[tuple[str, str], ...]
    story: tuple[Happening, ...]
    may: frozenset[str]


def node_view(node: NodeAnswer, history: Sequence[HistoryAnswer]) -> NodeView:
    """Return a node's page."""
    code, word = ("held", f"held: {node.cause}") if node.held else (node.state, node.state)
    over = node.state == State.COMPUTE_READY or node.doing.startswith("aborted: back")
    may = {"release"} if node.held else set() if over else {"hold"}
    return NodeView(
        node=node,
        name=node.name or node.node,
        code=code,
        word=word,
        steps=tuple(_steps(node.state)),
        story=tuple(reversed(list(_story(history)))),
        may=frozenset(may),
    )


def _steps(state: str) -> Iterable[tuple[str, str]]:
    order = [each.value for each in State]
    at = order.index(state)
    for number, name in enumerate(order):
        yield name, "done" if number < at else "now" if number == at else "to come"


def _story(history: Sequence[HistoryAnswer]) -> Iterable[Happening]:
    before: datetime | None = None
    for entry in history:
        gap = timedelta() if before is None else entry.at - before
        after = span(gap) if gap >= timedelta(seconds=1) else ""
        yield Happening(entry.seq, entry.at, entry.kind, entry.summary, after)
        before = entry.at
