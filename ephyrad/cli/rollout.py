# SPDX-License-Identifier: Apache-2.0
"""ephyra rollout: start a campaign, see it, steer it."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ephyrad.cli import moments
from ephyrad.cli.columns import Age, Described, Moment, OrDash, Ordinal, Wrapped
from ephyrad.cli.command import List, Show, refuse
from ephyrad.cli.errors import CommandError, ExitStatus
from ephyrad.cli.watch import OVER, Lines, counts, pauses, watch

_LARGEST = 1024 * 1024

ROW = ("name", "status", "since", "direction", "nodes", "arrived", "in_flight", "waiting", "held")
DETAILS = (
    *("name", "status", "since", "by", "cause", "reason", "waits_for", "direction", "started_at"),
    *("started_by", "nodes", "pace", "eta", "waves"),
)
HISTORY = ("seq", "at", "kind", "summary")
PLANNED = ("name", "node", "wave", "why")
CHANGE = ("place", "before", "after")

_INTERVAL = 2.0
_LONGEST_INTERVAL = 3600.0


class _OfFile(Show):
    """A command about a rollout that a file declares."""

    columns = DETAILS

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return with_file(super().get_parser(prog_name))


class _OfName(Show):
    """A command about a rollout by its name."""

    columns = DETAILS

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return _with_name(super().get_parser(prog_name))


class Plan(List):
    """Show what would become of the rollout that a file declares; change nothing.

    Every node of the cloud that it would leave is shown with its wave, or with the reason why it
    gets into none. What is said beside the table: the capacity of both clouds at each wave, when
    the last node would arrive, and what is waited for then.
    """

    columns = PLANNED

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return with_file(super().get_parser(prog_name))

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        answer = self.daemon.plan_rollout(parsed_args.file, text_of(parsed_args.file))
        for line in foretold(answer):
            self.log.info("%s", line)
        shown = {"name": OrDash, "wave": Ordinal}
        return PLANNED, [
            [shown[name](node[name]) if name in shown else node[name] for name in PLANNED]
            for node in answer["nodes"]
        ]


class Start(_OfFile):
    """Start the rollout that a file declares."""

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        answer = self.daemon.start_rollout(parsed_args.file, text_of(parsed_args.file))
        return self.dict2columns(details(answer))


class Apply(List):
    """Change a rollout to what its file declares now; the differences are shown first.

    Without --yes they are only shown, or confirmed where a person is at the terminal.
    """

    columns = CHANGE

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = with_file(super().get_parser(prog_name))
        parser.add_argument("--yes", action="store_true", help="apply them without asking")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        text = text_of(parsed_args.file)
        changes = self.daemon.rollout_changes(parsed_args.file, text)
        rows = [[each["place"], _value(each["before"]), _value(each["after"])] for each in changes]
        if not changes:
            self.log.info("nothing differs: nothing was applied")
        elif parsed_args.yes or _confirmed(rows):
            self.daemon.apply_rollout(parsed_args.file, text)
            self.log.info("%d differences applied", len(changes))
        else:
            self.log.info("nothing was applied; say --yes to apply this")
        return CHANGE, rows


class ListRollouts(List):
    """List all rollouts, the newest first."""

    columns = ROW

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        return ROW, [
            [Age(each[name]) if name == "since" else each[name] for name in ROW]
            for each in self.daemon.rollouts()
        ]


class ShowRollout(_OfName):
    """Show where a rollout stands, wave by wave.

    With --watch it is shown until it is over or Ctrl-C is hit: on a terminal drawn anew in place,
    elsewhere, as on one of TERM=dumb, by a line whenever something changed.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--watch", action="store_true", help="show it until it is over")
        parser.add_argument(
            "--interval",
            metavar="SECONDS",
            type=_interval,
            help=f"with --watch, how often it is looked at; {_INTERVAL:.0f} without it",
        )
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        if parsed_args.watch:
            if parsed_args.formatter != "table":
                refuse(self._prog_name, "--watch has a form of its own: leave out -f")
            self._watch(parsed_args.name, parsed_args.interval or _INTERVAL)
            return ExitStatus.DONE
        if parsed_args.interval is not None:
            refuse(self._prog_name, "--interval goes with --watch alone")
        return super().run(parsed_args)

    def _watch(self, name: str, interval: float) -> None:
        with suppress(KeyboardInterrupt), pauses(interval) as pause:
            if not (sys.stdout.isatty() and _can_be_drawn_on()):
                watch(lambda: self.daemon.rollout(name), Lines(sys.stdout), pause)
                return
            # What draws takes half a second to import: no other command has to wait for it.
            from ephyrad.cli.watch_screen import screen  # noqa: PLC0415

            # One that is not there is told on the terminal as it is.
            self.daemon.rollout(name)
            with screen() as show:
                watch(lambda: self.daemon.rollout(name), show, pause)

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        answer = self.daemon.rollout(parsed_args.name)
        if answer["status"] in OVER:
            self.log.info("%s", afterwards(answer))
        return self.dict2columns(details(answer))


class ShowHistory(List):
    """Show all that happened to a rollout: waves, gates, pauses, and who did what."""

    columns = HISTORY

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return _with_name(super().get_parser(prog_name))

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        history = self.daemon.rollout_history(parsed_args.name)
        return HISTORY, [
            [*(entry[column] for column in HISTORY[:-1]), Wrapped(entry["summary"])]
            for entry in history
        ]


class Pause(_OfName):
    """Begin nothing new until it is resumed; what is in flight goes on."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--reason", metavar="TEXT", default="no reason given", help="why, for the history"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        answer = self.daemon.pause_rollout(parsed_args.name, parsed_args.reason)
        return self.dict2columns(details(answer))


class _Steer(_OfName):
    verb = ""

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        return self.dict2columns(details(self.daemon.steer_rollout(parsed_args.name, self.verb)))


class Resume(_Steer):
    """Let a rollout go on: nodes held so far count no more, and gates are tried again."""

    verb = "resume"


class Stop(_Steer):
    """Finish what is in flight, and begin nothing any more. It cannot be resumed after that."""

    verb = "stop"


class Reverse(_Steer):
    """Start a rollout, NAME-back, by which the nodes that arrived by this one go back.

    It has the same bounds, waves and gates. Each node goes when its owner lets it go. Where a
    NAME-back is there already, it is NAME-back-2, and so on.
    """

    verb = "reverse"


class Approve(_Steer):
    """Let a rollout go on after the wave that is over."""

    verb = "approve"


def foretold(answer: Mapping[str, Any]) -> Iterable[str]:
    """Yield what a plan says beside its nodes, line by line."""
    for point in answer["points"]:
        when = f"wave {point['wave']}" if point["wave"] else "end"
        clouds = (f"{cloud} cloud {_capacity(point[cloud])}" for cloud in ("old", "new"))
        yield f"{when}, {_moment(point['at'])}: available: {', '.join(clouds)}"
    how = "as nodes took so far" if answer["measured"] else "a guess: none was carried yet"
    minutes = answer["carry_seconds"] / 60
    yield (
        f"{answer['arrived']} of {answer['selected']} nodes would have arrived by"
        f" {_moment(answer['end'])}, where each takes {minutes:.0f} minutes ({how})"
    )
    if answer["left"]:
        yield f"then: {answer['left']}"


def details(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a rollout as the columns of a table."""
    return {
        **{name: answer[name] for name in ("name", "status")},
        "since": Moment(answer["since"]),
        "by": answer["by"],
        "cause": OrDash(answer["cause"]),
        "reason": Wrapped(answer["reason"]),
        "waits_for": Wrapped(answer["waits_for"]),
        "direction": answer["direction"],
        "started_at": Moment(answer["started_at"]),
        "started_by": answer["started_by"],
        "nodes": Described(
            {
                name: answer[name]
                for name in ("nodes", "begun", "in_flight", "waiting", "held", "arrived", "back")
            },
            counts(answer),
        ),
        "pace": Described(answer["pace"], f"{answer['pace']} arrived within the last hour"),
        "eta": Moment(answer["eta"]) if answer["eta"] else OrDash(answer["eta_unknown"]),
        "waves": Described(answer["waves"], "\n".join(map(_wave, answer["waves"])) or "-"),
    }


def afterwards(answer: Mapping[str, Any]) -> str:
    """Return where to read on about a rollout that is over."""
    name = answer["name"]
    return f"it is over: `ephyra report {name}` tells its history, and what is left to see to"


def text_of(name: str) -> str:
    """Return what is in a rollout's file.

    :raises CommandError: it cannot be read.
    """
    path = Path(name)
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            problem = f"over {_LARGEST} bytes: make it smaller"
            raise CommandError(ExitStatus.REFUSED, f"rollout file {name}: {problem}")
        return content.decode()
    except OSError as error:
        problem = f"{error.strerror}: name a file that you may read"
    except UnicodeDecodeError as error:
        problem = f"it is not UTF-8 (byte {error.start}): save it as UTF-8"
    raise CommandError(ExitStatus.REFUSED, f"rollout file {name}: {problem}")


def with_file(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Have a command take a rollout's file."""
    parser.add_argument("file", metavar="FILE", help="YAML file that declares the rollout")
    return parser


def _with_name(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("name", metavar="NAME", help="name of the rollout")
    return parser


def _can_be_drawn_on() -> bool:
    """Return whether the terminal says that it can do more than write lines."""
    return os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}


def _interval(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= _LONGEST_INTERVAL:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of seconds from 0.1 to {_LONGEST_INTERVAL:.0f}"
        )
    return seconds


def _capacity(available: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {of or '(no class)'}" for of, count in available.items()) or "none"


def _moment(text: str) -> str:
    return f"{moments.parse(text):%Y-%m-%d %H:%M}Z"


def _wave(wave: Mapping[str, Any]) -> str:
    words = f"{wave['number']} {wave['rule']}: {wave['arrived']} of {wave['nodes']} arrived"
    for name, told in (("held", "held"), ("back", "went back")):
        words += f", {wave[name]} {told}" if wave[name] else ""
    gates = [f"{gate['gate']}: {gate['result'] or 'is tried'}" for gate in wave["gates"]]
    if wave["approved_by"]:
        gates.append(f"approved by {wave['approved_by']}")
    return f"{words} ({', '.join(gates)})" if gates else words


def _confirmed(rows: Sequence[Sequence[str]]) -> bool:
    """Show the differences to a person, and ask; False where there is none."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    for place, before, after in rows:
        print(f"{place}: {before} -> {after}", file=sys.stderr)
    print("Apply this? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _value(value: object) -> str:
    return "-" if value is None else json.dumps(value, ensure_ascii=False)
