# SPDX-License-Identifier: Apache-2.0
"""Each effect on an item as the one call of the new cloud that brings it about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_never

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.environment.look import Environments
from ephyrad.engine.environment.uploads import Uploads, until
from ephyrad.environment import names
from ephyrad.environment.decide import Seen
from ephyrad.environment.effects import Effect
from ephyrad.environment.item import Item, ItemId
from ephyrad.environment.names import Way
from ephyrad.environment.translate import Wanted
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Done, Outcome, Refused, Unreachable

_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Hands:
    """What effects are performed with; `stopping` breaks an upload off."""

    environments: Environments
    uploads: Uploads
    stopping: Callable[[], bool]

    def perform(self, effect: Effect, item: ItemId, seen: Seen) -> Outcome:
        """Change the new cloud and return what became of it."""
        wanted = seen.wanted.item if isinstance(seen.wanted, Wanted) else None
        try:
            new = self.environments.of(CloudName.NEW, item.kind)
            match effect:
                case Effect.CREATE:
                    created = new.create(_given(wanted))
                    return self._named(created, _given(wanted), None)
                case Effect.AMEND:
                    found = _given(seen.found)
                    amended = new.amend(_given(wanted), found)
                    return self._named(amended, _given(wanted), found)
                case Effect.DELETE:
                    return new.delete(_given(seen.found).key)
                case Effect.UPLOAD:
                    return self._upload(item, _given(wanted))
                case _ as never:
                    assert_never(never)
        except CloudReadError as error:
            return Unreachable(str(error))

    def _named(self, outcome: Outcome, wanted: Item, found: Item | None) -> Outcome:
        """Give way where an item's name is in use, and that is to end."""
        taken = isinstance(outcome, Refused) and outcome.status == _CONFLICT
        if wanted.kind not in names.KINDS or not taken:
            return outcome
        old, new = (self.environments.of(cloud, wanted.kind) for cloud in CloudName)
        match names.way_to_name(wanted, old.items(), new.items()):
            case Way.NONE:
                return outcome
            case Way.FREE if found is None:
                # It is the id that is taken.
                return outcome
            case Way.FREE | Way.LATER:
                return Unreachable(f"the name {wanted.name} is in use until another is renamed")
            case Way.CIRCLE:
                # Under another name it lets those go on that wait for the one it has.
                aside = new.amend(names.parked(wanted), _given(found))
                words = f"the name {wanted.name} is in use until others in a circle are renamed"
                return Unreachable(words) if aside == Done() else aside

    def _upload(self, item: ItemId, wanted: Item) -> Outcome:
        source, target = self.environments.old.images, self.environments.new.images
        if source is None or target is None:
            return Unreachable("one of the clouds has no Glance any more")
        content = source.content(item.key)
        self.uploads.sized(item, content.size)
        chunks = content.chunks
        try:
            limited = until(self.stopping, content, wanted)
            return target.upload(wanted, limited, lambda carried: self.uploads.told(item, carried))
        finally:
            _close(chunks)


def _given(item: Item | None) -> Item:
    if item is None:
        raise AssertionError("an effect was decided on without what it needs")
    return item


def _close(chunks: Any) -> None:
    """Give the connection back that bytes came from, where they did not all come."""
    if hasattr(chunks, "close"):
        chunks.close()
