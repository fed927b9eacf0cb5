# SPDX-License-Identifier: Apache-2.0
"""The queues of the daemon's configuration, looked at and deleted without the daemon."""

from collections.abc import Sequence

from ephyrad.cmd.threads import use_threads

use_threads()

from ephyrad.bus.queue import Queue  # noqa: E402
from ephyrad.bus.queues import find_queues, remove_queues  # noqa: E402
from ephyrad.bus.settings import BusSetupError  # noqa: E402
from ephyrad.conf.errors import ConfigurationError  # noqa: E402
from ephyrad.conf.load import load  # noqa: E402


class QueuesError(Exception):
    """The queues cannot be looked at or deleted; the message names the cure."""


def own_queues(
    arguments: Sequence[str], cloud: str | None, *, delete: bool, force: bool
) -> Sequence[tuple[str, Queue]]:
    """Return each cloud's name with a queue of ephyrad's own, and `delete` them.

    `arguments` are those of the daemon's command line, `cloud` the only one to look at.

    :raises QueuesError: the configuration or a broker is in the way; or one is read and it is not
        to be `force`d.
    """
    try:
        conf, settings = load(arguments)
        buses = [bus for bus in (settings.old_bus, settings.new_bus) if bus is not None]
        chosen = [bus for bus in buses if cloud in {None, bus.cloud.value}]
        # All are looked at before the first is deleted, so that most troubles change nothing.
        found = [(bus.cloud.value, queue) for bus in chosen for queue in find_queues(bus, conf)]
        if delete:
            if not force:
                _refuse_used(found)
            for bus in chosen:
                remove_queues(bus, conf, force=force)
    except (ConfigurationError, BusSetupError) as error:
        raise QueuesError(str(error)) from error
    return found


def _refuse_used(found: Sequence[tuple[str, Queue]]) -> None:
    used = [f"{queue.name} ({cloud} cloud)" for cloud, queue in found if queue.consumers]
    if used:
        raise QueuesError(
            f"somebody reads {', '.join(used)}: stop ephyrad first, or say --force; nothing was"
            " deleted"
        )
