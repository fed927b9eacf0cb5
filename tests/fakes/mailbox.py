# SPDX-License-Identifier: Apache-2.0
"""A mailbox in memory, with a broker that hands out again what was not acknowledged."""

from collections.abc import Sequence
from typing import Any

from ephyrad.bus.mailbox import NotBuriedError, Received
from ephyrad.bus.mailbox_settings import MailboxSettings
from ephyrad.reclaim.letter import Letter


class FakePost:
    """The broker: it has messages until they are acknowledged, and the dead with their reasons.

    While it is `away` every call fails; while it is `closed_to_dead` only the burying does.
    """

    def __init__(self) -> None:
        self.queue: dict[int, Letter] = {}
        self.dead: list[tuple[bytes, str]] = []
        self.away = False
        self.closed_to_dead = False
        self.connected = 0
        self._sent = 0

    def send(self, content: bytes) -> None:
        self._sent += 1
        self.queue[self._sent] = Letter(content)

    def connect(self, _settings: MailboxSettings, _conf: Any) -> "FakeMailbox":
        self.answer()
        self.connected += 1
        return FakeMailbox(self)

    def answer(self) -> None:
        if self.away:
            raise ConnectionRefusedError("refused")


class FakeMailbox:
    """One connection to it."""

    def __init__(self, post: FakePost) -> None:
        self._post = post
        self._given: set[int] = set()

    def receive(self, seconds: float) -> Sequence[Received]:
        self._post.answer()
        fresh = [tag for tag in self._post.queue if tag not in self._given]
        self._given.update(fresh)
        return [Received(self._post.queue[tag], tag) for tag in fresh]

    def acknowledge(self, received: Received) -> None:
        self._post.answer()
        del self._post.queue[received.tag]

    def bury(self, received: Received, reason: str) -> None:
        self._post.answer()
        if self._post.closed_to_dead:
            raise NotBuriedError("AccessRefused")
        self._post.dead.append((received.letter.content, reason))

    def waiting(self) -> int:
        return len(self._post.queue) - len(self._given & self._post.queue.keys())

    def close(self) -> None:
        self._given.clear()
