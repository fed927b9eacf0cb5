# SPDX-License-Identifier: Apache-2.0
"""A rollout on the whole terminal, drawn anew in place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ephyrad.cli import moments
from ephyrad.cli.report_text import tried
from ephyrad.cli.watch import Answer, Show, clean, counts, pace

_WAVES_SHOWN = 5
_FEWEST_ROWS = 3
# What is on the screen beside the rows of the two lists: their heads, the bar, empty lines.
_LINES_BESIDE = 15
_COLOURS = {"running": "green", "paused": "yellow", "stopping": "yellow"}


@contextmanager
def screen() -> Iterator[Show]:
    """Take the terminal, give what shows a rollout on it, and give the terminal back.

    What was shown last stays, below what was on the terminal before.
    """
    console = Console(highlight=False)
    last: list[RenderableType] = []
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:

            def show(answer: Answer, trouble: str) -> None:
                last[:] = [frame(answer, trouble, console.height)]
                live.update(last[0], refresh=True)

            yield show
    finally:
        for each in last:
            console.print(each)


def frame(answer: Answer, trouble: str, height: int) -> RenderableType:
    """Return a rollout as it is shown on a terminal of so many lines."""
    rows = max(
        (height - _LINES_BESIDE - min(len(answer["waves"]), _WAVES_SHOWN)) // 2, _FEWEST_ROWS
    )
    why = answer["reason"] or answer["waits_for"]
    parts: list[RenderableType] = [_title(answer)]
    if trouble:
        parts.append(Text(f"as it was last: {clean(trouble)}", style="red"))
    parts += [Text(clean(f"waits for {why}" if why == answer["waits_for"] else why))] if why else []
    parts += [Text(), _bar(answer), Text(counts(answer)), Text(pace(answer)), Text()]
    parts += [_wave(each) for each in answer["waves"][-_WAVES_SHOWN:]]
    held, flying = answer["held_nodes"], answer["in_flight_nodes"]
    if held:
        parts.append(_list(f"Held ({answer['held']})", held, rows, ("cause", "reason")))
    if flying:
        seen = [{**each, "state": _state(each)} for each in flying]
        parts.append(_list(f"In flight ({answer['in_flight']})", seen, rows, ("state",)))
    return Group(*parts)


def _title(answer: Answer) -> Text:
    title = Text(clean(answer["name"]), style="bold")
    title.append(f"  {answer['status']}", style=_COLOURS.get(answer["status"], "cyan"))
    return title.append(f" since {_age(answer['since'])}", style="not bold dim")


def _bar(answer: Answer) -> RenderableType:
    nodes, arrived = answer["nodes"], answer["arrived"]
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(ratio=1)
    grid.add_column()
    share = 100 * arrived // nodes if nodes else 100
    grid.add_row(ProgressBar(total=max(nodes, 1), completed=arrived if nodes else 1), f"{share} %")
    return grid


def _wave(wave: Mapping[str, Any]) -> Text:
    gates = tried(wave)
    held = f", {wave['held']} held" if wave["held"] else ""
    words = (
        f"wave {wave['number']} {wave['rule']}: {wave['arrived']} of {wave['nodes']} arrived{held}"
    )
    return Text(clean(f"{words} ({gates})" if gates else words), style="dim")


def _list(
    title: str, nodes: Sequence[Mapping[str, Any]], rows: int, columns: Sequence[str]
) -> RenderableType:
    table = Table(box=None, expand=True, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("node", no_wrap=True)
    table.add_column("for", no_wrap=True)
    for column in columns:
        table.add_column(column, no_wrap=True, ratio=None if column == "cause" else 1)
    for node in nodes[:rows]:
        table.add_row(
            Text(clean(node["name"] or node["node"])),
            _age(node["since"]),
            *(Text(clean(node[column])) for column in columns),
        )
    return Group(Text(), Text(title, style="bold"), table)


def _state(node: Mapping[str, Any]) -> str:
    # A daemon that is older than this command does not say it.
    return f"{node['state']}, aborted: goes back" if node.get("aborted") else str(node["state"])


def _age(text: str) -> str:
    return moments.span(moments.now() - moments.parse(text))
