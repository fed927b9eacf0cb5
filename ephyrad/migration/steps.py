# SPDX-License-Identifier: Apache-2.0
"""Steps: what the core decided to do next with one node."""

import enum
from dataclasses import dataclass, field
from datetime import datetime

from ephyrad.migration.direction import Direction
from ephyrad.migration.document import Before, Document
from ephyrad.migration.effects import Effect
from ephyrad.migration.references import Change
from ephyrad.migration.states import Trigger


class Cause(enum.StrEnum):
    """Why a node is held, in one word for machines; the reason says it to people."""

    OPERATOR = "operator"
    MASKED = "masked"
    CONFLICT = "conflict"
    MISSING = "missing-in-new-cloud"
    MISSING_IN_OLD = "missing-in-old-cloud"
    UNMAPPED = "unmapped"
    PROTECTED = "protected"
    MAINTENANCE = "maintenance"
    RETIRED = "retired-by-other"
    UNFIT = "unfit-state"
    VANISHED = "vanished"
    OLD_GONE = "gone-from-old-cloud"
    NEW_GONE = "gone-from-new-cloud"
    OCCUPIED = "occupied"
    LOCKED = "locked"
    CLEAN_FAILED = "clean-failed"
    UNVERIFIED = "bmc-unverified"
    DIFFERENT = "different"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    DEADLINE = "deadline"

    def facing(self, direction: Direction) -> "Cause":
        """Return the cause by the clouds' roles in a journey; or, of such a one, by themselves."""
        return self if direction is Direction.FORWARD else _OTHER_WAY.get(self, self)


_OTHER_WAY = {
    Cause.MISSING: Cause.MISSING_IN_OLD,
    Cause.MISSING_IN_OLD: Cause.MISSING,
    Cause.OLD_GONE: Cause.NEW_GONE,
    Cause.NEW_GONE: Cause.OLD_GONE,
}


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do until somebody asks; at `again`, look whether the hold's cause is gone."""

    again: datetime | None = None


class Watch(enum.Enum):
    """What one call tells of a wait that nothing but time ends.

    PROVIDER: the old placement has a provider of the node still. OFFER: the new one offers nothing
    of it yet. Old and new are roles.
    """

    PROVIDER = enum.auto()
    OFFER = enum.auto()


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Look again when something changes, at `again` at the latest where that is given.

    `what` says in words what is waited for; past `deadline` the node is held. Where `watch` is
    given, all is to be looked at again only when that has changed, or now and then.
    """

    what: str
    deadline: datetime
    again: datetime | None = None
    watch: Watch | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Stop here and tell the operator why.

    `lifts_itself`: nothing was changed yet, so the hold may go as soon as its cause is gone.
    """

    cause: Cause
    reason: str
    lifts_itself: bool = False


@dataclass(frozen=True, slots=True)
class Lift:
    """The cause of the hold is gone: go on."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Make the document durable, with the changes by which it was rewritten for the new cloud."""

    document: Document = field(repr=False)
    before: Before
    final: bool
    rewriting: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Witness:
    """Write down the proof that this migration's cleaning completed."""

    proof: str


@dataclass(frozen=True, slots=True)
class Owe:
    """Write down that the old cloud's cleaning is not proven, so that the new cloud must clean."""

    because: str


@dataclass(frozen=True, slots=True)
class Recall:
    """Write down that the notice to delete the node's instance is void."""

    because: str


@dataclass(frozen=True, slots=True)
class Settle:
    """Take an edge of the table, because of what was seen."""

    trigger: Trigger
    because: str


@dataclass(frozen=True, slots=True)
class Perform:
    """Change a cloud."""

    effect: Effect


@dataclass(frozen=True, slots=True)
class Close:
    """Write down that a node which was to go back is in the old cloud as it was."""

    because: str


Step = Rest | WaitUntil | Hold | Lift | Keep | Witness | Owe | Recall | Settle | Perform | Close
