# SPDX-License-Identifier: Apache-2.0
"""ephyrad's own message: {"source", "id", "nodes", "instances", "build", "result"}."""

import json
from collections.abc import Mapping
from typing import Any

from ephyrad.reclaim.nomination import (
    Ignored,
    MessageError,
    Nomination,
    instances,
    maybe,
    nodes,
    text,
)

_FIELDS = ("source", "id", "nodes", "instances", "build", "result")


def read(body: Mapping[str, Any]) -> Nomination | Ignored:
    """Read a message.

    :raises MessageError: it cannot be read.
    """
    for name in body:
        if name not in _FIELDS:
            known = ", ".join(_FIELDS)
            raise MessageError(f"the body has an unknown field {json.dumps(name)}: it has {known}")
    named = Nomination(
        source=text(body.get("source"), "source"),
        id=text(body.get("id"), "id"),
        nodes=nodes(body.get("nodes"), "nodes"),
        instances=instances(body.get("instances"), "instances"),
        label=maybe(body.get("build"), "build"),
        result=maybe(body.get("result"), "result").upper(),
    )
    if named.nodes or named.instances or named.label:
        return named
    return Ignored("it names no node, no instance and no build")
