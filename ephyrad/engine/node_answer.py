# SPDX-License-Identifier: Apache-2.0
"""A node as operators see it: where it is, and what is done or waited for."""

from datetime import datetime

from ephyrad.engine.answers import NodeAnswer
from ephyrad.engine.engine import Engine
from ephyrad.engine.summary import summary
from ephyrad.engine.turn import Queued, Waiting
from ephyrad.engine.ways import left_cloud, rests_in
from ephyrad.migration.migration import Migration


def node_answer(engine: Engine, migration: Migration) -> NodeAnswer:
    """Return where a node stands."""
    doing, deadline = _doing(engine, migration)
    hold = migration.hold
    return NodeAnswer(
        node=migration.node,
        name=migration.name,
        direction=migration.direction.value,
        state=migration.state.value,
        since=hold.since if hold else migration.since,
        in_flight=migration.in_flight,
        held=hold is not None,
        cause=hold.cause.value if hold else None,
        doing=doing,
        deadline=deadline,
        asked_at=migration.asked_at,
        asked_by=migration.asked_by,
        rewritten=tuple(map(str, migration.rewriting)),
        notice=summary(migration.notice) if migration.notice else None,
        aborted=migration.aborting or migration.restored,
    )


def _doing(engine: Engine, migration: Migration) -> tuple[str, datetime | None]:
    if migration.hold is not None:
        way = f"on its way back to {left_cloud(migration)}: " if migration.aborting else ""
        return f"{way}{migration.hold.reason}", None
    if migration.restored:
        return f"aborted: back in {left_cloud(migration)} as it was", None
    if migration.finished:
        return f"arrived in the {rests_in(migration)} cloud", None
    way = f"is on its way back to {left_cloud(migration)}: " if migration.aborting else ""
    match engine.crew.end_of(migration.node):
        case Waiting(what=what, deadline=deadline):
            return f"{way}waits for {what}", deadline
        case Queued():
            why = engine.slots.refusal(migration.node)
            return f"{way}waits for its turn{f': {why}' if why else ''}", None
        case _:
            return f"{way}is being worked on", None
