# SPDX-License-Identifier: Apache-2.0
"""Which way a node may be sent, or in one line why not, with the cure."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from ephyrad.engine.answers import Complaint
from ephyrad.migration import mirror
from ephyrad.migration.direction import Direction
from ephyrad.migration.entries import Entry
from ephyrad.migration.facts import CloudName
from ephyrad.migration.migration import Migration, evolve, fold
from ephyrad.migration.states import State, at_least

_THE_SAME_WAY = {Direction.FORWARD: "migrate", Direction.BACK: "node return"}
_THE_OTHER_WAY = {Direction.FORWARD: "node return", Direction.BACK: "migrate"}


def rests_in(migration: Migration) -> CloudName | None:
    """Return the cloud in which a node is whose journey is over, None where it is under way."""
    if not migration.over:
        return None
    role = CloudName.NEW if migration.finished else CloudName.OLD
    return mirror.cloud(role, migration.direction)


def left_cloud(migration: Migration) -> str:
    """Return in words the cloud that a node leaves."""
    return migration.direction.words("the old cloud")


def no_way_back(node: str, migration: Migration) -> str | None:
    """Return why a node cannot be aborted, with the cure; None: it can."""
    leaves, enters = (migration.direction.words(f"the {role} cloud") for role in CloudName)
    back = f"`ephyra {_THE_OTHER_WAY[migration.direction]} {node}`"
    if migration.finished:
        return (
            f"node {node} has arrived in {enters}: nothing is left to abort; to have it back in"
            f" {leaves}, ask for that with {back} when it is empty"
        )
    if migration.restored:
        return (
            f"node {node} was aborted and is back in {leaves}: nothing is left to abort; to have it"
            f" carried after all, ask with `ephyra {_THE_SAME_WAY[migration.direction]} {node}`"
        )
    if migration.delete_intended or at_least(migration.state, State.REGISTERED):
        return (
            f"node {node} has no way back any more, as its record in {leaves} is being deleted or"
            f" is gone: let it arrive, then ask for it with {back}"
        )
    return None


def no_notice(node: str, migration: Migration) -> str | None:
    """Return why no word counts that a node's instance may be deleted; None: it does."""
    if migration.takes_notice:
        return None
    if not migration.aborting and not migration.restored:
        return f"node {node} is {migration.state}: no instance is left on it to give notice of"
    how = "is on its way back to" if migration.aborting else "is back in"
    return (
        f"node {node} was aborted and {how} {left_cloud(migration)}, where its instance may stay:"
        f" to have it carried after all, ask with `ephyra {_THE_SAME_WAY[migration.direction]}"
        f" {node}` once it is back, then give notice again"
    )


def not_returned(name: str, migration: Migration | None) -> tuple[Complaint, str]:
    """Return why a node is not taken on for the way back to the old cloud."""
    if migration is None:
        words = (
            f"node {name} was never carried to the new cloud by this ephyrad, so it cannot be"
            " returned: see `ephyra node list`; if the journal was lost while it was under way,"
            " take it on with `ephyra migrate --strays`; no node was taken on"
        )
        return Complaint.NOT_FOUND, words
    if migration.over:
        where = "is in the old cloud: nothing is to be returned"
    elif migration.aborting:
        where = "is on its way back to the old cloud already, as it was aborted"
    else:
        where = (
            f"is on its way to the new cloud ({migration.state}): ask again when it has arrived"
            f" there, or have it aborted with `ephyra node abort {name}`"
        )
    return Complaint.CONFLICT, f"node {name} {where}; no node was taken on"


def not_migrated(name: str) -> tuple[Complaint, str]:
    """Return why a node on its way back is not taken on for the way to the new cloud."""
    words = (
        f"node {name} is on its way back to the old cloud: ask again when it has arrived there, or"
        f" have it aborted with `ephyra node abort {name}`; no node was taken on"
    )
    return Complaint.CONFLICT, words


def with_direction(
    history: Iterable[tuple[int, Entry]],
) -> Iterator[tuple[int, Entry, Direction]]:
    """Yield a node's entries with the direction of the journey that they are of."""
    migration: Migration | None = None
    for seq, entry in history:
        migration = evolve(migration, entry) if migration else fold("", [entry])
        yield seq, entry, migration.direction if migration else Direction.FORWARD


def is_uuid(text: str) -> bool:
    """Return whether a text is a UUID as Nova and Ironic write one."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
