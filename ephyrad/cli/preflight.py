# SPDX-License-Identifier: Apache-2.0
"""ephyra preflight: what stands in the way, before anything is changed."""

import argparse
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ephyrad.cli.columns import Described, Wrapped
from ephyrad.cli.command import List
from ephyrad.cli.errors import ExitStatus

FINDING = ("weight", "where", "cause", "finding", "nodes")

_NAMES_SHOWN = 5
_WORDS_WIDE = 64
_NAMES_WIDE = 24


class Preflight(List):
    """Look whether anything stands in the way of nodes of the old cloud. Nothing is changed.

    The exit status is 0 where nothing does, and 1 where something does or a node could not be
    judged. Without nodes, every node of the old cloud is looked at that is not on its way.
    """

    columns = FINDING
    _status = ExitStatus.DONE

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("nodes", metavar="NODE", nargs="*", help="a node's name or UUID")
        parser.add_argument(
            "--bmc", action="store_true", help="try, too, whether each node's BMC answers from here"
        )
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        status = super().run(parsed_args)
        return status or self._status

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        answer = self.daemon.preflight(parsed_args.nodes, bmc=parsed_args.bmc)
        findings = answer["findings"]
        if any(each["weight"] != "remark" for each in findings):
            self._status = ExitStatus.REFUSED
        self.log.info("%s", _summary(answer))
        return FINDING, [
            [
                *(each[name] for name in ("weight", "where", "cause")),
                Wrapped(each["text"], _WORDS_WIDE),
                Described(each["nodes"], textwrap.fill(_names(each["nodes"]), _NAMES_WIDE)),
            ]
            for each in findings
        ]


def _summary(answer: Mapping[str, Any]) -> str:
    services = "; ".join(
        f"{cloud}: {', '.join(found)}" for cloud, found in answer["services"].items()
    )
    left_out = answer["left_out"]
    return (
        f"{services}\n{answer['ready']} nodes with nothing in the way, {answer['hindered']} with"
        f" problems, {answer['unjudged']} that could not be judged"
        + (f"; {left_out} on their way or arrived" if left_out else "")
    )


def _names(nodes: Sequence[Mapping[str, Any]]) -> str:
    shown = ", ".join(node["name"] or node["node"] for node in nodes[:_NAMES_SHOWN])
    more = len(nodes) - _NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown or "-"
