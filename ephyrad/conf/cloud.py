# SPDX-License-Identifier: Apache-2.0
"""The options of `[old_cloud]` and `[new_cloud]`: how a cloud is reached, asked and heard."""

from oslo_config import cfg

from ephyrad.bus.settings import BusSettings
from ephyrad.clouds.settings import CloudSettings
from ephyrad.conf import credentials, environment
from ephyrad.migration.facts import CloudName

_BUS = BusSettings(cloud=CloudName.OLD, transport_url="")
_CLOUD = CloudSettings(CloudName.OLD, cloud="any")

_ASKING = [
    cfg.StrOpt(
        "compute",
        default="nova",
        choices=[
            ("nova", "Nova and placement stand in front of the cloud's Ironic"),
            ("none", "the cloud's Ironic is used without Nova"),
        ],
        help="What schedules instances onto the cloud's nodes.",
    ),
    cfg.IntOpt(
        "page_size",
        default=_CLOUD.page_size,
        min=1,
        max=100_000,
        help="Nodes asked for in one page of a list. Ironic's max_limit (1000 unless changed)"
        " bounds it.",
    ),
    cfg.FloatOpt(
        "connect_timeout",
        default=_CLOUD.connect_timeout,
        min=0.1,
        max=600,
        help="Seconds to wait for a connection to a service of the cloud.",
    ),
]

_HEARING = [
    cfg.StrOpt(
        "transport_url",
        secret=True,
        help="Where the cloud's Ironic and Nova send their notifications:"
        " rabbit://USER:PASSWORD@HOST:PORT/VHOST. Options of [oslo_messaging_rabbit] may follow as"
        " a query and then hold for this cloud only: ?ssl=true&rabbit_quorum_queue=true. Without"
        " it nothing is listened to; the sweeps alone then tell what happened, later.",
    ),
    cfg.StrOpt(
        "ironic_exchange",
        default=_BUS.ironic_exchange,
        help="Exchange that Ironic sends to (its control_exchange).",
    ),
    cfg.ListOpt(
        "ironic_topics",
        default=list(_BUS.ironic_topics),
        help="Topics of Ironic's notifications (its versioned_notifications_topics). Best is one"
        " that is ephyrad's own, named there beside the others; see `pool`.",
    ),
    cfg.StrOpt(
        "nova_exchange",
        default=_BUS.nova_exchange,
        help="Exchange that Nova sends to (its control_exchange).",
    ),
    cfg.ListOpt(
        "nova_topics",
        default=list(_BUS.nova_topics),
        help="Topics of Nova's versioned notifications. Not used where compute is none.",
    ),
    cfg.StrOpt(
        "glance_exchange",
        default=_BUS.glance_exchange,
        help="Exchange that Glance sends to (its control_exchange).",
    ),
    cfg.ListOpt(
        "glance_topics",
        default=list(_BUS.glance_topics),
        help="Topics of Glance's notifications (topics in its [oslo_messaging_notifications]),"
        " which tell of images at once; only the old cloud's are heeded. Name one that is"
        " ephyrad's own, or set `pool`: Glance's usual topic, notifications, is that of most"
        " services and has other readers. Without one the sweeps tell of images, later.",
    ),
    cfg.StrOpt(
        "pool",
        help="Name of a queue of ephyrad's own that receives what is sent to the topics. Needed"
        " where the topics have other readers: consumers of one queue take messages from each"
        " other. The queue stays, and grows, when ephyrad is gone.",
    ),
    cfg.IntOpt(
        "prefetch",
        default=_BUS.prefetch,
        min=1,
        max=10_000,
        help="Messages that the broker may hand out before they are acknowledged.",
    ),
    cfg.FloatOpt(
        "look_seconds",
        default=_BUS.look_seconds,
        min=0.1,
        max=600,
        help="Seconds between two looks at the broker.",
    ),
    cfg.FloatOpt(
        "stall_seconds",
        default=_BUS.stall_seconds,
        min=1,
        max=3600,
        help="Seconds without progress, with messages waiting, until the listener is rebuilt.",
    ),
    cfg.FloatOpt(
        "silence_seconds",
        default=_BUS.silence_seconds,
        min=0,
        max=7 * 24 * 3600,
        help="Seconds without any notification until a warning says so; 0: never.",
    ),
]


def group(cloud: CloudName) -> cfg.OptGroup:
    """Return the group of options of one cloud."""
    return cfg.OptGroup(f"{cloud}_cloud", title=f"The {cloud} cloud: its API and its bus")


def options(cloud: CloudName) -> list[cfg.Opt]:
    """Return the options of `[old_cloud]` or `[new_cloud]`, without those of an auth plugin."""
    return [
        *credentials.source_options(cloud),
        *_ASKING,
        *credentials.endpoint_options(),
        *_HEARING,
    ]


def bus_settings(values: cfg.ConfigOpts.GroupAttr, cloud: CloudName) -> BusSettings | None:
    """Return how the cloud is heard, None where it is not listened to."""
    if not values.transport_url:
        return None
    return BusSettings(
        cloud=cloud,
        transport_url=values.transport_url,
        ironic_exchange=values.ironic_exchange,
        ironic_topics=tuple(values.ironic_topics),
        nova_exchange=values.nova_exchange,
        nova_topics=tuple(values.nova_topics) if values.compute == "nova" else (),
        glance_exchange=values.glance_exchange,
        glance_topics=tuple(values.glance_topics),
        pool=values.pool or None,
        prefetch=values.prefetch,
        look_seconds=values.look_seconds,
        stall_seconds=values.stall_seconds,
        silence_seconds=values.silence_seconds,
    )


def cloud_settings(conf: cfg.ConfigOpts, cloud: CloudName, *, connections: int) -> CloudSettings:
    """Return how the cloud is asked. `connections`: those kept open to each of its services.

    :raises ConfigurationError: its credentials are missing, given twice or not whole.
    """
    values = conf[group(cloud).name]
    main, project = credentials.sources(conf, cloud)
    return CloudSettings(
        name=cloud,
        cloud=main.cloud,
        session=main.session,
        project_cloud=project.cloud,
        project_session=project.session,
        region=values.region_name,
        interfaces=tuple(values.valid_interfaces or ()),
        compute=values.compute == "nova",
        connect_timeout=values.connect_timeout,
        read_timeout=values.timeout,
        page_size=values.page_size,
        connections=connections,
        users_per_sweep=conf.environment.users_per_sweep,
        users_at_once=conf.environment.users_at_once,
        image_bandwidth=environment.bytes_per_second(conf.environment),
        inspect_images=conf.environment.inspect_images,
    )
