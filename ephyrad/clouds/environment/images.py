# SPDX-License-Identifier: Apache-2.0
"""The images of one cloud, in its Glance.

An administrator's list leaves out community images and hidden ones; the first come with
visibility=all, the second with os_hidden=true, which leaves out all others: so it takes two lists.
They want a project-scoped token: a system-scoped one may not list (403). An administrator
may download the bytes of a deactivated image, which its owner may not. (All observed on 2023.1 and
2026.2.)
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from urllib3 import BaseHTTPResponse
from urllib3 import exceptions as wire

from ephyrad.clouds.environment import image_records
from ephyrad.clouds.environment.disk_formats import Inspection
from ephyrad.clouds.environment.members import MembersOfImages
from ephyrad.clouds.environment.pace import Pace
from ephyrad.clouds.environment.port import Content
from ephyrad.clouds.environment.pump import Pump
from ephyrad.clouds.environment.reading import doubt_of
from ephyrad.clouds.environment.steps import Step, one_by_one
from ephyrad.clouds.errors import Answer, cause_of, words_of
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import MissingError, Params, Service
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Outcome, Refused, Unreachable

PATCH = "application/openstack-images-v2.1-json-patch"

_CHUNK = 1 << 20
_RESUMED = 3
"""How often the reading of an image's bytes is taken up again where it broke off."""

# What Glance takes for an id (its schema of images, 26.0 and 33.0).
_UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")

_LISTS: Sequence[Mapping[str, str]] = (
    {"visibility": "all"},
    {"visibility": "all", "os_hidden": "true"},
)

# Glance says that in HTML, as a proxy would say something else: "No image found with ID X",
# "Failed to find image X to delete" (observed on 2023.1 and 2026.2).
_ABSENT = r"(No image found with ID|Failed to find image) {}\b"


_USED_UP = (
    "If Glance shows none, there was one of this id that was deleted: `glance-manage db purge` and"
    " then `glance-manage db purge_images_table`, both with --age_in_days, free the id again"
)


class GlanceImages:
    """The images of a Glance; :class:`~ephyrad.clouds.environment.port.Images`."""

    def __init__(
        self,
        glance: Service,
        *,
        pace: Pace | None = None,
        inspects: bool = True,
        page_size: int = 1000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`pace` bounds the bandwidth of all uploads together.

        `inspects`: whether the disk formats of bytes are looked at before they are uploaded, as
        this Glance would do after that.
        """
        self._glance = glance
        self._members = MembersOfImages(glance)
        self._pace = pace or Pace()
        self._inspects = inspects
        self._page_size = page_size
        self._clock = clock

    @property
    def kind(self) -> Kind:
        """They are images."""
        return Kind.IMAGE

    def items(self) -> list[Item]:
        """Return every image. Their members may be those of some sweeps ago."""
        found: dict[str, Mapping[str, Any]] = {}
        for which in _LISTS:
            params: Params = {"limit": self._page_size, **which}
            for page in self._glance.pages("/images", "images", params):
                # One that is hidden or shown meanwhile is in both.
                found |= {self._key(raw): raw for raw in page}
        shared = {key for key, raw in found.items() if raw.get("visibility") == "shared"}
        members = self._members.of(sorted(shared))
        # Of thousands, one is deleted now and then before its members are read.
        gone = shared - members.keys()
        return [
            self._item(raw, members.get(key, ()))
            for key, raw in sorted(found.items())
            if key not in gone
        ]

    def item(self, key: str) -> Item | None:
        """Return one image."""
        if not _UUID.fullmatch(key):
            return None
        path = _path(key)
        answer = self._glance.ask(path)
        if _is_absent(answer, key):
            return None
        raw = self._glance.read(path, answer)
        shared = raw.get("visibility") == "shared"
        try:
            return self._item(raw, self._members.read(key) if shared else ())
        except MissingError:
            return None

    def doubt(self) -> str | None:
        """Say whether images are hidden: who is no administrator is told that those of others are
        not there, though the list of tasks is refused (observed on 2023.1 and 2026.2).
        """
        return doubt_of(self._glance, "/tasks", "images of other projects", {"limit": 1})

    def create(self, item: Item) -> Outcome:
        """Make the record of an image, which waits for its bytes hidden and private."""
        outcome = self._glance.change("POST", "/images", image_records.creation(item))
        if isinstance(outcome, Refused) and outcome.status == 409:
            return Refused(outcome.status, f"{outcome.message} {_USED_UP}")
        return outcome

    def amend(self, item: Item, found: Item) -> Outcome:
        """Make an image that has its bytes what `item` is.

        One that is to be deactivated is so before anybody sees it: it may be for a reason. Glance
        takes changes of a deactivated one from an administrator (observed on 2023.1 and 2026.2).
        """
        path, status = _path(item.key), item.fields.get("status")
        steps: list[Step] = []
        operations = image_records.patch(item, found)
        steps.append(partial(self._glance.change, "PATCH", path, operations, media=PATCH))
        if item.fields.get("visibility") == "shared":
            steps.append(partial(self._members.set, item))
        if status != found.fields.get("status"):
            off = status == "deactivated"
            verb = "deactivate" if off else "reactivate"
            act = partial(self._glance.change, "POST", f"{path}/actions/{verb}")
            steps.insert(0 if off else len(steps), act)
        return one_by_one(steps)

    def delete(self, key: str) -> Outcome:
        """Delete an image with its bytes, protected or not. Its id is used up for ever then."""
        try:
            found = self.item(key)
        except CloudReadError as error:
            return Unreachable(str(error))
        if found is None:
            return Done()
        if found.fields.get("protected"):
            unprotected = [{"op": "add", "path": "/protected", "value": False}]
            outcome = self._glance.change("PATCH", _path(key), unprotected, media=PATCH)
            if outcome != Done():
                return outcome
        outcome = self._glance.change("DELETE", _path(key))
        match outcome:
            case Refused(404, message) if _says_absent(message, key):
                return Done()
        return outcome

    def content(self, key: str) -> Content:
        """Begin to read the bytes of an image."""
        path = f"{_path(key)}/file"
        answer = self._glance.begin(path)
        length = answer.headers.get("Content-Length", "")
        if not length.isdigit():
            answer.close()
            raise CloudReadError(f"{self._glance.label}: GET {path}: no Content-Length")
        return Content(int(length), self._chunks(path, answer, int(length)))

    def upload(self, item: Item, content: Content, told: Callable[[int], None]) -> Outcome:
        """Give an image its bytes; see :mod:`~ephyrad.clouds.environment.pump`."""
        inspection = None
        if self._inspects:
            fields = item.fields
            inspection = Inspection(fields["disk_format"], fields["container_format"])
        pump = Pump(item, content, told, pace=self._pace, clock=self._clock, inspection=inspection)
        outcome = self._glance.pour(f"{_path(item.key)}/file", pump, content.size)
        match outcome:
            case Done():
                told(content.size)
            case Refused(409, message) if "from saving to saving" in message:
                return Unreachable(message)
            case Refused(410, message) if self._is_there(item.key):
                return Unreachable(message)
        return outcome

    def _is_there(self, key: str) -> bool:
        """Say whether an image is there of which Glance said that it was deleted meanwhile.

        That is how it words as well that another upload was quicker to begin: what is left of one
        that broke off may come to its turn late, and ends by itself (observed on both releases).
        """
        try:
            return self.item(key) is not None
        except CloudReadError:
            return False

    def _chunks(self, path: str, answer: BaseHTTPResponse, size: int) -> Iterator[bytes]:
        """Give the bytes of an answer, taken up again where the connection breaks."""
        at, left = 0, _RESUMED
        try:
            while at < size:
                try:
                    chunk = answer.read1(min(_CHUNK, size - at))
                except (wire.HTTPError, OSError) as error:
                    chunk, cause = b"", cause_of(error)
                else:
                    cause = "it ended too early"
                at += len(chunk)
                if chunk:
                    yield chunk
                elif left == 0:
                    words = f"GET {path}: broken off after {at} bytes of {size}: {cause}"
                    raise CloudReadError(f"{self._glance.label}: {words}")
                else:
                    left -= 1
                    answer.close()
                    answer = self._glance.begin(path, at)
        finally:
            answer.close()

    def _key(self, raw: object) -> str:
        key = raw.get("id") if isinstance(raw, dict) else None
        if not isinstance(key, str):
            raise CloudReadError(f"{self._glance.label}: GET /images: an image without id")
        return key

    def _item(self, raw: Mapping[str, Any], members: Sequence[Mapping[str, Any]]) -> Item:
        try:
            return image_records.image_item(raw, members)
        except (KeyError, TypeError, AttributeError) as error:
            where = f"{self._glance.label}: image {raw.get('id')}"
            raise CloudReadError(f"{where}: unexpected answer: {error!r}") from error


def _path(key: str) -> str:
    return f"/images/{quote(key, safe='')}"


def _is_absent(answer: Answer, key: str) -> bool:
    return answer.status == 404 and _says_absent(words_of(answer), key)


def _says_absent(words: str, key: str) -> bool:
    return re.search(_ABSENT.format(re.escape(key)), words) is not None
