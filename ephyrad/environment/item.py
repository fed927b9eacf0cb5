# SPDX-License-Identifier: Apache-2.0
"""Items: one image, one key pair, one flavor of a cloud, as they are compared and carried."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ephyrad.environment.kinds import MASKED, Kind
from ephyrad.environment.masks import is_alike

# Made once: a sweep digests thousands of items.
_CANON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class ItemId:
    """Which item it is, in the old cloud's words; the journal knows it by its text.

    `key` is the id of an image, a flavor, a deploy template and a runbook, the name of a trait, a
    resource class and an aggregate, and USER-ID/NAME of a key pair.
    """

    kind: Kind
    key: str

    def __hash__(self) -> int:
        # A sweep looks thousands of them up; hardly two kinds have the same key.
        return hash(self.key)

    def __str__(self) -> str:
        return f"{self.kind}/{self.key}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the item that a text of :meth:`__str__` names.

        :raises ValueError: it names none.
        """
        kind, slash, key = text.partition("/")
        if not slash or not key:
            raise ValueError(f"{text!r} names no item: it is KIND/KEY")
        return cls(Kind(kind), key)


@dataclass(frozen=True, slots=True)
class Item:
    """One item as a cloud shows it.

    `key` and whatever `fields` name are in that cloud's own words: ids of its users and projects.
    `fields` are plain JSON values: all that is carried and compared, and nothing else; lists whose
    order means nothing are sorted, what is empty or at its default is left out. `mark` is what
    ephyrad left on it: the digest of the fields that it wrote. `trouble` says why it cannot be
    carried as it stands, in words with the cure; `left_behind` what of it is not carried.
    """

    kind: Kind
    key: str
    name: str
    fields: Mapping[str, Any] = field(repr=False)
    mark: str | None = None
    trouble: str | None = None
    left_behind: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What tells these fields from others; it stands in marks and in the journal."""
        return digest_of(self.fields)


def digest_of(fields: Mapping[str, Any]) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of fields, whatever their order."""
    return hashlib.sha256(_CANON.encode(fields).encode()).hexdigest()[:16]


def differences(wanted: Item, found: Item) -> tuple[str, ...]:
    """Return the paths at which `found` is not as `wanted`, sorted; one level below a mapping.

    What a cloud masks in `found` counts as equal.
    """
    paths: list[str] = []
    for name in wanted.fields.keys() | found.fields.keys():
        here, there = wanted.fields.get(name), found.fields.get(name)
        if here == there or (found.kind in MASKED and is_alike(here, there)):
            continue
        if isinstance(here, Mapping) and isinstance(there, Mapping):
            keys = here.keys() | there.keys()
            paths += [f"{name}/{key}" for key in keys if here.get(key) != there.get(key)]
        else:
            paths.append(name)
    return tuple(sorted(paths))
