# SPDX-License-Identifier: Apache-2.0
"""Which parts of a request are secrets, so that no message about it repeats them."""

import json
import re
from collections.abc import Iterator, Mapping

_SECRET = re.compile(r"pass|secret|token|key|community|credential|configdrive", re.IGNORECASE)


def secrets_in(body: object) -> frozenset[str]:
    """Return the secrets of a JSON body: what stands under a key that is called like one.

    Each is given as it is, and as Python and JSON write it inside quotes.
    """
    return frozenset(
        written
        for secret in _values(body, secret=False)
        for written in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1])
    )


def _values(value: object, *, secret: bool) -> Iterator[str]:
    match value:
        case Mapping():
            for key, inner in value.items():
                yield from _values(inner, secret=secret or bool(_SECRET.search(str(key))))
        case list() | tuple():
            for inner in value:
                yield from _values(inner, secret=secret)
        case bool():
            return
        # A single character would blot out half of the message.
        case str() | int() if secret and len(str(value)) > 1:
            yield str(value)
