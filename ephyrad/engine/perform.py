# SPDX-License-Identifier: Apache-2.0
"""Each kind of effect as the one call that brings it about."""

from dataclasses import dataclass

from ephyrad.clouds.port import Cloud
from ephyrad.migration import marks
from ephyrad.migration.direction import Direction
from ephyrad.migration.document import Document, with_automated_clean
from ephyrad.migration.effects import (
    CreateNode,
    CreateParts,
    DeleteNode,
    Effect,
    FenceNode,
    ManageNode,
    OfferNode,
    PartKind,
    PowerOffNode,
    ProvideNode,
    ReleaseInstance,
    RemoveNode,
    RetireNode,
    SetAutomatedClean,
    ShieldNode,
    UnfenceNode,
    UnretireNode,
    UnshieldNode,
    WithdrawNode,
)
from ephyrad.migration.outcomes import Done, Outcome


@dataclass(frozen=True, slots=True)
class Clouds:
    """The two control planes."""

    old: Cloud
    new: Cloud

    def facing(self, direction: Direction) -> "Clouds":
        """Return the clouds by their roles in a journey: `old` is the one that is left."""
        return self if direction is Direction.FORWARD else Clouds(self.new, self.old)


class DocumentMissingError(Exception):
    """An effect needs the node's document and the journal has none."""

    def __init__(self, node: str) -> None:
        super().__init__(f"the journal has no document of node {node}")


def perform(
    effect: Effect,
    node: str,
    clouds: Clouds,
    document: Document | None,
    direction: Direction = Direction.FORWARD,
) -> Outcome:
    """Change a cloud and return what became of it. `clouds` are by their roles in `direction`.

    :raises DocumentMissingError: the effect writes from the document and there is none.
    """
    match effect:
        case CreateNode() | CreateParts():
            if document is None:
                raise DocumentMissingError(node)
            return _write(effect, document, clouds.new, direction)
        case WithdrawNode():
            return clouds.old.provision(node, "manage")
        case RetireNode(automated_clean=automated_clean):
            reason = marks.retired(marks.Mark(automated_clean, direction))
            values = {"retired": True, "retired_reason": reason, "automated_clean": True}
            return clouds.old.patch_node(node, values)
        case ReleaseInstance(instance):
            return clouds.old.delete_server(instance)
        case FenceNode():
            return clouds.old.set_maintenance(node, direction.words(marks.FENCED))
        case DeleteNode():
            return clouds.old.delete_node(node)
        case ManageNode():
            return clouds.new.provision(node, "manage")
        case PowerOffNode():
            return clouds.new.power_off(node)
        case ShieldNode():
            return clouds.new.set_maintenance(node, marks.SHIELDED)
        case ProvideNode():
            return clouds.new.provision(node, "provide")
        case UnshieldNode():
            return clouds.new.clear_maintenance(node)
        case SetAutomatedClean(value, unmark):
            unmarked = {f"extra/{marks.KEY}": None} if unmark else {}
            return clouds.new.patch_node(node, {"automated_clean": value, **unmarked})
        case RemoveNode() | UnfenceNode() | UnretireNode() | OfferNode():
            return _undo(effect, node, clouds)


def _undo(
    effect: RemoveNode | UnfenceNode | UnretireNode | OfferNode, node: str, clouds: Clouds
) -> Outcome:
    match effect:
        case RemoveNode():
            return clouds.new.delete_node(node)
        case UnfenceNode():
            return clouds.old.clear_maintenance(node)
        case UnretireNode(automated_clean, unmark):
            # Ironic takes the reason away with it.
            unretired = {"retired": False} if unmark else {}
            return clouds.old.patch_node(node, {"automated_clean": automated_clean, **unretired})
        case OfferNode():
            return clouds.old.provision(node, "provide")


def _write(
    effect: CreateNode | CreateParts, document: Document, new: Cloud, direction: Direction
) -> Outcome:
    match effect:
        case CreateNode(automated_clean):
            body = with_automated_clean(document, automated_clean).node
            mark = marks.Mark(document.node.get("automated_clean"), direction)
            extra = marks.with_mark(body.get("extra") or {}, mark)
            return new.create_node({**body, "extra": extra})
        case CreateParts(parts, traits):
            # A port names its port group, which comes first.
            for kind in PartKind:
                for part in document.parts[kind]:
                    if part["uuid"] in parts.get(kind, ()):
                        outcome = new.create_part(kind, {**part, "node_uuid": document.uuid})
                        if outcome != Done():
                            return outcome
            return new.set_traits(document.uuid, document.traits) if traits else Done()
