# SPDX-License-Identifier: Apache-2.0
"""With which projects images are shared."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Service
from ephyrad.environment.item import Item
from ephyrad.migration.outcomes import Done, Outcome, Unreachable

Members = Sequence[Mapping[str, Any]]

_AGAIN = 50


class MembersOfImages:
    """The members of the shared images of one Glance.

    Glance lists them for one image at a time, and their coming and going leaves no trace in the
    image's record, not even in updated_at (observed on 2023.1 and 2026.2). `shared` is what images
    are unless told otherwise, so a sweep would cost a call for nearly each of them. Hence what was
    once read is kept; each sweep reads what it has not seen yet and what is oldest of the rest,
    and whoever looks at one image reads its members.
    """

    def __init__(self, glance: Service, again: int = _AGAIN) -> None:
        """`again` is how many images' members a sweep reads once more."""
        self._glance = glance
        self._again = again
        # The one that was read longest ago is the first.
        self._kept: dict[str, Members] = {}

    def read(self, image: str) -> Members:
        """Return the members of a shared image as they are now.

        :raises CloudReadError: they could not be read.
        """
        path = _path(image)
        members = self._glance.get(path).get("members")
        if not isinstance(members, list):
            raise CloudReadError(f"{self._glance.label}: GET {path}: no list `members`")
        self._kept.pop(image, None)
        self._kept[image] = members
        return members

    def of(self, images: Sequence[str]) -> Mapping[str, Members]:
        """Return the members of these, which are all images that are shared.

        :raises CloudReadError: they could not be read.
        """
        there = set(images)
        for gone in [image for image in self._kept if image not in there]:
            self._kept.pop(gone, None)
        oldest = [image for image, _ in zip(list(self._kept), range(self._again), strict=False)]
        for image in [*oldest, *(each for each in images if each not in self._kept)]:
            self.read(image)
        return {image: self._kept.get(image, ()) for image in images}

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
