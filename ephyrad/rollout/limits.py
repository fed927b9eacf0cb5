# SPDX-License-Identifier: Apache-2.0
"""How many nodes may be in flight, and how fast they may be begun with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ephyrad.rollout.declaration import Limits, Rate

Values = Mapping[str, str]
"""What a node has under the keys that limits name, as text."""


def over_limit(limits: Limits, values: Values, in_flight: Iterable[Values]) -> str | None:
    """Return which limit one more node of these values would break, in words; None: none.

    `in_flight` are the values of those that are in flight, without that node.
    """
    others = list(in_flight)
    if limits.in_flight is not None and len(others) >= limits.in_flight:
        return f"{len(others)} of {limits.in_flight} nodes of the rollout are in flight"
    for key, most in limits.by_value.items():
        value = values.get(key, "")
        alike = sum(each.get(key, "") == value for each in others)
        if alike >= most:
            return f"{alike} of {most} nodes of {key} {value or '(none)'} are in flight"
    return None


def next_start(rate: Rate | None, starts: Sequence[datetime], at: datetime) -> datetime:
    """Return when one more node may be begun with: `at`, or when an earlier start is past its span.

    `starts` are those so far, in any order.
    """
    if rate is None:
        return at
    recent = sorted(start for start in starts if start + rate.span > at)
    if len(recent) < rate.count:
        return at
    return recent[-rate.count] + rate.span
