# SPDX-License-Identifier: Apache-2.0
"""The options of `[environment]`: what of the clouds' environments is kept in step, and how."""

from oslo_config import cfg

from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy

GROUP = cfg.OptGroup("environment", title="Images, SSH keys and whatever else nodes need")

_KINDS = cfg.types.List(cfg.types.String(choices=[kind.value for kind in Kind]))
_MIB = 2**20

OPTIONS = [
    cfg.Opt(
        "kinds",
        type=_KINDS,
        default=[],
        mutable=True,
        help="Kinds of items that are kept in step: whatever the old cloud has of them is made in"
        " the new one, and follows its changes. What people make or change in the new cloud is"
        " never overwritten or deleted. Without any, only what `ephyra environment sync` asks for"
        " is carried.",
    ),
    cfg.Opt(
        "deletions",
        type=_KINDS,
        default=[],
        mutable=True,
        help="Kinds of which an item that is deleted in the old cloud is deleted in the new one"
        " too, where ephyrad made it and nobody changed it since.",
    ),
    cfg.IntOpt(
        "workers",
        default=4,
        min=1,
        max=64,
        help="Threads that work on items; so many images are carried at a time.",
    ),
    cfg.IntOpt(
        "sweep_interval",
        default=300,
        min=1,
        max=24 * 3600,
        mutable=True,
        help="Seconds between two comparisons of the kinds that are kept in step, which find what"
        " the notifications did not tell. SSH keys cost a call for each user.",
    ),
    cfg.FloatOpt(
        "bandwidth",
        default=0,
        min=0,
        max=1_000_000,
        mutable=True,
        help="MiB per second that all images together may take; 0 for as fast as they go.",
    ),
]


def policy(values: cfg.ConfigOpts.GroupAttr) -> EnvironmentPolicy:
    """Return the policy that the values of `[environment]` come to."""
    return EnvironmentPolicy(
        kept=frozenset(Kind(kind) for kind in values.kinds),
        deletions=frozenset(Kind(kind) for kind in values.deletions),
    )


def bytes_per_second(values: cfg.ConfigOpts.GroupAttr) -> float | None:
    """Return how many bytes of images may be carried in a second, None for any number."""
    return values.bandwidth * _MIB or None
