# SPDX-License-Identifier: Apache-2.0
"""The options of `[reclaim_amqp]`: the broker to which CI sends its messages."""

from datetime import timedelta

from oslo_config import cfg

from ephyrad.bus.mailbox_settings import MailboxSettings
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.place import place_of
from ephyrad.reclaim.letter import Trust

GROUP = cfg.OptGroup("reclaim_amqp", title="The broker to which CI sends its messages")

_TRUST = Trust()
_MAILBOX = MailboxSettings(transport_url="")
_LONGEST_NAME = 200

OPTIONS = [
    cfg.StrOpt(
        "transport_url",
        secret=True,
        help="The broker: rabbit://USER:PASSWORD@HOST:PORT/VHOST. Options of TLS may follow as a"
        " query, as for the clouds' buses: ?ssl=true&ssl_ca_file=/etc/ssl/ca.pem. Without it CI's"
        " messages are taken over HTTP alone.",
    ),
    cfg.BoolOpt(
        "require_signature",
        default=_TRUST.signed,
        help="Whether each message has to be signed by a key of hmac_key_files of [reclaim]. Set to"
        " false, as Jenkins' MQ Notifier plugin needs it, whoever may publish to the exchange or,"
        " by the broker's default exchange, straight to the queue is believed: then nobody but CI"
        " may have that right, as on a virtual host of its own.",
    ),
    cfg.IntOpt(
        "window",
        default=int(_TRUST.window.total_seconds()),
        min=10,
        max=7 * 24 * 3600,
        help="Seconds by which the time of a message (of its signature, or its property timestamp)"
        " may differ from the time here. What comes later is put aside: a node that it names may"
        " have been given to somebody else since.",
    ),
    cfg.StrOpt(
        "exchange",
        default=_MAILBOX.exchange,
        help="Exchange that CI publishes to. It is made, durable, where there is none.",
    ),
    cfg.StrOpt(
        "exchange_type",
        default=_MAILBOX.exchange_type,
        choices=["topic", "direct", "fanout"],
        help="Type of the exchange, where it has to be made.",
    ),
    cfg.StrOpt(
        "queue",
        default=_MAILBOX.queue,
        help="Queue that is read. It is made, durable, where there is none, and stays.",
    ),
    cfg.ListOpt(
        "routing_keys",
        default=list(_MAILBOX.routing_keys),
        help="Routing keys by which the queue is bound to the exchange. Empty: it is bound by"
        " somebody else.",
    ),
    cfg.StrOpt(
        "dead_letter_queue",
        default=_MAILBOX.dead_letters,
        help="Queue for what cannot be used, with the reason in the header x-ephyra-reason. It is"
        " made, durable, where there is none. Nothing is ever taken out of it.",
    ),
    cfg.IntOpt(
        "prefetch",
        default=_MAILBOX.prefetch,
        min=1,
        max=1000,
        help="Messages that the broker may hand out before they are acknowledged.",
    ),
    cfg.FloatOpt(
        "look_seconds",
        default=_MAILBOX.look_seconds,
        min=0.1,
        max=600,
        help="Seconds between two looks at how many messages wait at the broker.",
    ),
]


def trust(conf: cfg.ConfigOpts) -> Trust:
    """Return whose messages over AMQP are believed.

    :raises ConfigurationError: they are to be signed, and no key is known.
    """
    group = conf.reclaim_amqp
    if group.transport_url and group.require_signature and not conf.reclaim.hmac_key_files:
        raise ConfigurationError(
            f"{place_of(conf, GROUP.name, 'transport_url')}: nobody could be believed there, as"
            " messages have to be signed and hmac_key_files of [reclaim] names no key: name one, or"
            f" set require_signature of [{GROUP.name}] to false where nobody but CI may publish"
        )
    return Trust(group.require_signature, timedelta(seconds=group.window))


def mailbox(conf: cfg.ConfigOpts) -> MailboxSettings | None:
    """Return where CI's messages are read, None where nowhere.

    :raises ConfigurationError: a name cannot be one of a queue or an exchange.
    """
    group = conf.reclaim_amqp
    if not group.transport_url:
        return None
    for option in ("exchange", "queue", "dead_letter_queue"):
        name = group[option]
        taken = name.startswith("amq.") and option != "exchange"
        if taken or not name.strip() or len(name.encode()) > _LONGEST_NAME:
            raise ConfigurationError(
                f"{place_of(conf, GROUP.name, option)} = {name}: it must have 1 to {_LONGEST_NAME}"
                " bytes, and not begin with amq., as the broker's own queues do"
            )
    if group.queue == group.dead_letter_queue:
        raise ConfigurationError(
            f"{place_of(conf, GROUP.name, 'dead_letter_queue')} = {group.queue}: that is the queue"
            " which is read, too: name another one"
        )
    return MailboxSettings(
        transport_url=group.transport_url,
        exchange=group.exchange,
        exchange_type=group.exchange_type,
        queue=group.queue,
        routing_keys=tuple(group.routing_keys),
        dead_letters=group.dead_letter_queue,
        prefetch=group.prefetch,
        look_seconds=group.look_seconds,
    )
