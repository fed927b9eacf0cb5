# SPDX-License-Identifier: Apache-2.0
"""Findings: what a preflight has to say of ephyrad, of a cloud, or of nodes, put together by cause.

Nothing is passed that could not be judged: that is a finding of its own.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


class Weight(enum.StrEnum):
    """How much a finding matters."""

    PROBLEM = "problem"
    """It stands in the way."""
    UNJUDGED = "unjudged"
    """Nobody knows whether something stands in the way."""
    REMARK = "remark"
    """It stands in nobody's way, and is good to know."""


class Where(enum.StrEnum):
    """What a finding is about."""

    EPHYRAD = "ephyrad"
    OLD = "old cloud"
    NEW = "new cloud"
    NODES = "nodes"


class Topic(enum.StrEnum):
    """Causes in one word for machines, beside those by which nodes are held."""

    ACCESS = "access"
    SERVICE = "service"
    CONDUCTORS = "conductors"
    BUS = "bus"
    JOURNAL = "journal"
    KEY_FILE = "key-file"
    LIMIT = "limit"
    BMC = "bmc-unreachable"
    UNDER_WAY = "under-way"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing, in words with the cure. `common` says it without what is a single node's own."""

    weight: Weight
    cause: str
    text: str
    common: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A node of the old cloud, and all that was found of it."""

    node: str
    name: str | None
    findings: tuple[Finding, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether it is known that nothing stands in the way."""
        return all(each.weight is Weight.REMARK for each in self.findings)

    @property
    def label(self) -> str:
        """How people call it."""
        return self.name or self.node


@dataclass(frozen=True, slots=True)
class Concerned:
    """A node that a group is about, and the finding in its own words."""

    node: str
    name: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """The same finding of one or more nodes, or of no node at all."""

    weight: Weight
    where: Where
    cause: str
    text: str
    nodes: tuple[Concerned, ...] = ()


def grouped(general: Mapping[Where, Sequence[Finding]], nodes: Iterable[Judged]) -> list[Group]:
    """Return all findings, what stands in the way first; of nodes, those of most nodes first."""
    concerned: dict[tuple[Weight, str, str], list[Concerned]] = {}
    for judged in nodes:
        for each in judged.findings:
            key = (each.weight, each.cause, each.common or each.text)
            concerned.setdefault(key, []).append(Concerned(judged.node, judged.name, each.text))
    groups = [
        Group(each.weight, where, each.cause, each.text)
        for where, findings in general.items()
        for each in findings
    ]
    for (weight, cause, common), members in concerned.items():
        # What is said of one node alone is said in its own words.
        text = members[0].text if len(members) == 1 else common
        of_name = sorted(members, key=lambda member: (member.name or "", member.node))
        groups.append(Group(weight, Where.NODES, cause, text, tuple(of_name)))
    return sorted(groups, key=_rank)


def _rank(group: Group) -> tuple[int, int, int, str]:
    return (
        list(Weight).index(group.weight),
        list(Where).index(group.where),
        -len(group.nodes),
        group.text,
    )
