# SPDX-License-Identifier: Apache-2.0
"""A simulated Glance: records of images, their bytes, and with whom they are shared.

What it does was observed on Glance 26.0 (2023.1) and 33.0 (2026.2).
"""

import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ephyrad.testing.bus import Bus
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.refusals import ApiError

Record = dict[str, Any]

_PUBLISHER = "image.simulated"
_STORE = "file"

_READ_ONLY = frozenset(
    """
    id status size virtual_size checksum created_at updated_at self file schema stores direct_url
    """.split()
)
_FIXED = frozenset({"disk_format", "container_format"})
_BASE: Mapping[str, Any] = {
    "name": None,
    "disk_format": None,
    "container_format": None,
    "visibility": "shared",
    "protected": False,
    "min_ram": 0,
    "min_disk": 0,
    "os_hidden": False,
}
_UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")

# What the bytes of a disk format begin with, and where that stands.
_BEGINNINGS = {
    "qcow2": (0, b"QFI\xfb"),
    "vhd": (0, b"conectix"),
    "vhdx": (0, b"vhdxfile"),
    "vmdk": (0, b"KDMV"),
    "vdi": (0x40, b"\x7f\x10\xda\xbe"),
    "iso": (0x8001, b"CD001"),
}


class Glance:
    """The images of one cloud, as its administrator sees them.

    `inspects`: whether it refuses bytes that are not of the image's disk_format, as 33.0 does.
    """

    def __init__(self, clock: VirtualClock, bus: Bus, *, inspects: bool) -> None:
        self.inspects = inspects
        self.records: dict[str, Record] = {}
        self.data: dict[str, bytes] = {}
        """The bytes that are in the store, also those of an image that was refused for them."""
        self.shared: dict[str, dict[str, Record]] = {}
        """The members of images by id, whether or not the image is shared at the time."""
        self._used: set[str] = set()
        self._clock = clock
        self._bus = bus

    def create(self, body: Mapping[str, Any], owner: str) -> Record:
        """Make the record of an image, which is `queued` until it has bytes."""
        ident = body.get("id") or str(uuid.uuid4())
        if not _UUID.fullmatch(str(ident)):
            raise ApiError(400, f"Provided object does not match schema 'image': {ident!r}")
        rest = {name: value for name, value in body.items() if name != "id"}
        for name, value in rest.items():
            _check(name, value)
        if ident in self._used:
            raise ApiError(409, f"Image ID {ident} already exists!")
        self._used.add(ident)
        now = self._now()
        record = {**_BASE, "owner": owner, "tags": [], **rest}
        nothing = dict.fromkeys(
            ("size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value")
        )
        record |= {**nothing, "id": ident, "status": "queued", "created_at": now}
        record["updated_at"] = now
        record["tags"] = sorted(set(record["tags"]))
        self.records[ident] = record
        self.shared[ident] = {}
        self._tell("create", record)
        return self.show(ident)

    def show(self, ident: str) -> Record:
        """Return one record."""
        return dict(self._record(ident))

    def list_images(self, *, visibility: str | None = None, hidden: bool = False) -> list[Record]:
        """Return the records that a list shows, newest first."""
        return [
            dict(record)
            for record in reversed(self.records.values())
            if record["os_hidden"] == hidden and _is_listed(record["visibility"], visibility)
        ]

    def patch(self, ident: str, operations: Sequence[Mapping[str, Any]]) -> Record:
        """Change a record by a JSON patch, all of it or nothing."""
        record = dict(self._record(ident))
        for operation in operations:
            name = str(operation["path"])[1:].replace("~1", "/").replace("~0", "~")
            _apply(record, operation["op"], name, operation.get("value"))
        record["updated_at"] = self._now()
        self.records[ident] = record
        self._tell("update", record)
        return dict(record)

    def delete(self, ident: str) -> None:
        """Delete an image, whose id can never be used again."""
        record = self.records.get(ident)
        if record is None:
            raise ApiError(404, f"Failed to find image {ident} to delete")
        if record["protected"]:
            raise ApiError(403, f"Image {ident} is protected and cannot be deleted.")
        del self.records[ident]
        self.data.pop(ident, None)
        self._tell("delete", {**record, "status": "deleted"})

    def take_in(self, ident: str, size: int | None) -> "Upload":
        """Begin to take in the bytes of an image: it is `saving`."""
        record = self._record(ident)
        if record["status"] != "queued":
            was = record["status"]
            raise ApiError(409, f"Image status transition from {was} to saving is not allowed")
        lacking = [name for name in sorted(_FIXED, reverse=True) if not record[name]]
        if lacking:
            what = "Properties" if lacking[1:] else "Property"
            raise ApiError(400, f"{what} {', '.join(lacking)} must be set prior to saving data.")
        record["status"] = "saving"
        self._tell("prepare", record)
        return Upload(self, ident, size)

    def settle(self, ident: str, content: bytes, size: int | None) -> None:
        """Make an image of what was uploaded."""
        record = self.records.get(ident)
        if record is None:
            raise ApiError(410, f"Image {ident} could not be found after upload.")
        record["status"] = "queued"
        if size is not None and len(content) != size:
            raise ApiError(400, f"Size mismatch: expected {size} bytes, got {len(content)} bytes")
        if ident in self.data:
            raise ApiError(500, "The server has either erred or is incapable of performing it.")
        self.data[ident] = content
        record |= {
            "os_hash_algo": "sha512",
            "os_hash_value": hashlib.sha512(content).hexdigest(),
            "checksum": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            "stores": _STORE,
        }
        found = _format_of(content)
        claimed = record["disk_format"]
        if self.inspects and record["container_format"] == "bare" and _differ(claimed, found):
            # Its bytes and their hash stay (observed on 33.0).
            words = f"Image disk_format {claimed} does not match stream data {found}"
            self._tell("upload", record, "error")
            raise ApiError(415, words)
        record |= {"status": "active", "size": len(content), "virtual_size": len(content)}
        record["updated_at"] = self._now()
        self._tell("upload", record)
        self._tell("activate", record)

    def content(self, ident: str) -> bytes | None:
        """Return the bytes of an image, None where it has none."""
        record = self._record(ident)
        self._tell("send", record)
        return self.data.get(ident)

    def set_active(self, ident: str, *, active: bool) -> None:
        """Deactivate or reactivate an image."""
        record = self._record(ident)
        if record["status"] not in ("active", "deactivated"):
            verb = "reactivate" if active else "deactivate"
            raise ApiError(403, f"Not allowed to {verb} image in status '{record['status']}'")
        record["status"] = "active" if active else "deactivated"
        record["updated_at"] = self._now()
        self._tell("update", record)

    def members(self, ident: str) -> list[Record]:
        """Return with whom an image is shared."""
        self._shared(ident, "list members for")
        return list(self.shared[ident].values())

    def add_member(self, ident: str, project: str) -> Record:
        """Share an image; its record does not show it."""
        self._shared(ident, "create members for")
        if project in self.shared[ident]:
            raise ApiError(409, f"Member {project} is duplicated for image {ident}")
        now = self._now()
        member = {"member_id": project, "image_id": ident, "status": "pending"}
        member |= {"created_at": now, "updated_at": now}
        self.shared[ident][project] = member
        self._tell("member.create", member)
        return member

    def set_member(self, ident: str, project: str, status: str) -> Record:
        """Accept a shared image, or reject it."""
        member = self._member(ident, project)
        member["status"] = status
        self._tell("member.update", member)
        return member

    def remove_member(self, ident: str, project: str) -> None:
        """Share an image no longer."""
        member = self._member(ident, project)
        del self.shared[ident][project]
        self._tell("member.delete", member)

    def active(self) -> frozenset[str]:
        """Return the ids of the images that can be booted from."""
        return frozenset(
            ident for ident, record in self.records.items() if record["status"] == "active"
        )

    def _record(self, ident: str) -> Record:
        record = self.records.get(ident)
        if record is None:
            raise ApiError(404, f"No image found with ID {ident}")
        return record

    def _shared(self, ident: str, verb: str) -> None:
        if ident not in self.records:
            raise ApiError(404, f"Image {ident} not found.")
        if self.records[ident]["visibility"] != "shared":
            words = f"Not allowed to {verb} image {ident}: Only shared images have members."
            raise ApiError(403, words)

    def _member(self, ident: str, project: str) -> Record:
        self._shared(ident, "list members for")
        if project not in self.shared[ident]:
            raise ApiError(404, f"{project} not found in the member list of the image {ident}.")
        return self.shared[ident][project]

    def _now(self) -> str:
        return self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _tell(self, verb: str, payload: Record, priority: str = "info") -> None:
        self._bus.publish(_PUBLISHER, f"image.{verb}", dict(payload), priority)


class Upload:
    """Bytes on their way into a Glance."""

    def __init__(self, glance: Glance, ident: str, size: int | None) -> None:
        self._glance = glance
        self._ident = ident
        self._size = size
        self._parts: list[bytes] = []

    def take(self, part: bytes) -> None:
        """Take the next bytes."""
        self._parts.append(part)

    def end(self) -> None:
        """Make the image of them, if they are as many as were announced."""
        self._glance.settle(self._ident, b"".join(self._parts), self._size)

    def break_off(self) -> None:
        """Be as before: the connection broke."""
        record = self._glance.records.get(self._ident)
        if record is not None and record["status"] == "saving":
            record["status"] = "queued"


def _is_listed(visibility: str, asked: str | None) -> bool:
    """Say whether an administrator's list has such an image."""
    if asked is None:
        return visibility != "community"
    return asked in ("all", visibility)


def _apply(record: Record, verb: str, name: str, value: object) -> None:
    if verb == "remove":
        if name in _BASE or name in _READ_ONLY:
            raise ApiError(403, f"Property {name} may not be removed.")
        if name not in record:
            raise ApiError(409, f"Property {name} does not exist.")
        del record[name]
        return
    if verb == "replace" and name not in record:
        raise ApiError(409, f"Property {name} does not exist.")
    _check(name, value)
    if name in _FIXED and record["status"] != "queued":
        raise ApiError(403, f"Attribute {name} can be only replaced for a queued image.")
    record[name] = sorted(set(value)) if isinstance(value, list) else value


def _check(name: str, value: object) -> None:
    if name in _READ_ONLY:
        raise ApiError(403, f"Attribute '{name}' is read-only.")
    if name.startswith("os_glance_") or name in ("locations", "location"):
        raise ApiError(403, f"Attribute '{name}' is reserved.")
    if name not in _BASE and name not in ("tags", "owner") and not isinstance(value, str):
        words = f"{value!r} is not of type 'string'"
        raise ApiError(400, f"Provided object does not match schema 'image': {words}")


def _format_of(content: bytes) -> str:
    for name, (at, beginning) in _BEGINNINGS.items():
        if content[at : at + len(beginning)] == beginning:
            return name
    return "raw"


def _differ(claimed: str, found: str) -> bool:
    uninspected = found == "raw" and claimed not in _BEGINNINGS
    return claimed not in (found, "raw") and not uninspected
