# SPDX-License-Identifier: Apache-2.0
"""The environments and the journal as ephyrad's process has them, with boundaries."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from ephyrad.environment import entries as words
from ephyrad.environment.entries import Entry
from ephyrad.environment.item import ItemId
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

    `read_one` is called in the instant in which one item is read, `began` when a change is called
    for; what that returns is called when the change was carried out, however late.
    """

    def __init__(self, cloud: SimulatedCloud, boundaries: Boundaries, trace: Trace) -> None:
        super().__init__(cloud)
        self.read_one: Callable[[], None] = lambda: None
        self.began: Callable[[str], Callable[[], None]] = lambda call: lambda: None
        self._boundaries = boundaries
        self._trace = trace

    def read(self, call: str, read: Callable[[], T]) -> T:
        def reading() -> T:
            if call.endswith(" item"):
                self.read_one()
            return read()

        return super().read(call, reading)

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
