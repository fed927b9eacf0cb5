# SPDX-License-Identifier: Apache-2.0
"""An entry of a rollout's journal in one line of words."""

from ephyrad.rollout.entries import (
    Applied,
    Approved,
    Ended,
    Entry,
    GateBegun,
    GateEnded,
    Opened,
    Paused,
    Resumed,
    Started,
    Stopped,
)


def summary(entry: Entry) -> str:
    """Return what an entry tells, in one line."""
    match entry:
        case Started(by=by, selected=selected):
            return f"started by {by}, with {selected} nodes"
        case Applied(by=by):
            return f"changed by {by}"
        case Opened(wave=wave, rule=rule, members=members):
            return f"wave {wave} ({rule}) opened, with {len(members)} nodes"
        case GateBegun(wave=wave, gate=gate):
            return f"gate {gate} after wave {wave} begun"
        case GateEnded(run=run, result=result, words=words):
            return f"gate {run}: {result}: {words}"
        case Approved(by=by, wave=wave):
            return f"wave {wave} approved by {by}"
        case Paused(by=by, reason=reason):
            return f"paused by {by}: {reason}"
        case Resumed(by=by):
            return f"resumed by {by}"
        case Stopped(by=by):
            return f"stopped by {by}: what is in flight is finished"
        case Ended(words=words):
            return f"over: {words}"
