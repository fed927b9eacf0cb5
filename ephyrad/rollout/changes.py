# SPDX-License-Identifier: Apache-2.0
"""What differs between two declarations, place by place."""

from collections.abc import Iterator, Mapping
from typing import Any

Change = tuple[str, Any, Any]
"""The place, with dots; what was there, and what is there now; None where nothing was or is."""


def between(before: Any, after: Any, place: str = "") -> Iterator[Change]:
    """Yield what differs between two plain JSON values, in order of the places."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            inner = f"{place}.{key}" if place else str(key)
            yield from between(before.get(key), after.get(key), inner)
    elif isinstance(before, list) and isinstance(after, list):
        for at in range(max(len(before), len(after))):
            was, now = (each[at] if at < len(each) else None for each in (before, after))
            yield from between(was, now, f"{place}[{at}]")
    else:
        yield place, before, after
