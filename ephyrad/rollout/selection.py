# SPDX-License-Identifier: Apache-2.0
"""Which nodes are of a rollout, in which order, and how they get empty."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Declaration, DrainRule, Selection

IDLE = "idle"
"""The key of an order that puts idle nodes first."""

_NUMBER = re.compile(r"(\d+)")
_GLOB = re.compile(r"[*?[]")


def fits(selection: Selection, node: Candidate) -> bool:
    """Return whether a node meets all that a selection names."""
    wanted = (
        (selection.names, node.facts.name or ""),
        (selection.uuids, node.uuid),
        (selection.resource_classes, node.facts.resource_class or ""),
        (selection.conductor_groups, node.conductor_group),
        (selection.owners, node.owner or ""),
        *((patterns, node.value(key)) for key, patterns in selection.keys.items()),
    )
    if not all(_fits(patterns, value) for patterns, value in wanted if patterns):
        return False
    return all(_fits((pattern,), *node.traits) for pattern in selection.traits)


def belongs(declared: Declaration, node: Candidate) -> bool:
    """Return whether a node is of the rollout."""
    return any(fits(each, node) for each in declared.nodes) and not excluded(declared, node)


def excluded(declared: Declaration, node: Candidate) -> bool:
    """Return whether the rollout's file leaves a node out."""
    return any(fits(each, node) for each in declared.exclude)


def drain_of(declared: Declaration, node: Candidate) -> DrainRule:
    """Return how a node gets empty."""
    return next((rule for rule in declared.drains if fits(rule.nodes, node)), DrainRule())


def ordered(declared: Declaration, nodes: Iterable[Candidate]) -> Sequence[Candidate]:
    """Return the nodes in the order in which they are to be carried; numbers by their size."""

    def rank(node: Candidate) -> list[object]:
        keys = (_rank(key, node) for key in declared.order)
        return [*keys, _natural(node.facts.name or ""), node.uuid]

    return sorted(nodes, key=rank)


def _rank(key: str, node: Candidate) -> object:
    return (node.in_use,) if key == IDLE else _natural(node.value(key))


def _natural(text: str) -> list[tuple[str, int]]:
    """Return what sorts r2 before r10."""
    parts = _NUMBER.split(text)
    return [
        (word, int(number)) for word, number in zip(parts[::2], [*parts[1::2], "0"], strict=True)
    ]


def _fits(patterns: tuple[str, ...], *values: str) -> bool:
    plain, globs = _sorted_out(patterns)
    return any(
        value in plain or any(fnmatchcase(value, each) for each in globs) for value in values
    )


@lru_cache(maxsize=256)
def _sorted_out(patterns: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the patterns that are plain text, and the others.

    A reversal names thousands of nodes by their UUIDs, and each is looked for at every look.
    """
    globs = tuple(each for each in patterns if _GLOB.search(each))
    return frozenset(patterns).difference(globs), globs


def limit_keys(declared: Declaration) -> Sequence[str]:
    """Return the keys by whose values limits are kept."""
    return sorted(declared.limits.by_value)
