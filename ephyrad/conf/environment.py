# SPDX-License-Identifier: Apache-2.0
"""The options of `[environment]`: what of the clouds' environments is kept in step, and how."""

from dataclasses import replace

from oslo_config import cfg, types

from ephyrad.clouds.settings import CloudSettings
from ephyrad.engine.environment.people import Rules
from ephyrad.environment.kinds import Kind
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.migration import mapping
from ephyrad.migration.facts import CloudName
from ephyrad.migration.identity import By, Rule
from ephyrad.migration.mapping import Names

GROUP = cfg.OptGroup("environment", title="Images, SSH keys and whatever else nodes need")

_KINDS = types.List(types.String(choices=[kind.value for kind in Kind]))
_MIB = 2**20
_CLOUD = CloudSettings(CloudName.OLD, cloud="any")


def _match(whom: str, which: str) -> cfg.Opt:
    return cfg.StrOpt(
        f"match_{whom}",
        default=By.NAME.value,
        choices=[
            (By.NAME.value, "the one with the same domain and name"),
            (By.ID.value, "the one with the same id"),
        ],
        mutable=True,
        help=f"Which of the new cloud's {whom} are those of the old cloud {which}",
    )


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
        help="Threads that work on items. All but one of them may carry images' bytes at a time.",
    ),
    _match("users", "whose SSH keys are carried."),
    _match(
        "projects",
        "that own images and runbooks, or may use images and flavors. What the mapping file says"
        " of projects goes before it.",
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
        help="MiB per second that all images together may take; 0 for as fast as they go.",
    ),
    cfg.BoolOpt(
        "inspect_images",
        default=_CLOUD.inspect_images,
        help="Whether ephyrad looks at the bytes of an image on their way and does not carry one"
        " that is not of its disk_format. A new Glance that refuses it only at the end, as that"
        " of 2026.2 does unless its [image_format] require_image_format_match is false, would leave"
        " an id that cannot be used again. Where that is false there, this may be false here.",
    ),
    cfg.IntOpt(
        "users_per_sweep",
        default=_CLOUD.users_per_sweep,
        min=1,
        max=1_000_000,
        help="Of how many users the SSH keys are asked for again in one comparison, those first"
        " whose answer is oldest: Nova lists those of one user in a call. More find sooner what"
        " the notifications did not tell, and cost as many calls.",
    ),
    cfg.IntOpt(
        "users_at_once",
        default=_CLOUD.users_at_once,
        min=1,
        max=64,
        help="How many of these calls a comparison makes of one Nova at the same time.",
    ),
]


def policy(values: cfg.ConfigOpts.GroupAttr) -> EnvironmentPolicy:
    """Return the policy that the values of `[environment]` come to."""
    return EnvironmentPolicy(
        kept=frozenset(Kind(kind) for kind in values.kinds),
        deletions=frozenset(Kind(kind) for kind in values.deletions),
    )


def matches(values: cfg.ConfigOpts.GroupAttr, names: Names) -> Rules:
    """Return by what users and projects are matched: the mapping file's word goes first.

    Where it has a table only, the rest is matched as `[environment]` says.
    """

    def rule(kind: mapping.Kind, by: str) -> Rule:
        told = names.rules.get(kind, Rule())
        return told if kind in names.said else replace(told, by=By(by))

    return Rules(
        user=rule(mapping.Kind.USER, values.match_users),
        project=rule(mapping.Kind.PROJECT, values.match_projects),
    )


def bytes_per_second(values: cfg.ConfigOpts.GroupAttr) -> float | None:
    """Return how many bytes of images may be carried in a second, None for any number."""
    return values.bandwidth * _MIB or None
