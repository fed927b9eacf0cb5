# SPDX-License-Identifier: Apache-2.0
"""The port through which ephyrad sees and changes the environment of a cloud.

As with :mod:`ephyrad.clouds.port`, reads return what is there or raise
:class:`~ephyrad.clouds.port.CloudReadError`; changes return an outcome and never raise, and each
may be made again after a crash or a time-out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Outcome


class Collection(Protocol):
    """All items of one kind in one cloud. Keys, and ids in fields, are those of this cloud."""

    @property
    def kind(self) -> Kind:
        """The kind of its items."""

    def items(self) -> Sequence[Item]:
        """Return every item, by as few calls as the API allows.

        :raises CloudReadError: they could not be read whole.
        """

    def item(self, key: str) -> Item | None:
        """Return one item, None where there is none.

        :raises CloudReadError: it could not be read.
        """

    def doubt(self) -> str | None:
        """Return why an item that is not shown may be there all the same, None where it is gone.

        Some services tell who is no administrator of what belongs to others that it is not there.

        :raises CloudReadError: that could not be asked.
        """

    def create(self, item: Item) -> Outcome:
        """Make the item, marked with its digest where the kind has a place for a mark.

        It may take several calls; what is made by a part of them is completed by `amend`.
        """

    def amend(self, item: Item, found: Item) -> Outcome:
        """Make what was `found` equal to `item`, and mark it with the digest of `item`."""

    def delete(self, key: str) -> Outcome:
        """Delete the item; done, too, where there is none."""


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of an image as they come off a cloud: their number, and the chunks."""

    size: int
    chunks: Iterator[bytes]


class Images(Collection, Protocol):
    """The images of one cloud, whose bytes are carried apart from their records."""

    def content(self, key: str) -> Content:
        """Begin to read the bytes of an image; whoever breaks off closes the iterator.

        :raises CloudReadError: it could not be begun; the iterator raises it where it breaks off.
        """

    def upload(self, item: Item, content: Content, told: Callable[[int], None]) -> Outcome:
        """Give a queued image its bytes, and see that they are those of the item's hash.

        Bytes that are not, or that end early, never become an image. `told` is called with the
        number of bytes carried so far, several times a second at the most.
        """


class EnvironmentCloud(Protocol):
    """The environment of one control plane."""

    @property
    def name(self) -> CloudName:
        """Which of the two it is."""

    @property
    def collections(self) -> Mapping[Kind, Collection]:
        """What the cloud has, by kind; a kind that its release or its catalogue lacks is absent.

        It never raises: where it could not be asked whether it has a kind, the kind is there, and
        reading its items tells why.
        """

    @property
    def images(self) -> Images | None:
        """The collection of images, None where the catalogue has no Glance."""
