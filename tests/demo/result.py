# SPDX-License-Identifier: Apache-2.0
"""The end of the demo: every node's way with its times, and the check, as tables."""

import statistics
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.demo.board import STATES, table
from tests.harness import belongings
from tests.harness.verdict import Verdict

_COUNTED = ("fields", "traits", *belongings.KINDS)

History = Sequence[Mapping[str, Any]]


def ways(histories: Mapping[str, History], in_use: Collection[str]) -> str:
    """Return the table of the ways: how many seconds each state took to be reached."""
    rows = [
        [name, "in use" if name in in_use else "idle", *_took(history)]
        for name, history in histories.items()
    ]
    return table(["node", "was", *STATES[1:], "all"], rows)


def check(verdicts: Sequence[Verdict]) -> str:
    """Return the table of the check: how much of each node is equal in the new cloud."""
    header = ["node", *_COUNTED, "new cloud only, once"]
    return table(header, [_checked(one) for one in verdicts])


def reaction(lags: Sequence[float]) -> str:
    """Return how soon ephyrad acted, in words; `lags` are in seconds."""
    if not lags:
        return "no notification told of the end of a wait"
    return (
        f"from a cloud's change to ephyrad's next effect: median {statistics.median(lags):.2f} s,"
        f" longest {max(lags):.2f} s, of {len(lags)} notifications"
    )


def _took(history: History) -> list[str]:
    asked = datetime.fromisoformat(history[0]["at"])
    moves = [datetime.fromisoformat(row["at"]) for row in history if row["kind"] == "transition"]
    steps = [f"{_seconds(a, b):.1f}" for a, b in zip([asked, *moves], moves, strict=False)]
    missing = ["-"] * (len(STATES) - 1 - len(steps))
    return [*steps, *missing, f"{_seconds(asked, moves[-1]):.1f}" if moves else "-"]


def _checked(verdict: Verdict) -> list[str]:
    counts = [verdict.equal.get(kind) for kind in _COUNTED]
    shown = ["-" if count is None else _equal(*count) for count in counts]
    return [verdict.node, *shown, "WRONG" if verdict.complaints else "right"]


def _equal(equal: int, total: int) -> str:
    return f"{equal}/{total}" if total else "none"


def _seconds(before: datetime, after: datetime) -> float:
    return (after - before).total_seconds()
