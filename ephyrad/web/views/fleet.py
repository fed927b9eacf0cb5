# SPDX-License-Identifier: Apache-2.0
"""The nodes, in groups and in lists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from ephyrad.engine.fleet_answers import FleetAnswer, MarkAnswer
from ephyrad.migration.states import State
from ephyrad.web.looks import look_of, words_of

_PARTS = re.compile(r"([0-9]{1,18})|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mark:
    """A node's mark. `node` is "" where it has no page: nobody asked for it."""

    node: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that have the same under the key; `words` count them."""

    name: str
    words: str
    href: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class FleetView:
    """`keys` are those by which it may be grouped, `by` the one that was chosen."""

    by: str
    keys: tuple[str, ...]
    groups: tuple[Group, ...]
    unread: str


@dataclass(frozen=True, slots=True)
class Row:
    """A node in a list."""

    node: str
    name: str
    group: str
    code: str
    word: str
    since: datetime | None
    words: str
    linked: bool


@dataclass(frozen=True, slots=True)
class ListView:
    """The nodes that were asked for by `chosen`, in words."""

    chosen: str
    by: str
    rows: tuple[Row, ...]


def fleet_view(fleet: FleetAnswer) -> FleetView:
    """Return the nodes in the groups that were asked for."""
    groups: dict[str, list[MarkAnswer]] = {}
    for mark in fleet.marks:
        groups.setdefault(mark.group, []).append(mark)
    if fleet.trouble:
        unread = f"The clouds could not be read: {fleet.trouble}"
    elif fleet.read_at is None:
        unread = "The clouds are being read; nodes that nobody asked for show up in a moment."
    else:
        unread = ""
    # What has nothing under the key comes last.
    ordered = sorted(groups.items(), key=lambda item: (not item[0], _natural(item[0])))
    made = tuple(_group(fleet.by, name, marks) for name, marks in ordered)
    return FleetView(fleet.by, tuple(dict.fromkeys((*fleet.keys, fleet.by))), made, unread)


def node_list(fleet: FleetAnswer, *, look: str | None, group: str | None) -> ListView:
    """Return the nodes that look so, and are of that group; None: of any."""
    chosen = [
        *([f"{fleet.by} {group or 'not set'}"] if group is not None else []),
        *([look] if look is not None else []),
    ]
    rows = (
        _row(each)
        for each in fleet.marks
        if look in (None, look_of(each).code) and group in (None, each.group)
    )
    return ListView(", ".join(chosen) or "all", fleet.by, tuple(rows))


def held_rows(fleet: FleetAnswer, now: datetime) -> tuple[Row, ...]:
    """Return the nodes that are held, those that are longest first."""
    rows = (_row(each) for each in fleet.marks if each.cause is not None)
    return tuple(sorted(rows, key=lambda row: (row.since or now, row.name)))


def _group(by: str, name: str, marks: Sequence[MarkAnswer]) -> Group:
    made = tuple(map(_mark, marks))
    arrived = sum(each.code == State.COMPUTE_READY for each in made)
    return Group(
        name=name or "not set",
        words=f"{arrived} of {len(marks)}",
        href=urlencode({"by": by, "group": name}),
        marks=made,
    )


def _mark(mark: MarkAnswer) -> Mark:
    linked = mark.node if mark.state is not None else ""
    return Mark(linked, look_of(mark).code, f"{mark.name or mark.node}: {words_of(mark)}")


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Return what sorts r2 before r10."""
    parts = _PARTS.findall(text)
    return [(0, int(digits), "") if digits else (1, 0, char) for digits, char in parts]


def _row(mark: MarkAnswer) -> Row:
    look = look_of(mark)
    held = mark.cause is not None
    return Row(
        node=mark.node,
        name=mark.name or mark.node,
        group=mark.group,
        code=look.code,
        word=words_of(mark),
        since=mark.since,
        words=mark.reason if held else "",
        linked=mark.state is not None,
    )
