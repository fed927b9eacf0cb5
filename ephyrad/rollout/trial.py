# SPDX-License-Identifier: Apache-2.0
"""A trial: an instance that a gate boots on a carried node, marked so that it is found again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

NAME = "ephyra-gate-"
"""What the name of each trial begins with."""

RUN_KEY, OWNER_KEY = "ephyra_gate", "ephyra_gate_of"
"""The keys of Nova's metadata that mark a trial: the gate's run, and which ephyrad's it is."""

_LONGEST_MARK = 255
"""Characters that Nova takes as a value of metadata."""


@dataclass(frozen=True, slots=True)
class TrialOrder:
    """A trial as it is asked for; all but its name and its marks are ids. `node` is a UUID."""

    name: str
    node: str
    image: str
    flavor: str
    network: str | None
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial as Nova shows it.

    `status` and `task` are Nova's own words; `node` is None until one was chosen; `run` is the mark
    of the run that made it; `fault` is what Nova says of an error.
    """

    uuid: str
    run: str
    status: str
    task: str | None = None
    node: str | None = None
    fault: str | None = None
    addresses: tuple[str, ...] = ()

    @property
    def is_going(self) -> bool:
        """Whether Nova deletes it, or has done so."""
        return self.task in ("deleting", "soft-deleting") or self.status == "DELETED"


@dataclass(frozen=True, slots=True)
class FlavorOffer:
    """A flavor, and the resource classes of bare metal that it asks for."""

    id: str
    name: str
    resources: frozenset[str] = frozenset()


def name_of(run_id: str) -> str:
    """Return the name of a run's trial: a host name, whatever the run's id has."""
    return NAME + hashlib.sha256(run_id.encode()).hexdigest()[:12]


def mark_of(ident: str) -> str:
    """Return what stands for a run's id, or an ephyrad's, in metadata."""
    if len(ident) <= _LONGEST_MARK:
        return ident
    return f"sha256:{hashlib.sha256(ident.encode()).hexdigest()}"


def marks_of(owner: str, run_id: str) -> Mapping[str, str]:
    """Return the metadata of a run's trial."""
    return {RUN_KEY: mark_of(run_id), OWNER_KEY: mark_of(owner)}
