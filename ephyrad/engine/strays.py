# SPDX-License-Identifier: Apache-2.0
"""Strays: nodes whose record bears ephyrad's mark and that the journal does not know.

Their journal was lost, or was restored from a backup that is older than they are; or they belong
to another ephyrad. That cannot be told from here, so they are shown and not worked on until an
operator asks for them.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ephyrad.clouds.port import Cloud
from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import CloudName, NodeFacts
from ephyrad.migration.mirror import marked_for

LOG = logging.getLogger(__name__)

_NAMED = 10


@dataclass(frozen=True, slots=True)
class Stray:
    """A stray as each cloud shows it; None where that cloud shows no marked record of it."""

    uuid: str
    name: str | None
    old: NodeFacts | None
    new: NodeFacts | None

    @property
    def direction(self) -> Direction:
        """Where it was carried, by its marks."""
        shown = ((CloudName.OLD, self.old), (CloudName.NEW, self.new))
        found = (marked_for(node, where) for where, node in shown if node is not None)
        return next((way for way in found if way is not None), Direction.FORWARD)


class Strays:
    """What was seen of strays when each cloud was last read for them."""

    def __init__(self, under_way: Callable[[], Iterable[str]]) -> None:
        """`under_way` names the nodes of which the journal knows why they bear a mark.

        One that arrived bears none, unless the journal is older than the clouds.
        """
        self._under_way = under_way
        self._seen: dict[CloudName, Sequence[NodeFacts]] = {}
        self._lock = threading.Lock()

    def look(self, cloud: Cloud) -> None:
        """Read one cloud for marks.

        :raises CloudReadError: it could not be read whole.
        """
        # One that arrives meanwhile may have borne its mark when it was listed.
        before = {*self._under_way()}
        marked = cloud.marked()
        known = before.union(self._under_way())
        strays = [node for node in marked if node.uuid not in known]
        with self._lock:
            self._seen[cloud.name] = strays

    def look_at_first(self, cloud: Cloud) -> None:
        """Read a cloud that is reached for the first time, and warn of strays.

        :raises CloudReadError: it could not be read whole.
        """
        self.look(cloud)
        names = [stray.name or stray.uuid for stray in self.found() if _shown_by(stray, cloud)]
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            LOG.warning(
                "the %s cloud has %d nodes that bear ephyrad's mark and are not in the journal"
                " (%s%s): if the journal was lost, restore its backup or take them on with"
                " `ephyra migrate --strays`; nothing is done with them before",
                cloud.name,
                len(names),
                ", ".join(names[:_NAMED]),
                more,
            )

    def taken_on(self, uuid: str) -> None:
        """Forget what was seen of a node: it is worked on now."""
        with self._lock:
            for name, nodes in self._seen.items():
                self._seen[name] = [node for node in nodes if node.uuid != uuid]

    def found(self) -> list[Stray]:
        """Return the strays seen so far, by name, but for those that were taken on since."""
        known = {*self._under_way()}
        with self._lock:
            old, new = (
                {node.uuid: node for node in self._seen.get(name, ())} for name in CloudName
            )
        strays = [
            Stray(node.uuid, node.name, old.get(node.uuid), new.get(node.uuid))
            for node in (new | old).values()
            if node.uuid not in known
        ]
        return sorted(strays, key=lambda stray: (stray.name or "", stray.uuid))


def _shown_by(stray: Stray, cloud: Cloud) -> bool:
    return (stray.old if cloud.name is CloudName.OLD else stray.new) is not None
