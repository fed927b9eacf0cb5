# SPDX-License-Identifier: Apache-2.0
"""Whether Glance takes bytes for an image of a disk format, told before it has all of them.

Glance of 2026.2 looks at what was uploaded, and refuses what is not of the image's disk_format
(415; [image_format] require_image_format_match). By then the bytes are in its store: the image is
`queued` with a hash, its bytes can be downloaded, and no other bytes can be given to it; nor, once
it is deleted, can there be another image of its id (all observed). So ephyrad looks for itself, by
the code of oslo.utils that Glance uses, and does not let an upload come to its end that would be
refused. Glance of 2023.1 takes all: in the old cloud such images are active.
"""

import logging
import struct
from typing import IO, cast

from oslo_utils.imageutils import format_inspector
from oslo_utils.imageutils.format_inspector import (
    ALL_FORMATS,
    FileInspector,
    ImageFormatError,
    InspectWrapper,
    SafetyCheckFailed,
)

# It says at DEBUG of each format that an image is not of it.
logging.getLogger(format_inspector.__name__).setLevel(logging.INFO)

_KERNELS = frozenset({"aki", "ari"})


class Inspection:
    """Looks at the bytes of one image as they pass; what of them is kept takes some KiB."""

    def __init__(self, disk_format: str, container_format: str) -> None:
        self._format = disk_format
        self._watched = container_format == "bare"
        self._chunks: list[bytes] = []
        source = iter(self._chunks.pop, None)
        self._wrapper = InspectWrapper(cast("IO[bytes]", source))

    def see(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        if self._watched:
            self._chunks.append(chunk)
            next(self._wrapper)

    def refusal(self) -> str | None:
        """Return why Glance would not take the bytes seen so far for all of them, or None."""
        if not self._watched:
            return None
        self._wrapper.close()
        try:
            return self._verdict(self._found())
        except ImageFormatError as error:
            return str(error)
        except (ArithmeticError, LookupError, ValueError, struct.error) as error:
            # Glance refuses, too, what its inspectors stumble over.
            return f"its bytes cannot be inspected: {error!r}"

    def _found(self) -> FileInspector:
        """Return what the bytes are, by the rule of glance/location.py of 33.0, set_data."""
        matches = {str(each): each for each in self._wrapper.formats or ()}
        if matches.keys() == {"iso", "gpt"}:
            return matches["iso"]
        found = self._wrapper.format
        if found is None:
            raise ImageFormatError("its bytes are of no format that could be told")
        return found

    def _verdict(self, found: FileInspector) -> str | None:
        name = str(found)
        uninspected = name == "raw" and self._format not in ALL_FORMATS
        if self._format not in (name, "raw") and not uninspected:
            return f"its disk_format is {self._format}, and its bytes are {name}"
        try:
            found.safety_check()
        except SafetyCheckFailed as error:
            failed = set(error.failures) - ({"mbr"} if self._format in _KERNELS else set())
            if failed or name != "gpt":
                return f"its bytes are {name} that Glance holds for unsafe: {error}"
        return None
