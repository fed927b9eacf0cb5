# SPDX-License-Identifier: Apache-2.0
"""Runbooks (Ironic API 1.92): steps that people have a node taken through, by their name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ephyrad.clouds.decode import Raw, strings
from ephyrad.clouds.environment.step_lists import Shape, StepLists
from ephyrad.clouds.service import Service
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Outcome, Refused, Unknown, Unreachable

_SHAPE = Shape(
    kind=Kind.RUNBOOK,
    words="runbook",
    path="/runbooks",
    key="runbooks",
    number="order",
    # A description, and traits, came with 1.112.
    defaults=MappingProxyType(
        {"public": False, "owner": None, "disable_ramdisk": False, "description": None}
    ),
)


class Runbooks(StepLists):
    """The runbooks of one cloud's Ironic. `owner`, where there is one, is a project's id."""

    def __init__(self, ironic: Service, page_size: int) -> None:
        super().__init__(ironic, page_size, _SHAPE)

    def create(self, item: Item) -> Outcome:
        """Make it and, by a second call, give it its traits."""
        made = super().create(item)
        if made != Done() or not item.fields.get("traits"):
            return made
        return _after(self._set_traits(item))

    def amend(self, item: Item, found: Item) -> Outcome:
        """Make it equal, by one PATCH of what differs, and then its traits where those differ."""
        if item.fields.get("traits") == found.fields.get("traits"):
            return super().amend(item, found)
        amended = super().amend(item, found)
        return _after(self._set_traits(item)) if amended == Done() else amended

    def _set_traits(self, item: Item) -> Outcome:
        traits = {"traits": item.fields.get("traits", [])}
        return self._ironic.change("PUT", f"{self._at(item.key)}/traits", traits)

    def _operations(self, values: Mapping[str, Any], item: Item) -> list[dict[str, Any]]:
        """Return the JSON patch. Ironic takes the owner away wherever `public` is set to anything,
        and refuses an owner, even null, of a public one (api/controllers/v1/runbook.py of 39.0).
        """
        values = dict(values)
        if "public" in values or "owner" in values:
            values["public"] = item.fields.get("public", False)
            values["owner"] = item.fields.get("owner")
            if values["public"]:
                del values["owner"]
        return super()._operations(values, item)

    def _more(self, raw: Raw) -> dict[str, Any]:
        more = super()._more(raw)
        # Ironic takes one that is public and has an owner only where it is made so.
        if "public" in more:
            more.pop("owner", None)
        traits = strings(raw, "traits") if "traits" in raw else ()
        return {**more, "traits": sorted(traits)} if traits else more


def _after(outcome: Outcome) -> Outcome:
    """Say of a second call that a first one has changed something."""
    match outcome:
        case Unreachable(message):
            return Unknown(f"half of it is done: {message}")
        case Refused(status, message):
            return Refused(status, f"half of it is done: {message}")
        case _:
            return outcome
