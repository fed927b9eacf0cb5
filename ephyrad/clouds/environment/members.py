# SPDX-License-Identifier: Apache-2.0
"""With which projects images are shared."""

import threading
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from ephyrad.clouds.errors import words_of
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import MissingError, Service
from ephyrad.environment.item import Item
from ephyrad.migration.outcomes import Done, Outcome, Unreachable

Members = Sequence[Mapping[str, Any]]

_AGAIN = 50

_UNSHARED = "Only shared images have members"


class UnsharedError(CloudReadError):
    """An image is not shared any more, so that nothing can be asked about its members."""


class MembersOfImages:
    """The members of the shared images of one Glance.

    Glance lists them for one image at a time, and their coming and going leaves no trace in the
    image's record, not even in updated_at (observed on 2023.1 and 2026.2). `shared` is what images
    are unless told otherwise, so a sweep would cost a call for nearly each of them. Hence what was
    once read is kept; each sweep reads what it has not seen yet and what is oldest of the rest,
    and whoever looks at one image reads its members. Any number of threads may call it.
    """

    def __init__(self, glance: Service, again: int = _AGAIN) -> None:
        """`again` is how many images' members a sweep reads once more."""
        self._glance = glance
        self._again = again
        self._lock = threading.Lock()
        # The one that was read longest ago is the first.
        self._kept: dict[str, Members] = {}

    def read(self, image: str) -> Members:
        """Return the members of a shared image as they are now.

        :raises MissingError: there is no such image.
        :raises UnsharedError: it is not shared.
        :raises CloudReadError: they could not be read.
        """
        path = _path(image)
        answer = self._glance.ask(path)
        words = words_of(answer)
        if answer.status == 404 and f"Image {image} not found" in words:
            raise MissingError(f"{self._glance.label}: GET {path}: {words}")
        if answer.status == 403 and _UNSHARED in words:
            raise UnsharedError(f"{self._glance.label}: GET {path}: {words}")
        members = self._glance.read(path, answer).get("members")
        if not isinstance(members, list):
            raise CloudReadError(f"{self._glance.label}: GET {path}: no list `members`")
        with self._lock:
            self._kept.pop(image, None)
            self._kept[image] = members
        return members

    def of(self, images: Sequence[str]) -> Mapping[str, Members]:
        """Return the members of these, which are all images that are shared.

        Those that vanished since they were listed are left out, and those that are not shared any
        more have none.

        :raises CloudReadError: they could not be read.
        """
        there = set(images)
        with self._lock:
            self._kept = {image: kept for image, kept in self._kept.items() if image in there}
            oldest = list(islice(self._kept, self._again))
            unknown = [image for image in images if image not in self._kept]
        gone = set()
        for image in [*oldest, *unknown]:
            try:
                self.read(image)
            except (MissingError, UnsharedError) as error:
                if isinstance(error, MissingError):
                    gone.add(image)
                with self._lock:
                    self._kept.pop(image, None)
        with self._lock:
            return {image: self._kept.get(image, ()) for image in images if image not in gone}

    def set(self, item: Item) -> Outcome:
        """Share an image with the projects that the item names, and with no others."""
        try:
            there = {each["member_id"]: each["status"] for each in self.read(item.key)}
        except CloudReadError as error:
            return Unreachable(str(error))
        wanted: Sequence[str] = item.fields.get("members", [])
        accepted: Sequence[str] = item.fields.get("accepted", [])
        path = _path(item.key)
        for member in wanted:
            if member not in there:
                outcome = self._glance.change("POST", path, {"member": member})
                if outcome != Done():
                    return outcome
            status = "accepted" if member in accepted else "pending"
            if (there.get(member, "pending") == "accepted") != (status == "accepted"):
                one = f"{path}/{quote(member, safe='')}"
                outcome = self._glance.change("PUT", one, {"status": status})
                if outcome != Done():
                    return outcome
        for member in sorted(there.keys() - set(wanted)):
            outcome = self._glance.change("DELETE", f"{path}/{quote(member, safe='')}")
            if outcome != Done():
                return outcome
        return Done()


def _path(image: str) -> str:
    return f"/images/{quote(image, safe='')}/members"
