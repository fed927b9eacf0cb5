# SPDX-License-Identifier: Apache-2.0
"""A fake of what sends notifications: it keeps them, while its bus is up."""

from collections.abc import Mapping
from typing import Any

from ephyrad.bus.settings import NotSentError


class FakeSender:
    """Has what was sent. `takes`: so many more are taken before the bus goes down."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.takes: int | None = None
        self.tries = 0
        self.closed = False

    def send(self, event_type: str, payload: Mapping[str, Any]) -> None:
        self.tries += 1
        if self.takes is not None:
            if not self.takes:
                raise NotSentError("ConnectionRefusedError: no")
            self.takes -= 1
        self.sent.append((event_type, payload["ephyra_object.data"]))

    def close(self) -> None:
        self.closed = True
