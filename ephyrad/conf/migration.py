# SPDX-License-Identifier: Apache-2.0
"""The options of `[migration]`: what the operator allows, and how long each wait may last."""

from datetime import timedelta

from oslo_config import cfg

from ephyrad.migration.mapping import Names
from ephyrad.migration.policy import Policy

GROUP = cfg.OptGroup("migration", title="How nodes are carried from the old cloud to the new one")

DEFAULTS = Policy()
_DAY = 24 * 3600


def _timeout(name: str, default: timedelta, *, longest: int, text: str) -> cfg.Opt:
    seconds = int(default.total_seconds())
    return cfg.IntOpt(name, default=seconds, min=1, max=longest, mutable=True, help=text)


OPTIONS = [
    cfg.IntOpt(
        "max_in_flight",
        default=10,
        min=1,
        max=1000,
        mutable=True,
        help="How many nodes may be on their way at once. A node whose instance still runs, and a"
        " held one, do not count. The old Ironic refuses to clean more nodes at once than its"
        " max_concurrent_clean (50 unless changed).",
    ),
    cfg.BoolOpt(
        "clean_on_new",
        default=DEFAULTS.clean_on_new,
        mutable=True,
        help="Clean every node again in the new cloud. Without it the new cloud cleans only the"
        " nodes whose cleaning in the old cloud was not seen to complete.",
    ),
    cfg.StrOpt(
        "credentials_file",
        help="YAML file with the secrets of nodes (BMC passwords) that the old Ironic masks. Not"
        " needed where the old Ironic's policy show_password shows them to ephyrad.",
    ),
    cfg.StrOpt(
        "mapping_file",
        mutable=True,
        help="YAML file that says what the things that nodes name are called in the new cloud:"
        " projects (owner, lessee), networks, images, physical networks, conductor groups, shards;"
        " and which keys of driver_info beside the known ones are carried or left behind. There is"
        " a sample beside this file's. Without it, projects, networks and images must have the same"
        " ids in the new cloud, and the others the same names. Read at the start and on reload.",
    ),
    _timeout(
        "drain_timeout",
        DEFAULTS.drain_timeout,
        longest=365 * _DAY,
        text="Seconds that a node's instance may stay on it before the node is held.",
    ),
    _timeout(
        "clean_timeout",
        DEFAULTS.clean_timeout,
        longest=7 * _DAY,
        text="Seconds that cleaning in the old cloud may take before the node is held.",
    ),
    _timeout(
        "verify_timeout",
        DEFAULTS.verify_timeout,
        longest=_DAY,
        text="Seconds that the new Ironic may take to verify the BMC before the node is held.",
    ),
    _timeout(
        "provide_timeout",
        DEFAULTS.provide_timeout,
        longest=7 * _DAY,
        text="Seconds that the new Ironic may take to make the node available, with its cleaning"
        " there, before the node is held.",
    ),
    _timeout(
        "removal_timeout",
        DEFAULTS.removal_timeout,
        longest=_DAY,
        text="Seconds that the old cloud may take to forget the node before it is held.",
    ),
    _timeout(
        "offer_timeout",
        DEFAULTS.offer_timeout,
        longest=_DAY,
        text="Seconds that the new Nova and placement may take to offer the node before it is"
        " held. nova-compute looks for new nodes once in its update_resources_interval (60"
        " seconds unless changed).",
    ),
    _timeout(
        "retry_for",
        DEFAULTS.retry_for,
        longest=_DAY,
        text="Seconds during which a request that a cloud cannot take on (locked, busy,"
        " unreachable), or a cloud that cannot be read, is tried again before the node is held.",
    ),
    cfg.FloatOpt(
        "look_again",
        default=DEFAULTS.look_again.total_seconds(),
        min=0.1,
        max=600,
        mutable=True,
        help="Seconds between two looks at a node where no notification tells that a wait is over.",
    ),
    cfg.FloatOpt(
        "look_again_held",
        default=DEFAULTS.look_again_held.total_seconds(),
        min=1,
        max=24 * 3600,
        mutable=True,
        help="Seconds between two looks at a held node whose cause may vanish by itself.",
    ),
    cfg.FloatOpt(
        "unknown_settles",
        default=DEFAULTS.unknown_settles.total_seconds(),
        min=1,
        max=3600,
        mutable=True,
        help="Seconds for which a request whose answer was lost may still be carried out. It is"
        " looked for meanwhile, and made again only after that. More than the"
        " rpc_response_timeout of the clouds' Ironic (60 seconds unless changed).",
    ),
]


def policy(
    values: cfg.ConfigOpts.GroupAttr, names: Names, *, old_compute: bool, new_compute: bool
) -> Policy:
    """Return the policy that the values of `[migration]` and the mapping file come to."""

    def seconds(name: str) -> timedelta:
        return timedelta(seconds=values[name])

    return Policy(
        clean_on_new=values.clean_on_new,
        names=names,
        old_compute=old_compute,
        new_compute=new_compute,
        drain_timeout=seconds("drain_timeout"),
        clean_timeout=seconds("clean_timeout"),
        verify_timeout=seconds("verify_timeout"),
        provide_timeout=seconds("provide_timeout"),
        removal_timeout=seconds("removal_timeout"),
        offer_timeout=seconds("offer_timeout"),
        retry_for=seconds("retry_for"),
        look_again=seconds("look_again"),
        look_again_held=seconds("look_again_held"),
        unknown_settles=seconds("unknown_settles"),
    )
