# SPDX-License-Identifier: Apache-2.0
"""ephyra report: a campaign's history in figures, and what still stands in the cloud it leaves."""

import argparse
import json
from pathlib import Path

from ephyrad.cli.command import AskDaemon
from ephyrad.cli.errors import CommandError, ExitStatus
from ephyrad.cli.report_html import as_html
from ephyrad.cli.report_text import as_text


class Report(AskDaemon):
    """Tell a rollout's history in figures, and what still stands in the cloud that it leaves.

    Without a name, that of all nodes that were ever asked for, and of the old cloud. Both clouds
    are read for it now; nothing is changed.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", nargs="?", help="name of a rollout")
        parser.add_argument(
            "-f",
            "--format",
            choices=("text", "json"),
            default="text",
            help="how it is written to standard output; json has all of it",
        )
        parser.add_argument(
            "--html", metavar="FILE", help="write it as an HTML page into this file, too"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        answer = self.daemon.report(parsed_args.name)
        if parsed_args.html is not None:
            _write(parsed_args.html, as_html(answer))
        if parsed_args.format == "json":
            print(json.dumps(answer, indent=2, ensure_ascii=False))
        else:
            print("\n".join(as_text(answer)))


def _write(name: str, page: str) -> None:
    try:
        Path(name).write_text(page, encoding="utf-8")
    except OSError as error:
        raise CommandError(
            ExitStatus.REFUSED,
            f"report file {name}: {error.strerror}: name a file that you may write",
        ) from error
