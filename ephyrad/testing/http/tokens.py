# SPDX-License-Identifier: Apache-2.0
"""The tokens of one cloud: who has which scope, and until when."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says. `project` is the name of the project that it is scoped to."""

    id: str
    user: str
    system: bool
    project: str | None
    expires_at: datetime


class Tokens:
    """Tokens by their id. Their time is the real one, as their owner reckons with it."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._tokens: dict[str, Token] = {}

    def give(self, user: str, *, system: bool, project: str | None) -> Token:
        """Return a new token."""
        token = Token(uuid.uuid4().hex, user, system, project, self._now() + LIFE)
        self._tokens[token.id] = token
        return token

    def valid(self, ident: str) -> Token | None:
        """Return a token that is known and not expired."""
        token = self._tokens.get(ident)
        return token if token is not None and self._now() < token.expires_at else None

    def revoke_all(self) -> None:
        """Make every token invalid, as a Keystone does whose keys are lost."""
        self._tokens.clear()
