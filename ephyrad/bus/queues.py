# SPDX-License-Identifier: Apache-2.0
"""Removes a pool's queue when it is no longer wanted: by itself it never expires, but grows."""

from typing import Any

from ephyrad.bus.broker import NOT_FOUND, PRECONDITION_FAILED, connect, open_line
from ephyrad.bus.settings import BusSettings, BusSetupError


def remove_queues(settings: BusSettings, conf: Any) -> dict[str, int]:
    """Delete the pool's queue, and return its name with the messages dropped; {} if there is none.

    Queues that are not of a pool belong to a topic: the clouds' services declare them anew with
    their next notification, so removing them would be in vain.

    :raises BusSetupError: there is no pool, the queue is in use, or the broker does not answer.
    """
    where = f"The bus of the {settings.cloud} cloud"
    if not settings.pool:
        raise BusSetupError(f"{where} has no pool, so no queue is ephyrad's own to remove")
    line = open_line(settings, conf)
    try:
        connection = connect(line)
    except Exception as error:
        raise BusSetupError(
            f"{where} does not answer ({error}); try again when it is up"
        ) from error
    try:
        channel = connection.channel()
        found = channel.queue_declare(queue=settings.pool, passive=True)
        channel.queue_delete(settings.pool, if_unused=True)
    except connection.channel_errors as error:
        code = getattr(error, "code", None)
        if code == NOT_FOUND:
            return {}
        if code == PRECONDITION_FAILED:
            message = f"{where}: queue {settings.pool} is in use; stop ephyrad first"
            raise BusSetupError(message) from None
        raise
    finally:
        connection.release()
        line.transport.cleanup()
    return {settings.pool: found.message_count}
