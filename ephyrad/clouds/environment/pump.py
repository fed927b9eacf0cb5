# SPDX-License-Identifier: Apache-2.0
"""The way of an image's bytes from cloud to cloud: seen, counted, and ended only if they are right.

Glance gives an image its bytes once and for ever: what was uploaded wrong can only be deleted, and
then the id is used up (409, observed on 2023.1 and 2026.2). It cannot be told beforehand which hash
to expect (os_hash_value in a POST is ignored, observed). But an upload that announced its length
and ends before it makes the image `queued` again, as if nothing had been, whether the connection
was closed or reset (observed on both, within 0.3 s). So the last chunk is held back until the hash
of everything is known; where it is another one, the connection is closed in its stead.
"""

import hashlib
from collections.abc import Callable, Iterator

from ephyrad.clouds.environment.disk_formats import Inspection
from ephyrad.clouds.environment.pace import Pace
from ephyrad.clouds.environment.port import Content
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import BrokenOffError
from ephyrad.environment.item import Item
from ephyrad.migration.outcomes import Refused, Unreachable

_TOLD_EACH = 0.25
"""Seconds between two reports of progress at the least."""


class Pump:
    """Gives the bytes of one image to be uploaded; one chunk at a time is all that is in memory."""

    def __init__(
        self,
        item: Item,
        content: Content,
        told: Callable[[int], None],
        *,
        pace: Pace,
        clock: Callable[[], float],
        inspection: Inspection | None,
    ) -> None:
        self._content = content
        self._told = told
        self._pace = pace
        self._clock = clock
        self._inspection = inspection
        self._algorithm, _, self._expected = str(item.fields.get("hash", "")).partition(":")
        self._tells = clock()

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes.

        :raises BrokenOffError: they are not to become an image; its outcome says why.
        """
        held = b""
        carried = 0
        digest = self._hasher()
        for chunk in self._read():
            digest.update(chunk)
            if self._inspection is not None:
                self._inspection.see(chunk)
            yield from self._pace.pieces(held)
            carried += len(held)
            held = chunk
            self._tell(carried)
        self._judge(carried + len(held), digest.hexdigest())
        yield from self._pace.pieces(held)

    def _hasher(self) -> "hashlib._Hash":
        try:
            return hashlib.new(self._algorithm)
        except ValueError as error:
            words = f"its hash is of no algorithm known here: {self._algorithm or 'none'}"
            raise BrokenOffError(Refused(0, words)) from error

    def _read(self) -> Iterator[bytes]:
        """Give the chunks as they come; no error of another kind may get into the upload."""
        try:
            yield from filter(None, self._content.chunks)
        except CloudReadError as error:
            raise BrokenOffError(Unreachable(str(error))) from error

    def _judge(self, size: int, digest: str) -> None:
        """Break off what must not become an image."""
        if size != self._content.size:
            words = f"the old cloud gave {size} bytes of {self._content.size}"
            raise BrokenOffError(Unreachable(words))
        if digest != self._expected:
            words = (
                f"the bytes that the old cloud gives do not match its os_hash_value: they have"
                f" {self._algorithm} {digest[:16]}..., not {self._expected[:16]}...; its store may"
                " be damaged: upload the image there anew, under another id"
            )
            raise BrokenOffError(Refused(0, words))
        if self._inspection is not None and (reason := self._inspection.refusal()) is not None:
            words = (
                f"{reason}: the new Glance would refuse it (415) and its id be lost; upload the"
                " image to the old cloud anew, with the disk_format that it has"
            )
            raise BrokenOffError(Refused(0, words))

    def _tell(self, carried: int) -> None:
        if self._clock() >= self._tells:
            self._tells = self._clock() + _TOLD_EACH
            self._told(carried)
