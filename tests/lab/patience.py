# SPDX-License-Identifier: Apache-2.0
"""Waiting for a cloud, with an end."""

import time
from collections.abc import Callable
from typing import TypeVar

from tests.lab.errors import LabError
from tests.lab.openstack_api import ApiError

Seen = TypeVar("Seen")


def until(what: str, look: Callable[[], Seen | None], seconds: float, pause: float = 0.4) -> Seen:
    """Looks until there is something to see, and gives it.

    Raises LabError when the time is over.
    """
    limit = time.monotonic() + seconds
    while (seen := look()) is None:
        if time.monotonic() > limit:
            raise LabError(f"{what}: not within {seconds:.0f} s")
        time.sleep(pause)
    return seen


def unless_locked(call: Callable[[], object], seconds: float = 60) -> None:
    """Calls again while Ironic says that a conductor holds the node or has no worker free.

    Raises ApiError for any other refusal, LabError when the time is over.
    """

    def attempt() -> bool | None:
        try:
            call()
        except ApiError as error:
            if error.status == 503 or (error.status == 409 and "is locked by" in str(error)):
                return None
            raise
        return True

    until("a node is locked", attempt, seconds)
