# SPDX-License-Identifier: Apache-2.0
"""Outcomes as the journal has them: plain JSON values."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from ephyrad.migration import outcomes
from ephyrad.migration.outcomes import Outcome

_OUTCOMES = {cls.__name__.lower(): cls for cls in outcomes.Outcome.__args__}


def to_json(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain JSON values, `name` saying which it is."""
    return {"name": type(outcome).__name__.lower(), **asdict(outcome)}


def from_json(value: Mapping[str, Any]) -> Outcome:
    """Return the outcome that :func:`to_json` wrote.

    :raises KeyError, TypeError: it is of another ephyrad's.
    """
    rest = {name: below for name, below in value.items() if name != "name"}
    return cast(Outcome, _OUTCOMES[value["name"]](**rest))
