# SPDX-License-Identifier: Apache-2.0
"""Keeps the secrets of a request out of what is told about it."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ephyrad.migration.outcomes import Done, Outcome, Underway

_SECRET = re.compile(r"pass|secret|token|key|community|credential|configdrive", re.IGNORECASE)


def without_secrets(outcome: Outcome, body: Mapping[str, Any]) -> Outcome:
    """Return the outcome with the secrets of the body that was sent blotted out of its message.

    Ironic's schema errors quote the value that they are about (jsonschema).
    """
    if isinstance(outcome, Done | Underway):
        return outcome
    message = outcome.message
    for secret in sorted(_secrets(body, secret=False), key=len, reverse=True):
        message = message.replace(secret, "******")
    return dataclasses.replace(outcome, message=message)


def _secrets(value: object, *, secret: bool) -> Iterator[str]:
    match value:
        case Mapping():
            for key, inner in value.items():
                yield from _secrets(inner, secret=secret or bool(_SECRET.search(str(key))))
        case list() | tuple():
            for inner in value:
                yield from _secrets(inner, secret=secret)
        case str() | int() if secret and len(str(value)) > 1:
            yield str(value)
