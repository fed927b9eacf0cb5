# SPDX-License-Identifier: Apache-2.0
"""What the lab needs to know about one process to start it, watch it and stop it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Service:
    """One process of the lab.

    It is ready when something answers at `url`, or listens on `port`; with neither, at once.
    `ready_seconds` is how long that may take, `stop_seconds` how long it has between TERM and
    KILL.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int | None = None
    url: str | None = None
    ready_seconds: float = 90
    stop_seconds: float = 20
