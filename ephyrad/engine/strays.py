# SPDX-License-Identifier: Apache-2.0
"""Strays: nodes whose record bears ephyrad's mark and that the journal does not know.

Their journal was lost, or was restored from a backup that is older than they are; or they belong
to another ephyrad. That cannot be told from here, so they are shown and not worked on until an
operator asks for them.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ephyrad.clouds.port import Cloud
from ephyrad.migration.facts import CloudName, NodeFacts

LOG = logging.getLogger(__name__)

_NAMED = 10


@dataclass(frozen=True, slots=True)
class Stray:
    """A stray as each cloud shows it; None where that cloud shows no marked record of it."""

    uuid: str
    name: str | None
    old: NodeFacts | None
    new: NodeFacts | None


class Strays:
    """What was seen of strays when each cloud was last read for them."""

    def __init__(self, known: Callable[[str], bool]) -> None:
        """`known` says whether the journal has a node of this UUID."""
        self._known = known
        self._seen: dict[CloudName, Sequence[NodeFacts]] = {}
        self._lock = threading.Lock()

    def look(self, cloud: Cloud) -> None:
        """Read one cloud for marks.

        :raises CloudReadError: it could not be read whole.
        """
        marked = cloud.marked()
        # A record that is marked and in no journal is rare: most are of the nodes under way.
        strays = [node for node in marked if not self._known(node.uuid)]
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

    def found(self) -> list[Stray]:
        """Return the strays seen so far, by name, but for those that were taken on since."""
        with self._lock:
            old, new = (
                {node.uuid: node for node in self._seen.get(name, ())} for name in CloudName
            )
        strays = [
            Stray(node.uuid, node.name, old.get(node.uuid), new.get(node.uuid))
            for node in (new | old).values()
            if not self._known(node.uuid)
        ]
        return sorted(strays, key=lambda stray: (stray.name or "", stray.uuid))


def _shown_by(stray: Stray, cloud: Cloud) -> bool:
    return (stray.old if cloud.name is CloudName.OLD else stray.new) is not None
