# SPDX-License-Identifier: Apache-2.0
"""Effects: the calls that change a cloud, each with the mark by which one sees that it was done.

The clouds are named by their roles in a journey, see :mod:`ephyrad.migration.direction`.
Each may be performed again after a crash: before every one the clouds are read, and an effect
whose mark is seen is not performed.
"""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ephyrad.migration.direction import Direction


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
class ReleaseInstance:
    """Old Nova: delete this instance, by somebody's word, so that the old Ironic cleans its node.

    Mark: the server is gone from Nova, or is being deleted there.
    """

    instance: str
    says: ClassVar[str] = "delete the instance in the old cloud"


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
    """New Ironic: what belongs to a node, of the document, and is not there yet.

    `parts` are the UUIDs of records; `traits`: whether those of the node are not the document's.
    All are of one record in `enroll` that only ephyrad works on. The first that is not done ends
    it. Mark: the same UUIDs, the same set of traits.
    """

    parts: dict[PartKind, tuple[str, ...]]
    traits: bool = False
    says: ClassVar[str] = "create records in the new cloud"


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


@dataclass(frozen=True, slots=True)
class RemoveNode:
    """New Ironic: delete ephyrad's own record of a node that goes back. Mark: 404."""

    says: ClassVar[str] = "delete the record in the new cloud"


@dataclass(frozen=True, slots=True)
class UnfenceNode:
    """Old Ironic: maintenance off, once the new cloud has no record. Mark: `maintenance` is false.

    Its power sync has the BMC again.
    """

    says: ClassVar[str] = "lift the fence in the old cloud (maintenance off)"


@dataclass(frozen=True, slots=True)
class UnretireNode:
    """Old Ironic: `automated_clean` (None: unset) and, where `unmark`, `retired` off, in one PATCH.

    `automated_clean` is the node's own again, or true where it has to be cleaned before anybody
    gets it. Mark: both.
    """

    automated_clean: bool | None
    unmark: bool = True
    says: ClassVar[str] = "unretire in the old cloud"


@dataclass(frozen=True, slots=True)
class OfferNode:
    """Old Ironic: `provide`, which cleans as the node and that cloud are configured.

    Mark: a state after `manageable`.
    """

    says: ClassVar[str] = "make available in the old cloud again (provide)"


Effect = (
    WithdrawNode
    | RetireNode
    | ReleaseInstance
    | FenceNode
    | CreateNode
    | CreateParts
    | ManageNode
    | PowerOffNode
    | DeleteNode
    | ShieldNode
    | ProvideNode
    | UnshieldNode
    | SetAutomatedClean
    | RemoveNode
    | UnfenceNode
    | UnretireNode
    | OfferNode
)


def goes_on_with(tried: Effect, effect: Effect) -> bool:
    """Return whether to perform `effect` is another try of what was tried before.

    Of what was to be created, some may be there by now.
    """
    if not isinstance(tried, CreateParts) or not isinstance(effect, CreateParts):
        return effect == tried
    left = all({*uuids} <= {*tried.parts.get(kind, ())} for kind, uuids in effect.parts.items())
    return left and effect.traits <= tried.traits


def describe(effect: Effect, direction: Direction = Direction.FORWARD) -> str:
    """Return what an effect does, in words for an operator."""
    return direction.words(_described(effect))


def _described(effect: Effect) -> str:
    match effect:
        case CreateParts(parts, traits):
            numbers = [(len(uuids), kind) for kind, uuids in parts.items() if uuids]
            created = [f"{count} {kind}{'s' if count > 1 else ''}" for count, kind in numbers]
            deeds = [f"create {', '.join(created)}"] if created else []
            deeds += ["set traits"] if traits else []
            return f"{' and '.join(deeds)} in the new cloud"
        case ReleaseInstance(instance):
            return f"{effect.says} ({instance})"
        case SetAutomatedClean(value, unmark):
            words = f"{effect.says} ({'unset' if value is None else str(value).lower()})"
            return f"{words} and take ephyrad's mark off" if unmark else words
        case UnretireNode(value, unmark):
            word = "unset" if value is None else str(value).lower()
            words = f"{effect.says}, with automated_clean {word}"
            return words if unmark else f"set automated_clean in the old cloud ({word})"
        case _:
            return effect.says
