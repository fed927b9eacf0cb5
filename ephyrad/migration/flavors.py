# SPDX-License-Identifier: Apache-2.0
"""Flavors: by which of them a cloud's users can get a node, as far as its record decides that."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

CUSTOM = "CUSTOM_"

# As Nova reads them, numbered groups included (nova/scheduler/utils.py, ResourceRequest).
_KEY = re.compile(r"(resources|trait)[a-zA-Z0-9_-]{0,64}:(.+)")
# What Nova itself says of every provider of a driver.
_NOVAS_OWN = "COMPUTE_"


@dataclass(frozen=True, slots=True)
class FlavorFacts:
    """What a flavor demands of a node: resource classes, traits, and which traits it must not have.

    The names are those of placement: `CUSTOM_BAREMETAL_GOLD`.
    """

    name: str
    classes: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()

    def unmet(self, traits: Iterable[str]) -> tuple[str, ...]:
        """Return in words what of a node's traits is not as it demands, sorted."""
        has = set(traits)
        lacks = [f"requires {trait}" for trait in sorted(self.required - has)]
        return (*lacks, *(f"forbids {trait}" for trait in sorted(self.forbidden & has)))


Flavors = Sequence[FlavorFacts]


def flavor_facts(name: str, extra_specs: Mapping[str, str]) -> FlavorFacts:
    """Return what a flavor of these extra specs demands."""
    classes, required, forbidden = set[str](), set[str](), set[str]()
    for key, value in extra_specs.items():
        found = _KEY.fullmatch(key)
        match found and found[1], value:
            case "resources", amount if found and amount != "0":
                classes.add(found[2])
            case "trait", "required" if found and not found[2].startswith(_NOVAS_OWN):
                required.add(found[2])
            case "trait", "forbidden" if found:
                forbidden.add(found[2])
    return FlavorFacts(name, frozenset(classes), frozenset(required), frozenset(forbidden))


def placement_class(resource_class: str) -> str:
    """Return what placement calls a node's resource class (os_resource_classes, normalize_name)."""
    return CUSTOM + re.sub("[^0-9A-Z]+", "_", resource_class.upper())


def demanding(flavors: Flavors, name: str) -> Flavors:
    """Return the flavors that demand a class of placement's."""
    return [each for each in flavors if name in each.classes]
