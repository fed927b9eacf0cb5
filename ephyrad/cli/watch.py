# SPDX-License-Identifier: Apache-2.0
"""Watching a rollout: it is asked for again and again, and shown, until it is over."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol, TextIO

from ephyrad.cli import moments
from ephyrad.cli.errors import CommandError, ExitStatus

Answer = Mapping[str, Any]

OVER = ("stopped", "finished")
_CHANGES = (
    *("status", "reason", "waits_for", "nodes", "begun", "in_flight", "waiting", "held", "arrived"),
    *("back", "waves"),
)


class Show(Protocol):
    """Shows a rollout, with what is in the way of asking for it, "" where nothing is."""

    def __call__(self, answer: Answer, trouble: str) -> None:
        """Show it."""


def watch(ask: Callable[[], Answer], show: Show, pause: Callable[[], object]) -> None:
    """Show a rollout until it is over; a daemon that is away for a while is waited for.

    `pause` says whether the one who watches has had enough.

    :raises CommandError: it could not be asked for at first, or is gone.
    """
    answer, trouble = ask(), ""
    while True:
        show(answer, trouble)
        if answer["status"] in OVER and not trouble:
            return
        if pause():
            return
        try:
            answer, trouble = ask(), ""
        except CommandError as error:
            if error.status != ExitStatus.NO_DAEMON:
                raise
            trouble = str(error)


@contextmanager
def pauses(seconds: float) -> Iterator[Callable[[], object]]:
    """Give what lets so much time pass, and says whether Ctrl-C was pressed meanwhile.

    It is not raised in the middle of a drawing. Pressed once more, it ends the program.
    """
    left = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def leave(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        left.set()

    signal.signal(signal.SIGINT, leave)
    try:
        yield lambda: left.wait(seconds)
    finally:
        signal.signal(signal.SIGINT, before)


class Lines:
    """Writes a line whenever something changed: for a pipe or a file."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._told: object = None

    def __call__(self, answer: Answer, trouble: str) -> None:
        """Write a line, unless all is as the last one said."""
        now = (trouble, [answer[name] for name in _CHANGES])
        if now != self._told:
            self._told = now
            told = clean(trouble or line(answer))
            print(f"{moments.now():%FT%TZ} {told}", file=self._out, flush=True)


def clean(text: str) -> str:
    """Return a text in one line that cannot steer the terminal."""
    return "".join(each if each.isprintable() else " " for each in text)


def line(answer: Answer) -> str:
    """Return a rollout in one line."""
    why = answer["reason"] or answer["waits_for"]
    return f"{answer['status']}: {counts(answer)}{f'; {why}' if why else ''}"


def counts(answer: Mapping[str, Any]) -> str:
    """Return how the nodes of a rollout stand, in words."""
    later = answer["nodes"] - answer["begun"]
    settled = ("arrived", "back", "in_flight", "waiting", "held")
    due = answer["begun"] - sum(answer[name] for name in settled)
    parts = [
        f"{answer['arrived']} of {answer['nodes']} arrived",
        *([f"{answer['back']} went back"] if answer["back"] else []),
        f"{answer['in_flight']} in flight",
        f"{answer['waiting']} wait for their owners",
        f"{answer['held']} held",
        *([f"{due} wait for their turn"] if due else []),
        f"{later} to be begun with",
    ]
    return ", ".join(parts)


def pace(answer: Answer) -> str:
    """Return how fast nodes arrive, and when the last one would, in words."""
    words = f"{answer['pace']} arrived within the last hour"
    if answer["eta"] is None:
        return f"{words}; the end cannot be told: {answer['eta_unknown']}"
    end = moments.parse(answer["eta"])
    return (
        f"{words}; the end at that pace: {end:%F %H:%M}Z ({moments.relative(end, moments.now())})"
    )
