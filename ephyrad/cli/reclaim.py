# SPDX-License-Identifier: Apache-2.0
"""ephyra reclaim list: what CI nominated, and what became of it."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from ephyrad.cli import moments
from ephyrad.cli.columns import Moment, OrDash
from ephyrad.cli.command import List

ROW = ("source", "id", "taken_at", "kind", "name", "node", "instance", "fate", "words")


class ListReclaims(List):
    """List what CI's last messages nominated, and what became of it, the last message first.

    How many messages were not believed or could not be read is said on standard error.
    """

    columns = ROW

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--limit",
            type=int,
            default=50,
            metavar="N",
            help="of so many messages, 1000 at most; without it 50",
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        found = self.daemon.reclaims(parsed_args.limit)
        refused = found["refused"]
        if refused["count"]:
            when = f"{moments.parse(refused['last_at']):%Y-%m-%d %H:%M:%S}Z"
            words = f"{refused['count']} messages were refused since ephyrad started, the last one"
            print(f"{words} at {when}: {refused['last']}", file=sys.stderr)
        rows = [
            (
                *(message["source"], message["id"], Moment(message["taken_at"])),
                *(named["kind"], named["name"], OrDash(named["node"]), OrDash(named["instance"])),
                *(named["fate"], named["words"]),
            )
            for message in found["messages"]
            for named in message["named"]
        ]
        return ROW, rows
