# SPDX-License-Identifier: Apache-2.0
"""A candidate: a node as a rollout looks at it, before anybody asked for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ephyrad.migration.facts import NodeFacts, Provision

_IN_USE = (Provision.ACTIVE, Provision.RESCUE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node of the cloud that it is to leave, with all that a selection or an order may name.

    `extra` and `properties` are plain JSON objects.
    """

    facts: NodeFacts
    conductor_group: str = ""
    owner: str | None = None
    traits: frozenset[str] = frozenset()
    extra: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def uuid(self) -> str:
        """The node's UUID."""
        return self.facts.uuid

    @property
    def available(self) -> bool:
        """Whether its cloud's Nova may put an instance on it now."""
        facts = self.facts
        free = not (facts.maintenance or facts.retired or facts.instance_uuid)
        return free and facts.provision_state is Provision.AVAILABLE

    @property
    def in_use(self) -> bool:
        """Whether an instance is on it, or is being put there."""
        return self.facts.instance_uuid is not None or self.facts.provision_state in _IN_USE

    def value(self, key: str) -> str:
        """Return what it has under a key, as text; "" where it has nothing.

        Keys are ``name``, ``resource_class``, ``conductor_group``, ``owner`` and, of the two
        objects, ``extra.KEY`` and ``properties.KEY``.

        :raises ValueError: there is no such key.
        """
        table, dot, name = key.partition(".")
        match table:
            case "extra" | "properties" if dot and name:
                found = (self.extra if table == "extra" else self.properties).get(name)
            case "name" | "resource_class" if not dot:
                found = getattr(self.facts, table)
            case "conductor_group" | "owner" if not dot:
                found = getattr(self, table)
            case _:
                msg = f"a node has no key {key}"
                raise ValueError(msg)
        if found is None:
            return ""
        return found if isinstance(found, str) else json.dumps(found)
