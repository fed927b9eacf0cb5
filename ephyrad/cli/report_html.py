# SPDX-License-Identifier: Apache-2.0
"""A report as one HTML page that needs nothing else: no script, no file beside, no network."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from ephyrad.cli.report_charts import arrivals, stays
from ephyrad.cli.report_text import length, moment, named, tried, verdict
from ephyrad.drawing.palette import CHARTS, COLOURS

_Json = Mapping[str, Any]

_STYLE = """
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--page);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; }
p { margin: .3rem 0; }
.soft { color: var(--soft); }
.verdict { margin: 1rem 0; padding: .7rem 1rem; border-left: 4px solid var(--bad);
  background: var(--card); font-weight: 600; }
.verdict.good { border-color: var(--good); }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; padding: 0;
  list-style: none; }
.tiles li { flex: 1 1 7rem; padding: .6rem .9rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--card); }
.tiles b { display: block; font-size: 1.4rem; white-space: nowrap; line-height: 1.2;
  font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: var(--card); }
th, td { padding: .35rem .7rem; border: 1px solid var(--line); text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
figure { margin: .75rem 0; padding: .75rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--card); overflow-x: auto; }
figcaption { color: var(--soft); font-size: .9rem; margin-bottom: .4rem; }
svg { display: block; width: 100%; height: auto; min-width: 34rem; }
summary { cursor: pointer; padding: .2rem 0; }
details { margin: .5rem 0; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
@media print { body { max-width: none; padding: 0; } }
"""


def as_html(answer: _Json) -> str:
    """Return the page of a report. All that it quotes is escaped."""
    title = f"Rollout {answer['name']}" if answer["name"] else "All nodes that ephyrad carried"
    body = "\n".join(_body(title, answer))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{COLOURS}{_STYLE}{CHARTS}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _body(title: str, answer: _Json) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    yield f'<p class="soft">as of {escape(moment(answer["at"]))}</p>'
    yield from _verdict(answer)
    figures = answer["figures"]
    yield from _tiles(figures)
    for campaign in answer["campaigns"]:
        yield from _campaign(campaign)
    yield from _durations(figures)
    yield from _holds(figures["holds"])
    yield from _left(answer)


def _verdict(answer: _Json) -> Iterator[str]:
    words = verdict(answer)
    good = " good" if words.startswith("Nothing is left") else ""
    yield f'<p class="verdict{good}">{escape(words)}</p>'


def _tiles(figures: _Json) -> Iterator[str]:
    shown = {"nodes": str(figures["nodes"])}
    shown |= {word: str(count) for word, count in figures["outcomes"].items()}
    if figures["whole"]:
        shown["median of the whole way"] = length(figures["whole"]["median_seconds"])
    tiles = (f"<li><b>{escape(count)}</b>{escape(word)}</li>" for word, count in shown.items())
    yield f'<ul class="tiles">{"".join(tiles)}</ul>'


def _campaign(campaign: _Json) -> Iterator[str]:
    rollout = campaign["rollout"]
    yield f"<h2>Rollout {escape(rollout['name'])}: {escape(rollout['status'])}</h2>"
    if rollout["reason"]:
        yield f"<p>{escape(rollout['reason'])}</p>"
    if rollout["waves"]:
        yield _table(
            ("wave", "rule", "opened", "nodes", "arrived", "held", "gates"),
            [
                (
                    str(wave["number"]),
                    wave["rule"],
                    moment(wave["opened"]),
                    *(str(wave[name]) for name in ("nodes", "arrived", "held")),
                    tried(wave),
                )
                for wave in rollout["waves"]
            ],
            numbers={0, 3, 4, 5},
            times={2},
        )
    story = campaign["story"]
    yield f"<details open><summary>What happened ({len(story)})</summary>"
    yield _table(
        ("when", "what"), [(moment(each["at"]), each["summary"]) for each in story], times={0}
    )
    yield "</details>"


def _durations(figures: _Json) -> Iterator[str]:
    if figures["pace"]:
        yield "<h2>Arrivals</h2>"
        step = length(figures["step_seconds"])
        yield _figure(f"nodes that arrived, by {step}", arrivals(figures["pace"]))
    spreads = dict(figures["states"])
    if figures["whole"]:
        spreads["whole way"] = figures["whole"]
    if not spreads:
        return
    yield "<h2>How long it took</h2>"
    yield _figure(
        "median (dot), what nine of ten stayed within (bar) and the longest (line), on a"
        " logarithmic scale; waits and holds included",
        stays(spreads),
    )
    yield _table(
        ("", "nodes", "median", "9 of 10 within", "longest"),
        [(name, str(each["count"]), *_lengths(each)) for name, each in spreads.items()],
        numbers={1, 2, 3, 4},
    )


def _holds(holds: Sequence[_Json]) -> Iterator[str]:
    if not holds:
        return
    yield "<h2>Holds</h2>"
    yield _table(
        ("cause", "times", "nodes", "stand", "median", "9 of 10 within", "longest"),
        [
            (
                each["cause"],
                *(str(each[name]) for name in ("count", "nodes", "standing")),
                *_lengths(each["lasted"]),
            )
            for each in holds
        ],
        numbers={1, 2, 3, 4, 5, 6},
    )


def _left(answer: _Json) -> Iterator[str]:
    yield f"<h2>Left in the {escape(answer['cloud'])} cloud</h2>"
    for trouble in answer["unread"]:
        yield f"<p><b>Could not be read:</b> {escape(trouble)}</p>"
    if not answer["leftovers"]:
        yield "<p>Nothing that could be read.</p>" if answer["unread"] else "<p>Nothing.</p>"
    for each in answer["leftovers"]:
        things = each["things"]
        yield f"<details><summary><b>{len(things)}</b> {escape(each['text'])}</summary>"
        yield f'<p class="soft">{escape(each["cure"])}</p>'
        items = "".join(f"<li>{escape(named(thing))}</li>" for thing in things)
        yield f"<ul>{items}</ul></details>"


def _figure(caption: str, drawing: str) -> str:
    return f"<figure><figcaption>{escape(caption)}</figcaption>{drawing}</figure>"


def _table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Iterable[int] = (),
    times: Iterable[int] = (),
) -> str:
    classes = dict.fromkeys(numbers, ' class="number"') | dict.fromkeys(times, ' class="time"')

    def row(cells: Sequence[str], tag: str) -> str:
        shown = (
            f"<{tag}{classes.get(at, '')}>{escape(cell)}</{tag}>" for at, cell in enumerate(cells)
        )
        return f"<tr>{''.join(shown)}</tr>"

    body = "".join(row(each, "td") for each in rows)
    return (
        f'<div class="wide"><table><thead>{row(head, "th")}</thead><tbody>{body}</tbody></table>'
        "</div>"
    )


def _lengths(spread: _Json) -> Sequence[str]:
    names = ("median_seconds", "ninety_seconds", "longest_seconds")
    return [length(spread[name]) for name in names]
