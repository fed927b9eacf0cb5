# SPDX-License-Identifier: Apache-2.0
"""Half-done work: what an item may look like while an effect on it is open.

An effect may take several calls, and any of them may be lost, late, or cut off by a crash. Whatever
came of it, each field is as it was found or as it was being written; a third value is people's.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ephyrad.environment import images, names
from ephyrad.environment.effects import Effect
from ephyrad.environment.item import Item, digest_of
from ephyrad.environment.kinds import MASKED, Kind
from ephyrad.migration.document import MASK

Values = Mapping[str, frozenset[str | None]]
"""To each path of an item's fields the digests of the values that it may have; None: absent."""

_THERE = "there"
_DIGITS = 8


def values_of(effect: Effect, wanted: Item | None, found: Item | None) -> Values:
    """Return what an item may look like from now on that an effect is performed on it."""
    states: list[Mapping[str, Any]] = [found.fields if found else {}]
    if effect is Effect.DELETE or wanted is None:
        # The protection of an image is taken away beforehand.
        bare = {name: value for name, value in states[0].items() if name != "protected"}
        return _joined([*states, bare])
    if wanted.kind is Kind.IMAGE:
        states += images.unfinished_states(wanted)
    if wanted.kind in names.KINDS:
        states.append(names.parked(wanted).fields)
    return _joined([*states, wanted.fields])


def merged(one: Values, other: Values) -> Values:
    """Return what an item may look like as of either: a call of before may be done late."""
    nothing = frozenset({None})
    return {
        path: one.get(path, nothing) | other.get(path, nothing)
        for path in one.keys() | other.keys()
    }


def is_among(found: Item, values: Values) -> bool:
    """Return whether an item looks as it may; what a cloud masks of it is not looked at."""
    there = dict(_flat(found.fields))
    if any(None not in values[path] for path in values.keys() - there.keys()):
        return False
    return all(
        _digest(value) in values.get(path, ()) or _is_hidden(found, value)
        for path, value in there.items()
    )


def to_json(values: Values) -> dict[str, list[str | None]]:
    """Return the values as plain JSON."""
    return {path: sorted(each, key=str) for path, each in sorted(values.items())}


def from_json(value: Mapping[str, Iterable[str | None]]) -> Values:
    """Return the values that :func:`to_json` wrote."""
    return {path: frozenset(each) for path, each in value.items()}


def _joined(states: Iterable[Mapping[str, Any]]) -> Values:
    flat = [{path: _digest(value) for path, value in _flat(fields)} for fields in states]
    paths = {path for each in flat for path in each}
    return {path: frozenset(each.get(path) for each in flat) for path in paths}


def _flat(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give each path with its value: what stands in a mapping, or in a list of names, by itself."""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}/{key}", below) for key, below in value.items())
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            yield from ((f"{name}/{each}", _THERE) for each in value)
        else:
            yield name, value


def _digest(value: Any) -> str:
    return digest_of({"": value})[:_DIGITS]


def _is_hidden(found: Item, value: Any) -> bool:
    return found.kind in MASKED and MASK in json.dumps(value)
