# SPDX-License-Identifier: Apache-2.0
"""What a preflight answers to operators: frozen types of plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ConcernedAnswer:
    """A node that a finding is about, and the finding in this node's own words."""

    node: str
    name: str | None
    text: str


@dataclass(frozen=True, slots=True)
class FindingAnswer:
    """The same finding of one or more nodes, or of ephyrad or a cloud and so of no single node.

    `weight` is "problem", "unjudged" or "remark"; `where` is "ephyrad", "old cloud", "new cloud" or
    "nodes". `cause` is one word for machines; `text` says it with the cure.
    """

    weight: str
    where: str
    cause: str
    text: str
    nodes: tuple[ConcernedAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class PreflightAnswer:
    """What was found, problems first. `at` is before the first of it was read (UTC).

    Of the nodes that were looked at, nothing stands in the way of `ready`, something does of
    `hindered`, and `unjudged` could not be judged whole, whatever else was found of them.
    `left_out` counts those that are on their way or have arrived. `services` says by cloud how its
    services are reached, as "Nova 2.95".
    """

    at: datetime
    ready: int
    hindered: int
    unjudged: int
    left_out: int
    findings: tuple[FindingAnswer, ...]
    services: dict[str, tuple[str, ...]]


class PreflightOperations(Protocol):
    """What an operator can ask before anything is changed."""

    def preflight(self, nodes: Sequence[str], *, bmc: bool) -> PreflightAnswer:
        """Look at everything that may stand in the way; change nothing.

        Of these nodes (UUIDs or names), or of every node of the old cloud that is not on its way.
        `bmc`: also try whether their BMCs answer. May raise
        :class:`ephyrad.engine.answers.OperationError`.
        """
