# SPDX-License-Identifier: Apache-2.0
"""Announcements: what the journal's entries are to whoever listens on the new cloud's bus.

Payloads are versioned as Ironic's and Nova's are. A field that is added raises the second number of
a version, anything else the first. Docs: docs/notifications.rst, with a sample of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ephyrad.journal.announced import OfNode, OfRollout
from ephyrad.migration.entries import Aborting, Asked, Held, Lifted, Moved, Restored
from ephyrad.rollout.entries import (
    Applied,
    Approved,
    Ended,
    GateEnded,
    Opened,
    Paused,
    Resumed,
    Started,
    Stopped,
)

OF_NODES = (Asked, Moved, Held, Lifted, Aborting, Restored)
OF_ROLLOUTS = (Started, Applied, Opened, GateEnded, Approved, Paused, Resumed, Stopped, Ended)
VERSION = "1.0"
"""Of every payload, so far."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is sent: its type, and the payload as plain JSON values."""

    event_type: str
    payload: Mapping[str, Any]


def announcement(found: OfNode | OfRollout) -> Announcement:
    """Return what an entry, of one of the kinds above, is to those who listen.

    :raises ValueError: it is of no such kind.
    """
    match found:
        case OfNode():
            return _of_node(found)
        case OfRollout():
            return _of_rollout(found)


def _of_node(found: OfNode) -> Announcement:
    verb: str
    says: Mapping[str, Any]
    match found.entry:
        case Asked(by=by):
            verb, says = "migrate", {"by": by}
        case Moved(source=source, dest=dest, because=because):
            verb, says = "transition", {"from": source, "to": dest, "reason": because}
        case Held(cause=cause, reason=reason, lifts_itself=lifts_itself):
            verb, says = "hold", {"cause": cause, "reason": reason, "lifts_itself": lifts_itself}
        case Lifted(by=by):
            verb, says = "release", {"by": by}
        case Aborting(by=by):
            verb, says = "abort", {"by": by}
        case Restored(because=because):
            verb, says = "restore", {"reason": because}
        case _:
            raise ValueError(f"{found.entry} is not announced")
    about = {
        "node": found.node,
        "name": found.asked.name,
        "direction": found.asked.direction,
        "seq": found.seq,
        "at": _moment(found.entry.at),
    }
    return _announcement("node", verb, {**about, **says})


def _of_rollout(found: OfRollout) -> Announcement:
    verb: str
    says: Mapping[str, Any]
    match found.entry:
        case Started(by=by, selected=selected):
            verb, says = "start", {"by": by, "nodes": selected}
        case Applied(by=by):
            verb, says = "apply", {"by": by}
        case Opened(wave=wave, rule=rule, members=members):
            verb, says = "wave", {"wave": wave, "rule": rule, "nodes": len(members)}
        case GateEnded(result=result, words=words):
            begun = found.begun
            gate = {"gate": begun.gate if begun else None, "wave": begun.wave if begun else None}
            verb, says = "gate", {**gate, "result": result, "reason": words}
        case Approved(by=by, wave=wave):
            verb, says = "approve", {"by": by, "wave": wave}
        case Paused(by=by, cause=cause, reason=reason):
            verb, says = "pause", {"by": by, "cause": cause, "reason": reason}
        case Resumed(by=by):
            verb, says = "resume", {"by": by}
        case Stopped(by=by):
            verb, says = "stop", {"by": by}
        case Ended(words=words):
            verb, says = "end", {"reason": words}
        case _:
            raise ValueError(f"{found.entry} is not announced")
    about = {"rollout": found.rollout, "seq": found.seq, "at": _moment(found.entry.at)}
    return _announcement("rollout", verb, {**about, **says})


def _announcement(thing: str, verb: str, data: Mapping[str, Any]) -> Announcement:
    payload = {
        "ephyra_object.name": f"{thing.title()}{verb.title()}Payload",
        "ephyra_object.namespace": "ephyra",
        "ephyra_object.version": VERSION,
        # Members of enumerations are words here.
        "ephyra_object.data": {
            name: str(value) if isinstance(value, str) else value for name, value in data.items()
        },
    }
    return Announcement(f"ephyra.{thing}.{verb}", payload)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
