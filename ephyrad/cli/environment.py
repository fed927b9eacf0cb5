# SPDX-License-Identifier: Apache-2.0
"""ephyra environment: what nodes and their instances need, in step between the clouds."""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ephyrad.cli import moments
from ephyrad.cli.columns import Described, OrDash
from ephyrad.cli.command import List, Show, refuse

# As in ephyrad.environment.kinds, whose import would cost the start of every command; a test
# compares the two.
KINDS = (
    *("resource-class", "trait", "flavor", "image", "keypair", "aggregate"),
    *("deploy-template", "runbook"),
)

ITEM = ("kind", "name", "key", "todo", "why", "cause", "left_behind")
DIFFERENCE = ("kind", "name", "key", "path", "old", "new")
STATUS = (*KINDS, "problems", "transfers")

_NAMES_SHOWN = 3


class Plan(List):
    """Compare both clouds and show what would be done, item by item. Nothing is changed.

    Items that are in step are left out, unless --all is said.
    """

    columns = ITEM

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = _choosing(super().get_parser(prog_name))
        parser.add_argument("--all", action="store_true", help="items that are in step, too")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        found = self.daemon.plan(parsed_args.kind, parsed_args.name)
        todo = [item for item in found if item["todo"] not in ("in-step", "nothing")]
        problems = sum(item["todo"] == "problem" for item in todo)
        self.log.info(
            "%d in step, %d to do, %d that cannot be carried",
            sum(item["todo"] == "in-step" for item in found),
            len(todo) - problems,
            problems,
        )
        return _rows(found if parsed_args.all else todo)


class Sync(List):
    """Bring items in step: make, fill and change in the new cloud what the old one has otherwise.

    Shows what is worked on from now on, and what cannot be carried. The daemon does it in the
    background: see `ephyra environment status`.
    """

    columns = ITEM

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = _choosing(super().get_parser(prog_name))
        parser.add_argument("--all", action="store_true", help="every item of every kind")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        if bool(parsed_args.kind or parsed_args.name) == parsed_args.all:
            refuse(
                f"{self.app.NAME} environment sync",
                "say what: --kind, --name or both, or --all alone",
            )
        answer = self.daemon.sync(parsed_args.kind, parsed_args.name)
        self.log.info(
            "%d begun, %d in step, %d that cannot be carried",
            len(answer["asked"]),
            answer["in_step"],
            len(answer["problems"]),
        )
        return _rows([*answer["asked"], *answer["problems"]])


class Diff(List):
    """Compare both clouds and show all that differs, with both values."""

    columns = DIFFERENCE

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return _choosing(super().get_parser(prog_name))

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        found = self.daemon.differences(parsed_args.kind, parsed_args.name)
        if not found:
            self.log.info("nothing differs")
        return DIFFERENCE, [
            [
                *(each[name] for name in DIFFERENCE[:-2]),
                *(Described(each[side], _value(each[side])) for side in ("old", "new")),
            ]
            for each in found
        ]


class Status(Show):
    """Show how each kind stands, what cannot be carried and why, and the images on their way."""

    columns = STATUS

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        answer = self.daemon.environment()
        problems, transfers = answer["problems"], answer["transfers"]
        return self.dict2columns(
            {
                **{each["kind"]: Described(each, _kind(each)) for each in answer["kinds"]},
                "problems": Described(problems, "\n".join(map(_problem, problems)) or "-"),
                "transfers": Described(transfers, "\n".join(map(_transfer, transfers)) or "-"),
            }
        )


def _choosing(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument(
        "--kind",
        action="append",
        default=[],
        choices=KINDS,
        metavar="KIND",
        help=f"only this kind; may be repeated; one of {', '.join(KINDS)}",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME",
        help="only items of this name or key; may be repeated",
    )
    return parser


def _rows(items: Iterable[Mapping[str, Any]]) -> tuple[Sequence[str], list[list[Any]]]:
    return ITEM, [
        [
            *(item[name] for name in ("kind", "name", "key", "todo", "why")),
            OrDash(item["cause"]),
            Described(item["left_behind"], "; ".join(item["left_behind"]) or "-"),
        ]
        for item in items
    ]


def _kind(kind: Mapping[str, Any]) -> str:
    kept = "kept in step" if kind["kept"] else "on request"
    if kind["error"]:
        return f"{kept}; {kind['error']}"
    if kind["compared_at"] is None:
        return f"{kept}; not compared yet"
    when = moments.relative(moments.parse(kind["compared_at"]), moments.now())
    return (
        f"{kept}; {kind['in_step']} in step, {kind['to_do']} to do, {kind['problems']} that cannot"
        f" be carried ({when})"
    )


def _problem(problem: Mapping[str, Any]) -> str:
    names = problem["names"]
    shown = ", ".join(names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{problem['kind']} {shown}{more}: {problem['reason']} ({problem['cause']})"


def _transfer(transfer: Mapping[str, Any]) -> str:
    carried, size = transfer["carried"], transfer["size"]
    part = f"{100 * carried // size} %" if size else "-"
    seconds = (moments.now() - moments.parse(transfer["began"])).total_seconds()
    pace = f", {_bytes(carried / seconds)}/s" if seconds > 1 else ""
    return f"{transfer['name']}: {_bytes(carried)} of {_bytes(size)} ({part}{pace})"


def _bytes(count: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
