# SPDX-License-Identifier: Apache-2.0
"""Effects: the calls that change a cloud, each with the mark by which one sees that it was done.

Each may be performed again after a crash: before every one the clouds are read, and an effect
whose mark is seen is not performed.
"""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


class PartKind(enum.StrEnum):
    """The records of their own that belong to a node."""

    PORTGROUP = "port group"
    PORT = "port"
    CONNECTOR = "volume connector"
    TARGET = "volume target"


@dataclass(frozen=True, slots=True)
class WithdrawNode:
    """Old Ironic: `manage`, so that an available node can no longer be scheduled.

    Mark: provision state `manageable`.
    """

    says: ClassVar[str] = "withdraw from scheduling in the old cloud (manage)"


@dataclass(frozen=True, slots=True)
class RetireNode:
    """Old Ironic: `retired` with our reason, and the node's own `automated_clean`.

    Both in one PATCH: a retired node whose cleaning is skipped would end `available`. Ironic takes
    no PATCH while it deploys or cleans a node (409, observed on 21.4 and read in 39.0).
    `in_use` says whether an instance was on it, so that cleaning follows by itself; then
    `last_fault` is the time of the newest error in the node's history. `automated_clean` is the
    node's own, which the mark remembers. Mark: `retired_reason`.
    """

    in_use: bool
    last_fault: datetime | None = None
    automated_clean: bool | None = None
    says: ClassVar[str] = "retire in the old cloud"


@dataclass(frozen=True, slots=True)
class FenceNode:
    """Old Ironic: maintenance with our reason; its power sync lets go of the BMC.

    Mark: `maintenance_reason`.
    """

    says: ClassVar[str] = "fence in the old cloud (maintenance)"


@dataclass(frozen=True, slots=True)
class CreateNode:
    """New Ironic: the node record from the document, in `enroll`.

    `automated_clean` is what the record has until the node is available: false where the old
    cloud's cleaning is not to be repeated. Mark: the same UUID, and one in `extra`, which tells
    ephyrad's record from another's and stays until the node is registered.
    """

    automated_clean: bool
    says: ClassVar[str] = "create the node record in the new cloud"


@dataclass(frozen=True, slots=True)
class CreateParts:
    """New Ironic: those of the document's records of one kind that are not there yet.

    Mark: the same UUIDs.
    """

    kind: PartKind
    uuids: tuple[str, ...]
    says: ClassVar[str] = "create records in the new cloud"


@dataclass(frozen=True, slots=True)
class SetTraits:
    """New Ironic: the document's traits. Mark: the same set of traits."""

    says: ClassVar[str] = "set traits in the new cloud"


@dataclass(frozen=True, slots=True)
class ManageNode:
    """New Ironic: `manage`, which verifies the BMC. Mark: a state after `enroll`."""

    says: ClassVar[str] = "have the new cloud take control of the BMC (manage)"


@dataclass(frozen=True, slots=True)
class PowerOffNode:
    """New Ironic: power off, where the power state is not known yet. Mark: a known power state."""

    says: ClassVar[str] = "power off through the new cloud, to learn the power state"


@dataclass(frozen=True, slots=True)
class DeleteNode:
    """Old Ironic: delete the record. Mark: 404."""

    says: ClassVar[str] = "delete the record in the old cloud"


@dataclass(frozen=True, slots=True)
class ShieldNode:
    """New Ironic: maintenance, before `provide` makes a node available that is not cleaned again.

    Until its `automated_clean` is set back, an instance could come and go without a cleaning.
    Mark: `maintenance_reason`.
    """

    says: ClassVar[str] = "keep from schedulers in the new cloud (maintenance)"


@dataclass(frozen=True, slots=True)
class UnshieldNode:
    """New Ironic: maintenance off. Mark: `maintenance` is false."""

    says: ClassVar[str] = "open to schedulers in the new cloud (maintenance off)"


@dataclass(frozen=True, slots=True)
class ProvideNode:
    """New Ironic: `provide`. Mark: a state after `manageable`."""

    says: ClassVar[str] = "make available in the new cloud (provide)"


@dataclass(frozen=True, slots=True)
class SetAutomatedClean:
    """New Ironic: the node's own `automated_clean`; None unsets it. Mark: the value.

    `unmark`: in the same PATCH, take ephyrad's mark off `extra`.
    """

    value: bool | None
    unmark: bool = False
    says: ClassVar[str] = "set automated_clean in the new cloud"


Effect = (
    WithdrawNode
    | RetireNode
    | FenceNode
    | CreateNode
    | CreateParts
    | SetTraits
    | ManageNode
    | PowerOffNode
    | DeleteNode
    | ShieldNode
    | ProvideNode
    | UnshieldNode
    | SetAutomatedClean
)


def describe(effect: Effect) -> str:
    """Return what an effect does, in words for an operator."""
    match effect:
        case CreateParts(kind, uuids):
            return f"create {len(uuids)} {kind}{'s' if len(uuids) > 1 else ''} in the new cloud"
        case SetAutomatedClean(value, unmark):
            words = f"{effect.says} ({'unset' if value is None else str(value).lower()})"
            return f"{words} and take ephyrad's mark off" if unmark else words
        case _:
            return effect.says
