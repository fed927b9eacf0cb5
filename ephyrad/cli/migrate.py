# SPDX-License-Identifier: Apache-2.0
"""ephyra migrate and node return: ask for nodes to be carried to the new cloud, or back."""

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from ephyrad.cli.command import List, refuse
from ephyrad.cli.daemon import Json
from ephyrad.cli.node import ROW, rows

_CHOOSE = "name one or more nodes, or say --all or --strays: one of them"


class _Asking(List):
    """A command that has nodes taken on."""

    columns = ROW

    def _told(self, answer: Json) -> tuple[Sequence[str], Iterable[Any]]:
        taken, already = answer["accepted"], answer["already"]
        self.log.info("%s", _count(len(taken), len(already)))
        return rows([*taken, *already])


class Migrate(_Asking):
    """Ask for nodes to be carried to the new cloud.

    With several nodes, all are taken on or, where one cannot be, none.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "nodes", metavar="NODE", nargs="*", help="UUID or name of a node of the old cloud"
        )
        parser.add_argument("--all", action="store_true", help="every node of the old cloud")
        parser.add_argument(
            "--strays",
            action="store_true",
            help="every node that bears ephyrad's mark and is not in its journal (node strays)",
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        if bool(parsed_args.nodes) + parsed_args.all + parsed_args.strays != 1:
            refuse(f"{self.app.NAME} migrate", _CHOOSE)
        if parsed_args.all:
            answer = self.daemon.migrate_all()
        elif parsed_args.strays:
            answer = self.daemon.migrate_strays()
        else:
            answer = self.daemon.migrate(parsed_args.nodes)
        return self._told(answer)


class Return(_Asking):
    """Ask for nodes that were carried to the new cloud to be carried back to the old one.

    Each goes when it is empty. With several nodes, all are taken on or, where one cannot be, none.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "nodes", metavar="NODE", nargs="+", help="UUID or name of a node that was carried"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        return self._told(self.daemon.return_nodes(parsed_args.nodes))


def _count(taken: int, already: int) -> str:
    before = f", {already} had been before" if already else ""
    return f"{taken} node{'' if taken == 1 else 's'} taken on{before}"
