# SPDX-License-Identifier: Apache-2.0
"""ephyra hold and release: stop the work on a node, and let it go on."""

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from ephyrad.cli.command import Show
from ephyrad.cli.node import DETAILS, details


class Hold(Show):
    """Stop the work on a node until it is released; what is being done with it ends first."""

    columns = DETAILS

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("node", metavar="NODE", help="UUID or name of the node")
        parser.add_argument(
            "--reason", metavar="TEXT", required=True, help="why, for whoever finds it held"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        return self.dict2columns(details(self.daemon.hold(parsed_args.node, parsed_args.reason)))


class Release(Show):
    """Lift the hold of a node: its work goes on with fresh time-outs."""

    columns = DETAILS

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("node", metavar="NODE", help="UUID or name of the node")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        return self.dict2columns(details(self.daemon.release(parsed_args.node)))
