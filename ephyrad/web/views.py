# SPDX-License-Identifier: Apache-2.0
"""What is on each page, made from the engine's answers: pure, and apart from how it is drawn."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from ephyrad.cli.moments import span
from ephyrad.drawing.burn_up import Course, burn_up
from ephyrad.engine.answers import HistoryAnswer, NodeAnswer, StatusAnswer
from ephyrad.engine.fleet_answers import BurnUpAnswer, FleetAnswer, MarkAnswer
from ephyrad.engine.rollout_answers import GateAnswer, RolloutAnswer, WaveAnswer
from ephyrad.migration.states import State
from ephyrad.web.looks import BACK, LOOKS, look_of, words_of

_PARTS = re.compile(r"([0-9]{1,18})|(.)", re.DOTALL)
_COARSE = timedelta(minutes=5)
"""What is an estimate is told no finer, or every look would find another one."""
_GRAINS = tuple(timedelta(seconds=seconds) for seconds in (300, 60, 15, 5))
"""The end of the line moves on by one of these, as the chart gets longer."""


@dataclass(frozen=True, slots=True)
class Tile:
    """So many nodes look so; `href` lists them."""

    code: str
    word: str
    means: str
    count: int
    href: str


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
class WaveRow:
    """A wave of a rollout, and in words what its gates say."""

    number: int
    rule: str
    opened: datetime
    nodes: int
    arrived: int
    held: int
    back: int
    gates: tuple[tuple[str, str, str], ...]
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class RolloutView:
    """A rollout. `chart` is SVG, `told` says the same in words. `may`: what can be asked of it."""

    name: str
    status: str
    since: datetime
    by: str
    reason: str
    waits_for: str
    counts: tuple[tuple[str, int], ...]
    outlook: str
    chart: str
    told: str
    planned: bool
    estimated: bool
    waves: tuple[WaveRow, ...]
    approval: int | None
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class FrontView:
    """The front page."""

    version: str
    tiles: tuple[Tile, ...]
    troubles: tuple[str, ...]
    rollout: RolloutView | None
    held: tuple[Row, ...]
    fleet: FleetView


@dataclass(frozen=True, slots=True)
class ListView:
    """The nodes that were asked for by `chosen`, in words."""

    chosen: str
    by: str
    rows: tuple[Row, ...]


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


def front(
    status: StatusAnswer | None,
    fleet: FleetAnswer,
    rollout: RolloutAnswer | None,
    course: BurnUpAnswer | None,
    now: datetime,
) -> FrontView:
    """Return the front page; None for what there is not, or is not for who asks."""
    return FrontView(
        version=status.version if status else "",
        tiles=tuple(_tiles(fleet)),
        troubles=tuple(_troubles(status)) if status else (),
        rollout=_rollout(rollout, course, now) if rollout and course else None,
        held=tuple(sorted(_held(fleet), key=lambda row: (row.since or now, row.name))),
        fleet=_fleet(fleet),
    )


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


def moment(at: datetime) -> str:
    """Return a moment for people, UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _tiles(fleet: FleetAnswer) -> Iterable[Tile]:
    counts = Counter(look_of(each).code for each in fleet.marks)
    for look in LOOKS:
        # What seldom is needs no place as long as it is not.
        if look is BACK and not counts[look.code]:
            continue
        href = urlencode({"by": fleet.by, "look": look.code})
        yield Tile(look.code, look.word, look.means, counts[look.code], href)


def _troubles(status: StatusAnswer) -> Iterable[str]:
    if status.journal_error:
        yield status.journal_error
    for cloud in status.clouds:
        if cloud.sweep_error:
            yield f"the {cloud.cloud} cloud cannot be read: {cloud.sweep_error}"
        if cloud.bus.startswith("down"):
            yield f"the {cloud.cloud} cloud's bus is {cloud.bus}; the sweep goes on"


def _fleet(fleet: FleetAnswer) -> FleetView:
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


def _held(fleet: FleetAnswer) -> Iterable[Row]:
    return (_row(each) for each in fleet.marks if each.cause is not None)


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


def _rollout(rollout: RolloutAnswer, course: BurnUpAnswer, now: datetime) -> RolloutView:
    counts = [
        ("nodes", rollout.nodes),
        ("begun", rollout.begun),
        ("in flight", rollout.in_flight),
        ("wait for owners", rollout.waiting),
        ("held", rollout.held),
        ("arrived", rollout.arrived),
        ("went back", rollout.back),
    ]
    over = rollout.status in ("stopped", "finished")
    end = rollout.since if over else now
    drawn = Course(
        start=course.started_at,
        now=_coarse(end, _grain(end - course.started_at)),
        nodes=max(rollout.nodes, course.nodes),
        arrived=course.arrived,
        planned=course.planned,
        eta=None if rollout.eta is None else _coarse(rollout.eta, _COARSE) + _COARSE,
        to_come=rollout.nodes - rollout.held - rollout.waiting - rollout.back,
        until=course.until,
    )
    return RolloutView(
        name=rollout.name,
        status=rollout.status,
        since=rollout.since,
        by=rollout.by,
        reason=rollout.reason,
        waits_for=rollout.waits_for,
        counts=tuple(counts),
        outlook=_outlook(rollout),
        chart=burn_up(drawn),
        told=_told(drawn, measured=course.measured),
        planned=bool(course.planned),
        estimated=rollout.eta is not None,
        waves=tuple(_wave(each) for each in reversed(rollout.waves)),
        approval=course.approval,
        may=frozenset(_may(rollout, course)),
    )


def _may(rollout: RolloutAnswer, course: BurnUpAnswer) -> Iterable[str]:
    if rollout.status == "running":
        yield "pause"
    if rollout.status == "paused":
        yield "resume"
    if course.approval is not None and rollout.status in ("running", "paused"):
        yield "approve"


def _outlook(rollout: RolloutAnswer) -> str:
    if rollout.eta is not None:
        about = f"{_coarse(rollout.eta, _COARSE) + _COARSE:%Y-%m-%d %H:%M}"
        return f"{rollout.pace} arrived within the last hour; at that pace all would by {about}"
    return rollout.eta_unknown


def _told(drawn: Course, *, measured: bool) -> str:
    words = f"{len(drawn.arrived)} of {drawn.nodes} nodes arrived"
    if not drawn.planned:
        return words
    due = sum(at <= drawn.now for at in drawn.planned)
    basis = "at the pace of those that arrived" if measured else "at a guess of 30 minutes a node"
    return f"{words}; by its plan, {basis}, {due} would have"


def _wave(wave: WaveAnswer) -> WaveRow:
    return WaveRow(
        number=wave.number,
        rule=wave.rule,
        opened=wave.opened,
        nodes=wave.nodes,
        arrived=wave.arrived,
        held=wave.held,
        back=wave.back,
        gates=tuple(map(_gate, wave.gates)),
        approved_by=wave.approved_by,
    )


def _gate(gate: GateAnswer) -> tuple[str, str, str]:
    return gate.gate, gate.result or "is tried", gate.words


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


def _grain(length: timedelta) -> timedelta:
    return next((grain for grain in _GRAINS if grain <= length / 200), _GRAINS[-1])


def _coarse(at: datetime, step: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (at - epoch) // step * step
