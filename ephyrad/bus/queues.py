# SPDX-License-Identifier: Apache-2.0
"""Removes ephyrad's queues when they are no longer wanted: they never expire, but grow."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ephyrad.bus.broker import NOT_FOUND, PRECONDITION_FAILED, connect, in_words, open_line
from ephyrad.bus.queue import Queue
from ephyrad.bus.settings import BusSettings, BusSetupError


def find_queues(settings: BusSettings, conf: Any) -> Sequence[Queue]:
    """Return those of ephyrad's own queues that the broker has.

    Own are the queue of the pool or, without one, those of topics that no service reads by
    default: others may read those.

    :raises BusSetupError: no queue can be ephyrad's own, or the broker does not answer.
    """
    with _connected(settings, conf) as connection:
        return _find(connection, _own(settings))


def remove_queues(settings: BusSettings, conf: Any, *, force: bool = False) -> Sequence[Queue]:
    """Delete ephyrad's own queues with all that is in them; return those there were.

    The clouds' services declare those of a topic anew with their next notification, unless the
    topic was taken out of their configuration.

    :raises BusSetupError: as above, or a queue is in use and it is not to be `force`d.
    """
    where = _where(settings)
    with _connected(settings, conf) as connection:
        found = _find(connection, _own(settings))
        used = [queue.name for queue in found if queue.consumers]
        if used and not force:
            raise BusSetupError(f"{where}: {_in_use(used)}")
        for queue in found:
            try:
                connection.channel().queue_delete(queue.name, if_unused=not force)
            except connection.channel_errors as error:
                if getattr(error, "code", None) != PRECONDITION_FAILED:
                    raise
                raise BusSetupError(f"{where}: {_in_use([queue.name])}") from None
    return found


def _own(settings: BusSettings) -> tuple[str, ...]:
    own = settings.own_queues
    if not own:
        raise BusSetupError(
            f"{_where(settings)} has neither a pool nor a topic of ephyrad's own, so no queue is"
            " ephyrad's to remove"
        )
    return own


def _find(connection: Any, names: Sequence[str]) -> Sequence[Queue]:
    found = []
    for name in names:
        try:
            answer = connection.channel().queue_declare(queue=name, passive=True)
        except connection.channel_errors as error:  # the broker has closed the channel
            if getattr(error, "code", None) != NOT_FOUND:
                raise
            continue
        found.append(Queue(name, answer.message_count, answer.consumer_count))
    return found


@contextmanager
def _connected(settings: BusSettings, conf: Any) -> Iterator[Any]:
    line = open_line(settings, conf)
    connection = None
    try:
        connection = connect(line)
        yield connection
    except BusSetupError:
        raise
    except Exception as error:
        raise BusSetupError(
            f"{_where(settings)} does not answer as it should ({in_words(error)}); see to its"
            " broker, and to the rights of the user in transport_url"
        ) from error
    finally:
        if connection is not None:
            connection.release()
        line.transport.cleanup()


def _where(settings: BusSettings) -> str:
    return f"The bus of the {settings.cloud} cloud"


def _in_use(names: Sequence[str]) -> str:
    return f"{', '.join(names)} is in use; stop ephyrad, or whoever else reads it, first"
