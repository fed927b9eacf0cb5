# SPDX-License-Identifier: Apache-2.0
"""ephyra node list, strays, show, history: where nodes are and what was done with them."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cliff.columns import FormattableColumn

from ephyrad.cli.columns import Age, Described, Lines, Moment, OrDash, Towards, Wrapped, YesNo
from ephyrad.cli.command import List, Show
from ephyrad.cli.daemon import Json

# As in ephyrad.migration.states, whose import would cost the start of every command more than all
# the rest; a test compares the two.
STATES = ("active", "drained", "cleaning", "transferred", "registered", "compute-ready")

ROW = ("name", "node", "direction", "state", "since", "in_flight", "held", "doing")
STRAY = ("name", "node", "old_cloud", "new_cloud")
HISTORY = ("seq", "at", "kind", "summary", "body")
DETAILS = (
    *("node", "name", "direction", "state", "since", "in_flight", "held", "cause", "doing"),
    *("deadline", "asked_at", "asked_by", "rewritten", "notice", "aborted", "to_do"),
)

_FIELDS: dict[str, type[FormattableColumn[Any]]] = {
    "name": OrDash,
    "since": Moment,
    "in_flight": YesNo,
    "held": YesNo,
    "aborted": YesNo,
    "cause": OrDash,
    "deadline": Moment,
    "asked_at": Moment,
    "rewritten": Lines,
    "notice": OrDash,
}


class ListNodes(List):
    """List the nodes that were asked for."""

    columns = ROW

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--state",
            action="append",
            default=[],
            choices=STATES,
            metavar="STATE",
            help=f"only nodes in this state; may be repeated; one of {', '.join(STATES)}",
        )
        parser.add_argument("--held", action="store_true", help="only nodes that are held")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        nodes = self.daemon.nodes(states=parsed_args.state, held=parsed_args.held)
        return rows(nodes)


class ListStrays(List):
    """List the nodes that bear ephyrad's mark and are not in its journal, as the clouds show them.

    Their journal was lost, or they belong to another ephyrad.
    """

    columns = STRAY

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        shown = dict.fromkeys(("name", "old_cloud", "new_cloud"), OrDash)
        strays = self.daemon.strays()
        return STRAY, [[_shown(shown, name, each[name]) for name in STRAY] for each in strays]


class ShowNode(Show):
    """Show where a node is, what it waits for, and why it is held."""

    columns = DETAILS

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return with_node(super().get_parser(prog_name))

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        return self.dict2columns(details(self.daemon.node(parsed_args.node)))


class ShowHistory(List):
    """Show all that happened to a node: transitions, intents, outcomes, holds."""

    columns = HISTORY

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = with_node(super().get_parser(prog_name))
        parser.add_argument(
            "--full", action="store_true", help="with every field of each entry, as JSON"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        history = self.daemon.history(parsed_args.node)
        columns = HISTORY if parsed_args.full else HISTORY[:-1]
        return columns, [[entry[column] for column in columns] for entry in history]


def with_node(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Have a command take a node."""
    parser.add_argument("node", metavar="NODE", help="UUID or name of the node")
    return parser


def rows(nodes: Iterable[Json]) -> tuple[Sequence[str], list[list[Any]]]:
    """Return nodes as the columns and rows of a list."""
    shown = {**_FIELDS, "since": Age}
    return ROW, [[_field(shown, name, node) for name in ROW] for node in nodes]


def details(node: Json) -> dict[str, Any]:
    """Return a node's fields, and for a held one what lifts the hold."""
    fields = {name: _field(_FIELDS, name, node) for name in node}
    fields["doing"] = Wrapped(node["doing"])
    if node["held"]:
        fields["held"] = Described(True, f"since {fields['since'].human_readable()}")
        command = f"ephyra release {node['name'] or node['node']}"
        fields["to_do"] = f"remove the cause, then `{command}`"
    return fields


def _field(columns: Mapping[str, type[FormattableColumn[Any]]], name: str, node: Json) -> Any:
    if name == "direction":
        # A daemon that is older than this command does not say whether it was aborted.
        return Towards(node[name], aborted=node.get("aborted", False))
    return _shown(columns, name, node[name])


def _shown(columns: Mapping[str, type[FormattableColumn[Any]]], name: str, value: Any) -> Any:
    return columns[name](value) if name in columns else value
