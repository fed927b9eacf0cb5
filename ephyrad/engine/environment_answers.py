# SPDX-License-Identifier: Apache-2.0
"""What the engine answers to operators about the environment: frozen types of plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """One item of the old cloud, or one that ephyrad made of it, as both clouds are now.

    `todo` is one word: "in-step", "create", "upload", "amend", "delete", "wait", "problem" or
    "nothing"; `why` says it in words. `cause` is that of a problem. `left_behind` says what of the
    item cannot be carried while the rest is.
    """

    kind: str
    key: str
    name: str
    todo: str
    why: str
    cause: str | None = None
    left_behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KindAnswer:
    """How one kind stands, by the last comparison; counts are None where there was none yet.

    `kept`: it is kept in step unasked. `error` says why it could not be compared, or why there is
    nothing to compare, as where a release does not have the kind.
    """

    kind: str
    kept: bool
    in_step: int | None
    to_do: int | None
    problems: int | None
    compared_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class ProblemAnswer:
    """What stands in the way of one or more items of a kind, for one and the same reason."""

    kind: str
    cause: str
    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TransferAnswer:
    """The bytes of an image that is being carried: so many of so many, since `began`."""

    key: str
    name: str
    carried: int
    size: int
    began: datetime


@dataclass(frozen=True, slots=True)
class EnvironmentAnswer:
    """The whole of it. Problems and transfers are in order of kind and name."""

    kinds: tuple[KindAnswer, ...]
    problems: tuple[ProblemAnswer, ...]
    transfers: tuple[TransferAnswer, ...]


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    """What became of a request to bring items in step.

    `asked` are those that are worked on now, `in_step` counts those that need nothing, `problems`
    are those that cannot be carried. They go on as `environment status` tells.
    """

    asked: tuple[ItemAnswer, ...]
    in_step: int
    problems: tuple[ItemAnswer, ...]


@dataclass(frozen=True, slots=True)
class DifferenceAnswer:
    """One thing that differs in an item: its value in either cloud, as plain JSON values.

    `path` is empty where one of the clouds does not have the item at all.
    """

    kind: str
    key: str
    name: str
    path: str
    old: Any
    new: Any


class EnvironmentOperations(Protocol):
    """Everything an operator can ask about the environment.

    Without `kinds` all are meant, without `names` every item; a name is that of an item, or its
    key. Each method may raise :class:`ephyrad.engine.answers.OperationError`.
    """

    def environment_status(self) -> EnvironmentAnswer:
        """Return how each kind stands."""

    def environment_plan(self, kinds: Sequence[str], names: Sequence[str]) -> Sequence[ItemAnswer]:
        """Compare both clouds now and return what would be done; change nothing."""

    def environment_sync(
        self, kinds: Sequence[str], names: Sequence[str], *, by: str
    ) -> SyncAnswer:
        """Compare both clouds now and have done what is to be done. `by` names who asks."""

    def environment_diff(
        self, kinds: Sequence[str], names: Sequence[str]
    ) -> Sequence[DifferenceAnswer]:
        """Compare both clouds now and return all that differs."""
