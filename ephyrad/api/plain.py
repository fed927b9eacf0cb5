# SPDX-License-Identifier: Apache-2.0
"""Answers of the engine as plain JSON values."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def plain(value: object) -> Any:
    """Return `value` as JSON values: a dataclass as an object, a time as ISO 8601 in UTC."""
    match value:
        case datetime():
            text = value.astimezone(UTC).isoformat(timespec="milliseconds")
            return text.replace("+00:00", "Z")
        case Mapping():
            return {str(key): plain(below) for key, below in value.items()}
        case list() | tuple():
            return [plain(below) for below in value]
        case _ if dataclasses.is_dataclass(value):
            names = (field.name for field in dataclasses.fields(value))
            return {name: plain(getattr(value, name)) for name in names}
        case _:
            return value
