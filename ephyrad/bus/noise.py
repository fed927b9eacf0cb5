# SPDX-License-Identifier: Apache-2.0
"""Keeps libraries' complaints about a broker or a Keystone that is away from flooding the log.

They write an error per try, several per second at times. ephyrad says itself, once, that a bus
is down, and which cloud cannot be read.
"""

import logging
from collections.abc import Iterable

SECONDS = 600.0
MOST_KEPT = 500
# oslo.messaging names some of its loggers with a dot where its package has an underscore.
LOGGERS = (
    *(
        f"{package}.{module}"
        for package in ("oslo.messaging", "oslo_messaging")
        for module in (
            "_drivers.amqp",
            "_drivers.amqpdriver",
            "_drivers.base",
            "_drivers.impl_rabbit",
            "_drivers.pool",
            "notify.listener",
            "server",
        )
    ),
    "amqp",
    "amqp.connection.Connection.heartbeat_tick",
    "kombu.connection",
    "oslo_utils.excutils",
)

KEYSTONE = ("keystoneauth.identity.generic.base",)
"""Where keystoneauth warns at each try, until Keystone answered once: each node's turn is one."""


class SeldomFilter(logging.Filter):
    """Lets a message through when its like was not seen for a while.

    Alike are messages of one template about one broker. Below INFO everything passes.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        """Let one through every so many seconds."""
        super().__init__()
        self._seconds = seconds
        self._passed: dict[tuple[str, str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Decide by the record's own time."""
        if record.levelno < logging.INFO:
            return True
        args = record.args if isinstance(record.args, dict) else {}
        key = (record.name, str(record.msg), f"{args.get('hostname')}:{args.get('port')}")
        passed = self._passed.get(key)
        if passed is not None and 0 <= record.created - passed < self._seconds:
            return False
        if len(self._passed) > MOST_KEPT:  # texts made up on the spot are all different
            self._passed.clear()
        self._passed[key] = record.created
        return True


def quiet(names: Iterable[str] = LOGGERS) -> None:
    """Put the filter on these loggers; done twice, it changes nothing."""
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(one, SeldomFilter) for one in logger.filters):
            logger.addFilter(SeldomFilter())
