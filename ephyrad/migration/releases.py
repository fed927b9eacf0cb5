# SPDX-License-Identifier: Apache-2.0
"""Releases: what of a document an older Ironic than the one that it is from does not know.

Such an Ironic refuses the whole record for one such field (400, observed on 21.4, API 1.82, with
what 39.0, API 1.115, shows). What says nothing there is left behind; what would be lost stands in
the way.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ephyrad.migration.document import Document
from ephyrad.migration.effects import PartKind
from ephyrad.migration.references import Change, Resolution

Version = tuple[int, int]

# Ironic's API history (ironic/api/controllers/v1/versions.py of 39.0), above 1.65.
_NODE: Mapping[str, Version] = {
    "network_data": (1, 66),
    "shard": (1, 82),
    "firmware_interface": (1, 86),
    "disable_power_off": (1, 95),
}
_PARTS: Mapping[PartKind, Mapping[str, Version]] = {
    PartKind.PORT: {
        "name": (1, 88),
        "description": (1, 97),
        "vendor": (1, 100),
        "category": (1, 101),
    },
    PartKind.PORTGROUP: {"physical_network": (1, 102), "category": (1, 103)},
}


def unknown(document: Document, version: Version) -> Resolution:
    """Return what a document leaves behind for an Ironic of this version, and what is lost."""
    changes, problems = [], []
    for record, name, value in _not_known(document, version):
        if not value or _says_nothing(document, record, name, value):
            label = f"the API of the new Ironic, {_text(version)}, does not know it"
            changes.append(Change(record, (name,), value or "", None, label))
        else:
            place = name if record == "node" else f"{record}/{name}"
            problems.append(
                f"{place} {value!r} would be lost, as the API of the new Ironic, {_text(version)},"
                " does not know it: unset it in the old cloud"
            )
    return Resolution(tuple(changes), tuple(problems))


def _not_known(document: Document, version: Version) -> Iterator[tuple[str, str, Any]]:
    for name, since in _NODE.items():
        if since > version and name in document.node:
            yield "node", name, document.node[name]
    for kind, fields in _PARTS.items():
        for part in document.parts[kind]:
            for name, since in fields.items():
                if since > version and name in part:
                    yield f"{kind} {part['uuid']}", name, part[name]


def _says_nothing(document: Document, record: str, name: str, value: Any) -> bool:
    """Return whether a value is nobody's word.

    Which firmware interface a node has is of no use to an Ironic that has none, and every node of
    39.0 has one. The same release gives a port group the physical network of its ports.
    """
    if name == "firmware_interface":
        return True
    group = record.removeprefix(f"{PartKind.PORTGROUP} ")
    return name == "physical_network" and any(
        port.get("portgroup_uuid") == group and port.get("physical_network") == value
        for port in document.parts[PartKind.PORT]
    )


def _text(version: Version) -> str:
    return ".".join(map(str, version))
