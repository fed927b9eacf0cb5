# SPDX-License-Identifier: Apache-2.0
"""ephyra status: the whole of it on one screen."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ephyrad.cli import moments
from ephyrad.cli.columns import Described, Moment, OrDash
from ephyrad.cli.command import Show


class Status(Show):
    """Show how many nodes are where, what is held, and how the clouds are heard."""

    columns = (
        *("states", "in_flight", "max_in_flight", "held", "waiting", "strays", "journal_error"),
        *("old_cloud", "new_cloud", "ci", "started_at", "version"),
    )

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Iterable[Any]]:
        answer = self.daemon.status()
        clouds = {f"{cloud['cloud']}_cloud": cloud for cloud in answer["clouds"]}
        return self.dict2columns(
            {
                "states": Described(answer["states"], _states(answer["states"])),
                "in_flight": Described(answer["in_flight"], _in_flight(answer)),
                "max_in_flight": answer["max_in_flight"],
                "held": Described(answer["held"], _held(answer["held"])),
                "waiting": Described(answer["waiting"], _waiting(answer["waiting"])),
                "strays": Described(answer["strays"], _strays(answer["strays"])),
                "journal_error": OrDash(answer["journal_error"]),
                **{name: Described(cloud, _cloud(cloud)) for name, cloud in clouds.items()},
                "ci": Described(answer["ci"], _ci(answer["ci"])),
                "started_at": Moment(answer["started_at"]),
                "version": answer["version"],
            }
        )


def _states(states: Mapping[str, int]) -> str:
    width = max(map(len, states))
    return "\n".join(f"{state:<{width}} {count:>6}" for state, count in states.items())


def _in_flight(answer: Mapping[str, Any]) -> str:
    return f"{answer['in_flight']} of {answer['max_in_flight']}"


def _held(count: int) -> str:
    return f"{count} (ephyra node list --held)" if count else "0"


def _waiting(count: int) -> str:
    return f"{count} (for an instance to go, or for their turn)" if count else "0"


def _strays(count: int) -> str:
    return f"{count} (marked by ephyrad, not in its journal: ephyra node strays)" if count else "0"


def _cloud(cloud: Mapping[str, Any]) -> str:
    lines = [f"bus: {cloud['bus']}"]
    if cloud["last_notification"] is None:
        lines.append("no notification yet")
    else:
        lines.append(
            f"last notification {_ago(cloud['last_notification'])}, {cloud['notifications']} so far"
        )
    if cloud["quarantine"]:
        lines.append(_quarantine(cloud["quarantine"]))
    swept = cloud["last_sweep"]
    lines.append(f"last sweep {_ago(swept)}" if swept else "not swept yet")
    if cloud["sweep_error"]:
        lines.append(f"the last sweep failed: {cloud['sweep_error']}")
    return "\n".join(lines)


def _ci(mailbox: Mapping[str, Any] | None) -> str:
    if mailbox is None:
        return "queue: not read (no transport_url)"
    counts = f"{mailbox['taken']} messages taken, {mailbox['dead']} put aside"
    last = f", the last {_ago(mailbox['last'])}" if mailbox["last"] else ""
    return f"queue: {mailbox['words']}\n{counts}{last}"


def _quarantine(kinds: Sequence[Mapping[str, Any]]) -> str:
    """Say how many messages could not be read; `ephyra status -f json` tells all of them."""
    total = sum(kind["count"] for kind in kinds)
    last = max(kind["last_at"] for kind in kinds)
    counts = ", ".join(f"{kind['count']} {kind['kind']}" for kind in kinds)
    return f"{total} unreadable, the last {_ago(last)}: {counts}"


def _ago(text: str) -> str:
    return moments.relative(moments.parse(text), moments.now())
