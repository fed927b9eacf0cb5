# SPDX-License-Identifier: Apache-2.0
"""Preflight: what must be true of a node and the new cloud before anything is changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ephyrad.migration import marks
from ephyrad.migration.document import INTERFACES, Document, masked
from ephyrad.migration.facts import NewCloudFacts, NodeFacts
from ephyrad.migration.flavors import Flavors, demanding, placement_class
from ephyrad.migration.mapping import Kind
from ephyrad.migration.references import image_id, references
from ephyrad.migration.steps import Cause, Hold

_NAMED = 3
"""So many things of a kind are named in one text."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it must be, with the cure.

    `common` says it without what is the node's own, where the same is said of many nodes.
    """

    cause: Cause
    text: str
    common: str | None = None


def images(document: Document) -> Mapping[str, str]:
    """Return the Glance ids that `driver_info` names, by key; URLs and paths are not ids."""
    found = (each for each in references(document) if each.kind is Kind.IMAGE)
    return {str(each.keys[-1]): image_id(each.value) or each.value for each in found}


def old_record(old: NodeFacts) -> Iterator[Problem]:
    """Yield what forbids to touch the node in the old cloud."""
    if old.protected:
        yield Problem(Cause.PROTECTED, "it is protected in the old cloud: unset protected there")
    if old.retired and not marks.is_retired(old.retired_reason):
        yield Problem(
            Cause.RETIRED,
            f"somebody else retired it in the old cloud ({old.retired_reason or 'no reason'}):"
            " unset retired there if it is to be carried",
        )
    if old.maintenance and old.maintenance_reason != marks.FENCED:
        yield Problem(
            Cause.MAINTENANCE,
            "it is in maintenance in the old cloud"
            f" ({old.maintenance_reason or 'no reason'}): repair it and unset maintenance there",
        )


def secrets(document: Document) -> Iterator[Problem]:
    """Yield the secrets that are masked and not known otherwise."""
    paths = masked(document)
    if paths:
        yield Problem(
            Cause.MASKED,
            f"the old cloud masks {', '.join(paths)}: let ephyrad's user see it (Ironic policy"
            " show_password, baremetal:node:get:driver_info) or give it in the file named by"
            " [migration] credentials_file",
        )


def conflicts(
    document: Document, new: NewCloudFacts, present: NodeFacts | None
) -> Iterator[Problem]:
    """Yield what in the new cloud has already this node's UUID, name or MAC addresses."""
    if present is not None:
        yield Problem(
            Cause.CONFLICT,
            f"the new cloud has a node with this UUID already (name {present.name},"
            f" {present.provision_state}): delete it there if it is not needed",
            "the new cloud has a node with the same UUID already: delete it there if it is not"
            " needed",
        )
    if new.node_by_name not in (None, document.uuid):
        yield Problem(
            Cause.CONFLICT,
            f"the name {document.name} belongs to node {new.node_by_name} of the new cloud:"
            " rename one of the two",
            "the node's name belongs to another node of the new cloud: rename one of the two",
        )
    for address in document.addresses:
        owner = new.addresses.get(address.lower())
        if owner not in (None, document.uuid):
            yield Problem(
                Cause.CONFLICT,
                f"the MAC address {address} belongs to node {owner} of the new cloud:"
                " remove it there",
                "a MAC address belongs to another node of the new cloud: remove it there",
            )


def missing(document: Document, new: NewCloudFacts, *, nova: bool) -> Iterator[Problem]:
    """Yield what the node names and the new cloud does not have; `nova` says whether it has one."""
    driver = document.node.get("driver")
    enabled = new.drivers.get(str(driver))
    if enabled is None:
        yield Problem(
            Cause.MISSING, f"the new cloud has no driver {driver}: enable it in its conductors"
        )
    else:
        for field in INTERFACES:
            wanted, kind = document.node.get(field), field.removesuffix("_interface")
            if wanted and wanted not in enabled.get(kind, ()):
                yield Problem(
                    Cause.MISSING,
                    f"the new cloud's driver {driver} has no {kind} interface {wanted}:"
                    f" enable it in its conductors (enabled_{kind}_interfaces)",
                )
    group = str(document.node.get("conductor_group") or "")
    if group not in new.conductor_groups:
        yield Problem(
            Cause.MISSING, f"the new cloud has no conductor of group {group!r}: start one"
        )
    for key, image in images(document).items():
        if image not in new.images:
            yield Problem(
                Cause.MISSING,
                f"driver_info/{key} names image {image}, which the new cloud does not have:"
                " upload it there under the same id",
            )
    if nova and not document.node.get("resource_class"):
        yield Problem(
            Cause.MISSING,
            "it has no resource class, so the new Nova would never offer it: set one",
        )


def unofferable(document: Document, old: Flavors, new: Flavors) -> Iterator[Problem]:
    """Yield why nobody could get the node by a flavor of the new cloud, who can by one of the old.

    Where the old cloud has no flavor for it either, nothing is lost.
    """
    resource_class = document.node.get("resource_class")
    name = placement_class(str(resource_class)) if resource_class else ""
    known = [each for each in demanding(old, name) if not each.unmet(document.traits)]
    if not known:
        return
    found = demanding(new, name)
    if not found:
        yield Problem(
            Cause.MISSING,
            f"no flavor of the new cloud demands resource class {name} (the old cloud has"
            f" {_some(known)}): carry the flavors with `ephyra environment sync --kind flavor`, or"
            f" make one there with resources:{name}=1",
        )
    elif all(each.unmet(document.traits) for each in found):
        unmet = "; ".join(f"{each.name} {', '.join(each.unmet(document.traits))}" for each in found)
        yield Problem(
            Cause.MISSING,
            f"no flavor of the new cloud that demands resource class {name} takes a node of its"
            f" traits ({unmet}; the old cloud has {_some(known)}): make one there that does, or"
            " set the node's traits in the old cloud",
        )


def carrying(
    document: Document, new: NewCloudFacts, present: NodeFacts | None, *, nova: bool
) -> Iterator[Problem]:
    """Yield what stands in the way of the document's being carried across.

    `present` is a record of the new cloud that is in its place and not ephyrad's; `nova`: whether a
    Nova serves the new cloud's nodes.
    """
    yield from secrets(document)
    yield from conflicts(document, new, present)
    yield from missing(document, new, nova=nova)


def _some(flavors: Flavors) -> str:
    """Return flavors in words: the names of a few, and how many more there are."""
    names = sorted(each.name for each in flavors)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def as_hold(problems: Iterator[Problem], *, lifts_itself: bool) -> Hold | None:
    """Return one hold that names all problems, None where there are none."""
    found = list(problems)
    if not found:
        return None
    texts = [problem.text for problem in found]
    if not lifts_itself:
        texts.append("then release the node")
    return Hold(found[0].cause, "; ".join(texts), lifts_itself)
