# SPDX-License-Identifier: Apache-2.0
"""The traits and the resource classes that people gave to placement: each is a name, and no more.

Those that placement and os-traits bring along are every cloud's, and no items.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ephyrad.clouds.errors import is_absence
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Params, Service
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Outcome

PREFIX = "CUSTOM_"

# What placement takes (placement 9.0 and 16.0, schemas/trait.py and schemas/resource_class.py).
_NAME = re.compile(r"CUSTOM_[A-Z0-9_]{1,248}")

_Names = Callable[[Mapping[str, Any]], Iterable[str]]


class PlacementNames:
    """The names of one kind that people gave to the placement of one cloud."""

    def __init__(
        self, placement: Service, kind: Kind, path: str, params: Params | None, names: _Names
    ) -> None:
        """`names` takes the names out of the answer to a GET of `path` with `params`."""
        self._placement = placement
        self._kind = kind
        self._path = path
        self._params = params
        self._names = names

    @property
    def kind(self) -> Kind:
        """Whether they are traits or resource classes."""
        return self._kind

    def items(self) -> list[Item]:
        """Return every name, by one call: placement's lists have no pages."""
        body = self._placement.get(self._path, self._params)
        try:
            names = [name for name in self._names(body) if name.startswith(PREFIX)]
        except (KeyError, TypeError, AttributeError) as error:
            raise CloudReadError(
                f"{self._placement.label}: GET {self._path}: unexpected answer: {error!r}"
            ) from error
        return [self._item(name) for name in sorted(names)]

    def item(self, key: str) -> Item | None:
        """Return the item of a name."""
        if not _NAME.fullmatch(key):
            return None
        path = f"{self._path}/{key}"
        answer = self._placement.ask(path)
        if is_absence(answer, key):
            return None
        # A trait that is there is answered by a 204, without a word (observed).
        if answer.status != 204:
            self._placement.read(path, answer)
        return self._item(key)

    def doubt(self) -> None:
        """Return None: who is no administrator is refused (403, observed)."""

    def create(self, item: Item) -> Outcome:
        """Give placement the name; done, too, where it has it."""
        return self._placement.change("PUT", f"{self._path}/{item.key}")

    def amend(self, item: Item, found: Item) -> Outcome:
        """Do nothing: a name that is found is as it has to be."""
        return Done()

    def delete(self, key: str) -> Outcome:
        """Take the name away, which placement refuses (409) while a provider has it."""
        return self._placement.delete(key, f"{self._path}/{key}")

    def _item(self, name: str) -> Item:
        return Item(self._kind, name, name, {})


def traits(placement: Service) -> PlacementNames:
    """Return the traits of a placement of API 1.6 or above."""
    params = {"name": f"startswith:{PREFIX}"}
    return PlacementNames(placement, Kind.TRAIT, "/traits", params, lambda body: body["traits"])


def resource_classes(placement: Service) -> PlacementNames:
    """Return the resource classes of a placement of API 1.7 or above, whose PUT is the trait's."""
    return PlacementNames(
        placement,
        Kind.RESOURCE_CLASS,
        "/resource_classes",
        None,
        lambda body: [each["name"] for each in body["resource_classes"]],
    )
