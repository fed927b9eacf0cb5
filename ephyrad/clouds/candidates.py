# SPDX-License-Identifier: Apache-2.0
"""From Ironic's list of nodes to the candidates of a rollout."""

from collections.abc import Mapping
from typing import Any

from ephyrad.clouds.decode import (
    NODE_FIELDS,
    DecodeError,
    node_facts,
    optional_string,
    string,
    strings,
)
from ephyrad.rollout.candidate import Candidate

CANDIDATE_FIELDS = f"{NODE_FIELDS},conductor_group,owner,traits,extra,properties"
"""What is asked of a node, as Ironic's `fields` parameter takes it."""


def candidate(raw: Mapping[str, Any]) -> Candidate:
    """Return a node of the list as a candidate."""
    return Candidate(
        facts=node_facts(raw),
        conductor_group=string(raw, "conductor_group"),
        owner=optional_string(raw, "owner"),
        traits=frozenset(strings(raw, "traits")),
        extra=_members(raw, "extra"),
        properties=_members(raw, "properties"),
    )


def _members(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    if not isinstance(found, dict):
        raise DecodeError(f"{name}: an object was expected, not {found!r:.80}")
    return found
