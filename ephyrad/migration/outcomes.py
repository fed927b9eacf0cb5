# SPDX-License-Identifier: Apache-2.0
"""What became of an effect. An answer that cannot be read is never taken for success."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """The cloud says that it is done."""


@dataclass(frozen=True, slots=True)
class Underway:
    """The cloud took it on and works on it (HTTP 202); whether it succeeds is yet to be seen."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The cloud answered and will not do it, now or at the next try.

    `status` is the HTTP status, 0 where there is none; `message` the cloud's own words.
    """

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing was changed and a later try may go through.

    No connection, a node locked by a conductor (409), a busy service (503), a token that could
    not be renewed (401).
    """

    message: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have happened: a time-out, a broken answer, a 500. Look."""

    message: str


Outcome = Done | Underway | Refused | Unreachable | Unknown
