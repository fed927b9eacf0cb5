# SPDX-License-Identifier: Apache-2.0
"""A queue, apart from how it is looked for: to name it costs no import of oslo.messaging."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as the broker shows it. `messages`: those that no consumer was given."""

    name: str
    messages: int
    consumers: int
