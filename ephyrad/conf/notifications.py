# SPDX-License-Identifier: Apache-2.0
"""The options of `[notifications]`: what ephyrad itself sends to the new cloud's bus."""

import socket

from oslo_config import cfg

from ephyrad.bus.settings import BusSettings, SenderSettings
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.place import place_of

GROUP = cfg.OptGroup("notifications", title="ephyrad's own notifications on the new cloud's bus")

OPTIONS = [
    cfg.BoolOpt(
        "enabled",
        default=False,
        help="Whether transitions and holds of nodes, and what becomes of rollouts, are sent to the"
        " broker that transport_url of [new_cloud] names. Somebody has to read the queues, or they"
        " grow: see the documentation.",
    ),
    cfg.ListOpt(
        "topics",
        default=["ephyra_versioned_notifications"],
        help="Topics that they are sent on, with the priority info: each has a queue of its own,"
        " TOPIC.info. They must be none that ephyrad listens to.",
    ),
    cfg.StrOpt(
        "host",
        help="Name of this host in their publisher_id, ephyrad.HOST; without it, the system's.",
    ),
]


def sender_settings(conf: cfg.ConfigOpts, bus: BusSettings | None) -> SenderSettings | None:
    """Return where to send, None where nothing is sent. `bus` is the new cloud's.

    :raises ConfigurationError: there is no bus or no topic, or ephyrad would read what it sends.
    """
    values = conf.notifications
    if not values.enabled:
        return None
    if bus is None:
        raise ConfigurationError(
            f"{place_of(conf, GROUP.name, 'enabled')} = true: there is no bus to send them to: set"
            " transport_url of [new_cloud]"
        )
    where = place_of(conf, GROUP.name, "topics")
    if not values.topics:
        raise ConfigurationError(f"{where} names none: name one, or set enabled = false")
    for topic in values.topics:
        if topic in {name for _, name in bus.feeds}:
            raise ConfigurationError(
                f"{where} = {topic}: ephyrad listens to it: name one that [new_cloud] does not"
            )
    return SenderSettings(bus.transport_url, tuple(values.topics), values.host or _this_host())


def _this_host() -> str:
    return socket.gethostname()
