# SPDX-License-Identifier: Apache-2.0
"""Who is who: users and projects of the old cloud in the new one, as both Keystones list them."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ephyrad.engine.perform import Clouds
from ephyrad.environment.translate import Names, Nobody
from ephyrad.migration.identity import (
    Account,
    Directory,
    NoCounterpart,
    Rule,
    counterpart,
)

KEPT = 300.0
"""Seconds for which a list is believed, where it has whom is looked for."""

YOUNG = 5.0
"""Seconds for which a list is believed, where it does not: somebody may just have been made."""


@dataclass(frozen=True, slots=True)
class Rules:
    """By what users and projects are matched."""

    user: Rule = field(default_factory=Rule)
    project: Rule = field(default_factory=Rule)


@dataclass(frozen=True, slots=True)
class _Read:
    """Both clouds' accounts of one kind, and when they were read, on the monotonic clock."""

    at: float
    old: Directory
    new: Directory


class People:
    """Finds counterparts; both lists are kept for a while."""

    def __init__(
        self, clouds: Clouds, rules: Callable[[], Rules], monotonic: Callable[[], float]
    ) -> None:
        """`rules` are asked for each time, so that a reload takes effect at once."""
        self._clouds = clouds
        self._rules = rules
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: dict[str, _Read] = {}

    @property
    def names(self) -> Names:
        """Who is who; each look-up raises CloudReadError where a Keystone cannot be read."""
        return Names(user=self.user, project=self.project)

    def user(self, ident: str) -> str | Nobody:
        """Return the id in the new cloud of a user of the old one.

        :raises CloudReadError: a list of users could not be read.
        """
        old, new = self._clouds.old.users, self._clouds.new.users
        return self._find("user", ident, self._rules().user, old, new)

    def is_known(self, ident: str) -> bool:
        """Return whether the old cloud has a user of this id.

        :raises CloudReadError: a list of users could not be read.
        """
        users = self._read("user", KEPT, self._clouds.old.users, self._clouds.new.users)
        return users.old.find(ident) is not None

    def project(self, ident: str) -> str | Nobody:
        """Return the id in the new cloud of a project of the old one.

        :raises CloudReadError: a list of projects could not be read.
        """
        old, new = self._clouds.old.projects, self._clouds.new.projects
        return self._find("project", ident, self._rules().project, old, new)

    def _find(
        self,
        kind: str,
        ident: str,
        rule: Rule,
        old: Callable[[], Sequence[Account]],
        new: Callable[[], Sequence[Account]],
    ) -> str | Nobody:
        read = self._read(kind, KEPT, old, new)
        found = counterpart(ident, read.old, read.new, rule)
        if isinstance(found, NoCounterpart):
            read = self._read(kind, YOUNG, old, new)
            found = counterpart(ident, read.old, read.new, rule)
        return Nobody(found.because) if isinstance(found, NoCounterpart) else found.id

    def _read(
        self,
        kind: str,
        oldest: float,
        old: Callable[[], Sequence[Account]],
        new: Callable[[], Sequence[Account]],
    ) -> _Read:
        """Return lists that are not older than so many seconds."""
        # Others wait meanwhile: they would read the same.
        with self._lock:
            kept, now = self._kept.get(kind), self._monotonic()
            if kept is None or now - kept.at > oldest:
                kept = _Read(now, Directory(kind, old()), Directory(kind, new()))
                self._kept[kind] = kept
            return kept
