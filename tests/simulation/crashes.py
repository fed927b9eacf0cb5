# SPDX-License-Identifier: Apache-2.0
"""The ways of a node on which ephyrad is killed at every boundary, alone and in pairs.

`python -m tests.simulation.crashes WAY MAIL NUMBER...` runs one of them again, where WAY and MAIL
are names of this module's and the brokers' (`IDLE REORDERED`), and NUMBER counts boundaries.
"""

import enum
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ephyrad.migration.policy import Policy
from tests.simulation.fleet import Kind
from tests.simulation.mail import Mail
from tests.simulation.plans import Ran, run
from tests.simulation.world import Plan

SLICES = 480
"""Into how many equal parts the pairs of each way are dealt, one of which the tests take."""

SHARES = 6
"""Into how many parts the single crashes are dealt where the mail is not as usual."""

# So many boundaries more are reached after a crash than without one.
_MORE = 12


def _plan(
    kind: Kind,
    masked: float | None = None,
    policy: Policy | None = None,
    aborted_in: str | None = None,
    returned: str | None = None,
    *,
    released: bool = False,
) -> Plan:
    return Plan(
        seed=1,
        kinds=(kind,),
        limit=1,
        masked=masked,
        booting=False,
        furnished=True,
        policy=policy or Policy(),
        aborted_in=aborted_in,
        returned=returned,
        released=released,
    )


class Way(enum.Enum):
    """A node of one kind in good weather."""

    IN_USE = _plan(Kind.IN_USE)
    IDLE = _plan(Kind.IDLE)
    MASKED_AT_FIRST = _plan(Kind.IN_USE, masked=300.0)
    CLEANED_BY_THE_NEW_CLOUD = _plan(Kind.DIRTY)
    CLEANED_AGAIN = _plan(Kind.IN_USE, policy=Policy(clean_on_new=True))
    RELEASED = _plan(Kind.IN_USE, released=True)
    FAKE_HARDWARE = _plan(Kind.FAKE_IN_USE)
    ABORTED_WHILE_CLEANED = _plan(Kind.IN_USE, aborted_in="cleaning")
    ABORTED_IN_THE_NEW_CLOUD = _plan(Kind.IDLE, aborted_in="transferred")

    RETURNED_IDLE = _plan(Kind.IDLE, returned="idle")
    RETURNED_IN_USE = _plan(Kind.IDLE, returned="in use")
    RETURNED_AND_RELEASED = _plan(Kind.IDLE, returned="in use", released=True)

    @property
    def end(self) -> str:
        """How its node stands at the end."""
        return "restored" if self.value.aborted_in else "compute-ready"


@dataclass(frozen=True)
class Killed:
    """A way on which ephyrad is killed at the boundaries of these numbers."""

    way: Way
    mail: Mail
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        numbers = " ".join(map(str, self.numbers))
        return f"python -m tests.simulation.crashes {self.way.name} {self.mail.name} {numbers}"


def carry(killed: Killed) -> Ran:
    """Run it.

    :raises SeedFailed: the node did not arrive, or the auditor objected on the way.
    """
    plan = replace(killed.way.value, mail=killed.mail, killed_at=frozenset(killed.numbers))
    return run(plan, str(killed))


def singles(way: Way, mail: Mail, boundaries: Sequence[str], part: int = 0) -> list[Killed]:
    """Return a crash at each boundary; of a way back, at each of that.

    With other mail than usual, one of the `SHARES` parts of them.
    """
    numbers = range(_first(boundaries), len(boundaries))
    if mail is not Mail.FRESH:
        numbers = numbers[part % SHARES :: SHARES]
    return [Killed(way, mail, (number,)) for number in numbers]


def pairs(way: Way, boundaries: Sequence[str], part: int) -> list[Killed]:
    """Return one of the `SLICES` parts of all pairs of crashes; the mail changes from pair to pair.

    The second number counts the boundaries of the run with the first crash, which has some more.
    """
    both = _all_pairs(way, _first(boundaries), len(boundaries))
    return list(islice(both, part, None, SLICES))


def count_of_pairs(boundaries: Sequence[str]) -> int:
    """Return how many pairs there are."""
    numbers = range(_first(boundaries), len(boundaries))
    return sum(len(boundaries) + _MORE - 1 - first for first in numbers)


def _first(boundaries: Sequence[str]) -> int:
    """Return the number of the first boundary of a way back, 0 where there is none."""
    asked = "before append of asked"
    return boundaries.index(asked) if asked in boundaries else 0


def _all_pairs(way: Way, begin: int, count: int) -> Iterator[Killed]:
    mails = list(Mail)
    for first in range(begin, count):
        for second in range(first + 1, count + _MORE):
            yield Killed(way, mails[(first + second) % len(mails)], (first, second))


if __name__ == "__main__":
    _way, _mail, *_numbers = sys.argv[1:]
    print(carry(Killed(Way[_way], Mail[_mail], tuple(map(int, _numbers)))).states)
