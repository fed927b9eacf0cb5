# SPDX-License-Identifier: Apache-2.0
"""Environments in memory: they behave as the gateways promise, and fail on demand."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TypeVar

from ephyrad.clouds.environment.port import Content
from ephyrad.clouds.port import CloudReadError
from ephyrad.environment import names
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import UNMARKED, Kind
from ephyrad.migration.facts import CloudName
from ephyrad.migration.identity import Account
from ephyrad.migration.outcomes import Done, Outcome, Refused, Unknown

T = TypeVar("T")

LOST = Unknown("Read timed out.")
CHUNK = 4


def hash_of(data: bytes) -> str:
    return f"sha512:{sha256(data).hexdigest()[:12]}"


@dataclass
class FakeEnvironment:
    """One cloud's. `calls` are those made so far; `around` is called before and after each change.

    `fails` has outcomes that the next calls of a name come to, without doing anything; `lost` the
    names of calls whose answer does not arrive the next time; `unreadable` those of reads that
    fail.
    """

    name: CloudName
    kinds: Sequence[Kind] = tuple(Kind)
    calls: list[str] = field(default_factory=list)
    fails: dict[str, list[Outcome]] = field(default_factory=lambda: defaultdict(list))
    lost: list[str] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    around: Callable[[str], None] = lambda _: None
    users_: list[Account] = field(default_factory=list)
    projects_: list[Account] = field(default_factory=list)
    hides: str | None = None

    def __post_init__(self) -> None:
        self._collections = {
            kind: (FakeImages if kind is Kind.IMAGE else FakeCollection)(kind, self)
            for kind in self.kinds
        }

    @property
    def collections(self) -> "dict[Kind, FakeCollection]":
        return self._collections

    @property
    def images(self) -> "FakeImages | None":
        found = self._collections.get(Kind.IMAGE)
        assert found is None or isinstance(found, FakeImages)
        return found

    def users(self) -> Sequence[Account]:
        return self.read("users", lambda: list(self.users_))

    def projects(self) -> Sequence[Account]:
        return self.read("projects", lambda: list(self.projects_))

    def put(self, item: Item, data: bytes = b"") -> Item:
        """Have somebody make an item."""
        collection = self._collections[item.kind]
        collection.kept[item.key] = item
        if isinstance(collection, FakeImages):
            collection.data[item.key] = data
        return item

    def kept(self, item: Item) -> Item | None:
        return self._collections[item.kind].kept.get(item.key)

    def read(self, call: str, read: Callable[[], T]) -> T:
        self.calls.append(call)
        if call in self.unreadable:
            raise CloudReadError(f"the {self.name} cloud: {call}: HTTP 503")
        return read()

    def change(self, call: str, change: Callable[[], Outcome]) -> Outcome:
        self.around(f"before {call}")
        self.calls.append(call)
        if self.fails[call]:
            return self.fails[call].pop(0)
        outcome = change()
        self.around(f"after {call}")
        if call in self.lost:
            self.lost.remove(call)
            return LOST
        return outcome


class FakeCollection:
    """Items by key; those that ephyrad makes are marked where the kind has a place for it."""

    def __init__(self, kind: Kind, cloud: FakeEnvironment) -> None:
        self.kind = kind
        self.kept: dict[str, Item] = {}
        self._cloud = cloud

    def items(self) -> Sequence[Item]:
        return self._cloud.read(f"list {self.kind}", lambda: list(self.kept.values()))

    def item(self, key: str) -> Item | None:
        return self._cloud.read(f"show {self.kind}", lambda: self.kept.get(key))

    def doubt(self) -> str | None:
        return self._cloud.read(f"doubt {self.kind}", lambda: self._cloud.hides)

    def create(self, item: Item) -> Outcome:
        return self._cloud.change(f"create {self.kind}", lambda: self._create(item))

    def amend(self, item: Item, found: Item) -> Outcome:
        return self._cloud.change(f"amend {self.kind}", lambda: self._put(item))

    def delete(self, key: str) -> Outcome:
        def delete() -> Outcome:
            self.kept.pop(key, None)
            return Done()

        return self._cloud.change(f"delete {self.kind}", delete)

    def _create(self, item: Item) -> Outcome:
        if item.key in self.kept:
            return Refused(409, f"{item.key} is there already")
        return self._put(item)

    def _put(self, item: Item) -> Outcome:
        others = (each for each in self.kept.values() if each.key != item.key)
        if self.kind in names.KINDS and item.name in {each.name for each in others}:
            return Refused(409, f"the name {item.name} is in use")
        mark = None if self.kind in UNMARKED else item.digest
        self.kept[item.key] = replace(item, mark=mark)
        return Done()


class FakeImages(FakeCollection):
    """Images, whose bytes come after their record."""

    def __init__(self, kind: Kind, cloud: FakeEnvironment) -> None:
        super().__init__(kind, cloud)
        self.data: dict[str, bytes] = {}
        self.closed = 0

    def content(self, key: str) -> Content:
        data = self._cloud.read("content", lambda: self.data[key])
        return Content(len(data), self._chunks(data))

    def upload(self, item: Item, content: Content, told: Callable[[int], None]) -> Outcome:
        return self._cloud.change("upload image", lambda: self._upload(item, content, told))

    def _chunks(self, data: bytes) -> Iterator[bytes]:
        try:
            for at in range(0, len(data), CHUNK):
                yield data[at : at + CHUNK]
        finally:
            self.closed += 1

    def _create(self, item: Item) -> Outcome:
        fields = {name: value for name, value in item.fields.items() if name != "hash"}
        hidden = {**fields, "status": "queued", "visibility": "private"}
        outcome = super()._create(replace(item, fields=hidden))
        if outcome == Done():
            self.kept[item.key] = replace(self.kept[item.key], mark=item.digest)
        return outcome

    def _upload(self, item: Item, content: Content, told: Callable[[int], None]) -> Outcome:
        data = b""
        for chunk in content.chunks:
            data += chunk
            told(len(data))
        if hash_of(data) != item.fields["hash"]:
            return Refused(0, "the bytes are not those of its hash")
        self.data[item.key] = data
        found = self.kept[item.key]
        fields = {**found.fields, "status": "active", "hash": hash_of(data)}
        self.kept[item.key] = replace(found, fields=fields)
        return Done()
