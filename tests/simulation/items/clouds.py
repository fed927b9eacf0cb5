# SPDX-License-Identifier: Apache-2.0
"""The environments and the journal as ephyrad's process has them, with boundaries."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast

from ephyrad.clouds.environment.port import Content
from ephyrad.clouds.port import CloudReadError
from ephyrad.environment import entries as words
from ephyrad.environment.entries import Entry
from ephyrad.environment.item import ItemId
from ephyrad.environment.kinds import Kind
from ephyrad.environment.record import Record
from ephyrad.journal.environment import EnvironmentJournal
from ephyrad.migration.outcomes import Outcome
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.environment import SimulatedEnvironment
from tests.simulation.boundary import Boundaries
from tests.simulation.trace import Trace

T = TypeVar("T")

Written = Callable[[ItemId, Entry], None]


class BoundedEnvironment(SimulatedEnvironment):
    """A simulated environment whose changes have boundaries.

    `read_one` is called in the instant in which one item is read; what that returns is kept with
    what was read, and `reread` is given it where that is shown once more: by an API node that reads
    from a database which is behind. `lag` says how many seconds it may be. `began` is called when a
    change is called for; what that returns is called when the change was carried out, however late.
    `cuts` says whether the bytes of an image break off.
    """

    def __init__(
        self,
        cloud: SimulatedCloud,
        boundaries: Boundaries,
        trace: Trace,
        now: Callable[[], float],
    ) -> None:
        super().__init__(cloud)
        self._now = now
        self.read_one: Callable[[Kind, str], object] = lambda kind, key: None
        self.reread: Callable[[Any], None] = lambda told: None
        self.lag: Callable[[], float] = lambda: 0.0
        self.cuts: Callable[[], bool] = lambda: False
        self._read: dict[tuple[str, str], tuple[float, Any, Any]] = {}
        self.began: Callable[[str], Callable[[], None]] = lambda call: lambda: None
        self._boundaries = boundaries
        self._trace = trace

    def read(self, call: str, read: Callable[[], T], key: str = "") -> T:
        def reading() -> T:
            if not call.endswith(" item"):
                return read()
            lag, now = self.lag(), self._now()
            at, shown, told = self._read.get((call, key), (-1e9, None, None))
            if lag and at >= now - lag:
                self.reread(told)
                return cast("T", shown)
            told, found = self.read_one(Kind(call.removesuffix(" item")), key), read()
            self._read[call, key] = (now, found, told)
            return found

        found = super().read(call, reading, key)
        if isinstance(found, Content) and self.cuts():
            return cast("T", Content(found.size, _cut(found.chunks)))
        return found

    def change(self, call: str, key: str, change: Callable[[], Outcome]) -> Outcome:
        carried_out = self.began(call)

        def acting() -> Outcome:
            try:
                return change()
            finally:
                carried_out()

        self._boundaries.reach(f"before {call}")
        outcome = super().change(call, key, acting)
        self._trace.add(f"{key} {call} -> {outcome}")
        self._boundaries.reach(f"after {call}")
        return outcome


def _cut(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Give some of the bytes, and then none."""
    for chunk in chunks:
        yield chunk[: len(chunk) // 2]
        if len(chunk) % 2:
            raise CloudReadError("the connection was reset")
        return


def bound(journal: EnvironmentJournal, boundaries: Boundaries, written: Written) -> None:
    """Give the real journal of the environment boundaries; `written` is told what is durable."""
    append, append_each = journal.append, journal.append_each

    def bounded(
        record: Record, entries: Sequence[Entry], *, consumed: Iterable[int] = ()
    ) -> Record:
        kinds = ", ".join(map(words.kind_of, entries))
        boundaries.reach(f"before append of {kinds}")
        evolved = append(record, entries, consumed=consumed)
        for entry in entries:
            written(record.item, entry)
        boundaries.reach(f"after append of {kinds}")
        return evolved

    def bounded_each(entries: Collection[tuple[ItemId, Entry]]) -> None:
        boundaries.reach("before append of asked")
        append_each(entries)
        for item, entry in entries:
            written(item, entry)
        boundaries.reach("after append of asked")

    setattr(journal, "append", bounded)  # noqa: B010
    setattr(journal, "append_each", bounded_each)  # noqa: B010
