# SPDX-License-Identifier: Apache-2.0
"""The simulated environment of a cloud, in process, on the cloud's virtual clock.

It is the real gateway of every kind before the simulated services of a cloud, without the HTTP in
between: a kind that the gateway gets is here as soon as the simulated service has its paths.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ephyrad.clouds.environment.gateway import OpenStackEnvironment
from ephyrad.clouds.environment.port import Collection, Content, Images
from ephyrad.clouds.settings import CloudSettings
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.outcomes import Outcome
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.direct import services

T = TypeVar("T")


class SimulatedEnvironment:
    """The environment of a simulated cloud.

    What goes wrong with its calls is told by the cloud's `troubles`, under the name of the kind and
    of the method: "keypair create". What others do to the services always goes through.
    """

    def __init__(self, cloud: SimulatedCloud, *, page_size: int = 1000) -> None:
        self._cloud = cloud
        settings = CloudSettings(
            name=cloud.name, cloud="simulated", page_size=page_size, users_at_once=1
        )
        self._gateway = OpenStackEnvironment(settings, services(cloud))

    @property
    def name(self) -> CloudName:
        return self._cloud.name

    @property
    def collections(self) -> Mapping[Kind, Collection]:
        return {
            kind: CalledCollection(each, self) for kind, each in self._gateway.collections.items()
        }

    @property
    def images(self) -> Images | None:
        images = self._gateway.images
        return None if images is None else CalledImages(images, self)

    def read(self, call: str, read: Callable[[], T], key: str = "") -> T:
        """Make a call that reads, `key` where that is one thing."""
        return self._cloud.calling.read(call, read)

    def change(self, call: str, key: str, change: Callable[[], Outcome]) -> Outcome:
        """Make a call that changes what has this key."""
        return self._cloud.calling.change(call, change)


class CalledCollection:
    """A collection, each of whose calls goes its way."""

    def __init__(self, collection: Collection, environment: SimulatedEnvironment) -> None:
        self._collection = collection
        self._environment = environment
        self.kind = collection.kind

    def items(self) -> Sequence[Item]:
        return self._environment.read(f"{self.kind} items", self._collection.items)

    def item(self, key: str) -> Item | None:
        call = f"{self.kind} item"
        return self._environment.read(call, lambda: self._collection.item(key), key)

    def doubt(self) -> str | None:
        return self._environment.read(f"{self.kind} doubt", self._collection.doubt)

    def create(self, item: Item) -> Outcome:
        return self._changed("create", item.key, lambda: self._collection.create(item))

    def amend(self, item: Item, found: Item) -> Outcome:
        return self._changed("amend", item.key, lambda: self._collection.amend(item, found))

    def delete(self, key: str) -> Outcome:
        return self._changed("delete", key, lambda: self._collection.delete(key))

    def _changed(self, method: str, key: str, change: Callable[[], Outcome]) -> Outcome:
        return self._environment.change(f"{self.kind} {method}", key, change)


class CalledImages(CalledCollection):
    """The images, with their bytes."""

    def __init__(self, images: Images, environment: SimulatedEnvironment) -> None:
        super().__init__(images, environment)
        self._images = images

    def content(self, key: str) -> Content:
        return self._environment.read("image content", lambda: self._images.content(key))

    def upload(self, item: Item, content: Content, told: Callable[[int], None]) -> Outcome:
        return self._changed("upload", item.key, lambda: self._images.upload(item, content, told))
