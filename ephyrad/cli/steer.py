# SPDX-License-Identifier: Apache-2.0
"""ephyra hold, release and node abort: stop a node, let it go on, have it go back."""

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from ephyrad.cli.command import Show
from ephyrad.cli.node import DETAILS, details, with_node


class Hold(Show):
    """Stop the work on a node until it is released; what is being done with it ends first."""

    columns = DETAILS

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = with_node(super().get_parser(prog_name))
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
        return with_node(super().get_parser(prog_name))

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        return self.dict2columns(details(self.daemon.release(parsed_args.node)))


class Abort(Show):
    """Bring a node back to the old cloud as it was, from wherever it is on its way.

    The new cloud's record of it is deleted first; a node that was in service is then offered by the
    old cloud again. Once its record in the old cloud is being deleted, nothing can be aborted.
    """

    columns = DETAILS

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return with_node(super().get_parser(prog_name))

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        return self.dict2columns(details(self.daemon.abort(parsed_args.node)))
