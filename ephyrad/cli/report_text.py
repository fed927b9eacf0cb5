# SPDX-License-Identifier: Apache-2.0
"""A report as text."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from ephyrad.cli import moments

_WIDE = 100
_THINGS_SHOWN = 20
_BAR = 40
_POINTS_SHOWN = 48

_Json = Mapping[str, Any]


def as_text(answer: _Json) -> Iterator[str]:
    """Yield the lines of a report."""
    subject = f"rollout {answer['name']}" if answer["name"] else "all nodes that were asked for"
    yield f"{subject}, {moment(answer['at'])}"
    for campaign in answer["campaigns"]:
        yield from _campaign(campaign)
    yield from _figures(answer["figures"])
    yield from _left(answer)


def verdict(answer: _Json) -> str:
    """Return in a line whether anything is left in the cloud that nodes leave."""
    cloud = f"the {answer['cloud']} cloud"
    found = {each["kind"]: len(each["things"]) for each in answer["leftovers"]}
    queues = found.pop("queues", 0)
    count = sum(found.values())
    if answer["unread"]:
        return f"Not all of it could be read, so nobody can tell whether {cloud} may be retired."
    if count:
        return f"{count} things are left to see to before {cloud} may be retired."
    if queues:
        return f"Nothing is left but ephyrad's own queues: {cloud} may be retired."
    return f"Nothing is left: {cloud} may be retired."


def moment(text: str) -> str:
    """Return a moment of the API for people, UTC."""
    return f"{moments.parse(text):%Y-%m-%d %H:%M}Z"


def length(seconds: float) -> str:
    """Return a length of time for people."""
    return moments.span(timedelta(seconds=seconds))


def tried(wave: _Json) -> str:
    """Return in words what came of the gates of a wave; "" where there was none."""
    gates = [f"{gate['gate']}: {gate['result'] or 'is tried'}" for gate in wave["gates"]]
    if wave["approved_by"]:
        gates.append(f"approved by {wave['approved_by']}")
    return ", ".join(gates)


def _campaign(campaign: _Json) -> Iterator[str]:
    rollout = campaign["rollout"]
    why = f": {rollout['reason']}" if rollout["reason"] else ""
    yield ""
    yield from _wrapped(f"Rollout {rollout['name']}, {rollout['status']}{why}", "")
    for wave in rollout["waves"]:
        gates = tried(wave)
        held = f", {wave['held']} held" if wave["held"] else ""
        yield (
            f"  wave {wave['number']} {wave['rule']}: {wave['arrived']} of {wave['nodes']} arrived"
            f"{held}{f' ({gates})' if gates else ''}"
        )
    for entry in campaign["story"]:
        yield from _wrapped(entry["summary"], f"  {moment(entry['at'])}  ")


def _figures(figures: _Json) -> Iterator[str]:
    outcomes = ", ".join(f"{count} {word}" for word, count in figures["outcomes"].items())
    yield f"\nNodes: {figures['nodes']}{f' ({outcomes})' if outcomes else ''}"
    spreads = dict(figures["states"])
    if figures["whole"]:
        spreads["whole way"] = figures["whole"]
    if spreads:
        yield "\nHow long, waits and holds included"
        yield from _table(
            ("", "nodes", "median", "9 of 10 within", "longest"),
            [(name, str(each["count"]), *_lengths(each)) for name, each in spreads.items()],
        )
    if figures["holds"]:
        yield "\nHolds"
        yield from _table(
            ("", "times", "nodes", "stand", "median", "9 of 10 within", "longest"),
            [
                (
                    each["cause"],
                    *(str(each[name]) for name in ("count", "nodes", "standing")),
                    *_lengths(each["lasted"]),
                )
                for each in figures["holds"]
            ],
        )
    if figures["pace"]:
        yield from _pace(figures)


def _pace(figures: _Json) -> Iterator[str]:
    points = figures["pace"]
    most = max(point["arrived"] for point in points)
    arrived = sum(point["arrived"] for point in points)
    hours = len(points) * figures["step_seconds"] / 3600
    yield (
        f"\nArrivals by {length(figures['step_seconds'])}: {arrived} within {hours:.0f} h,"
        f" {arrived / hours:.1f} an hour"
    )
    if len(points) > _POINTS_SHOWN:
        yield f"  the last {_POINTS_SHOWN} of {len(points)}; -f json has all"
    for none, run in groupby(points[-_POINTS_SHOWN:], key=lambda point: not point["arrived"]):
        first, *others = run
        if none and others:
            yield "  ..."
            continue
        for point in (first, *others):
            bar = "#" * round(_BAR * point["arrived"] / most)
            yield f"  {moment(point['at'])} {point['arrived']:>5} {bar}".rstrip()


def _left(answer: _Json) -> Iterator[str]:
    yield f"\nLeft in the {answer['cloud']} cloud"
    for trouble in answer["unread"]:
        yield from _wrapped(trouble, "  could not be read: ")
    for each in answer["leftovers"]:
        yield ""
        yield from _wrapped(f"{len(each['things'])}: {each['text']}", "  ")
        yield from _wrapped(each["cure"], "    cure: ")
        for thing in each["things"][:_THINGS_SHOWN]:
            yield from _wrapped(named(thing), "    ")
        more = len(each["things"]) - _THINGS_SHOWN
        if more > 0:
            yield f"    and {more} more; -f json and --html have all"
    yield f"\n{verdict(answer)}"


def named(thing: _Json) -> str:
    """Return how a thing is called, and what is said of it."""
    known = thing["name"] not in {None, thing["id"]}
    name = f"{thing['name']} ({thing['id']})" if known else thing["id"]
    return f"{name}: {thing['words']}" if thing["words"] else str(name)


def _lengths(spread: _Json) -> Sequence[str]:
    names = ("median_seconds", "ninety_seconds", "longest_seconds")
    return [length(spread[name]) for name in names]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        first, *rest = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {first.strip():<{widths[0]}}  {'  '.join(rest)}".rstrip()


def _wrapped(text: str, lead: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        _WIDE,
        initial_indent=lead,
        subsequent_indent=" " * (len(lead) - len(lead.lstrip()) + 2),
        break_on_hyphens=False,
    ) or [lead.rstrip()]
