# SPDX-License-Identifier: Apache-2.0
"""The kinds of items that the environment of a cloud is made of."""

import enum


class Kind(enum.StrEnum):
    """A kind of item; in this order they are carried, since later ones name earlier ones.

    Servers, server groups, volumes, networks and whatever else belongs to users stay where they
    are: only a server's owner can say where it is to be.
    """

    RESOURCE_CLASS = "resource-class"
    TRAIT = "trait"
    FLAVOR = "flavor"
    IMAGE = "image"
    KEYPAIR = "keypair"
    AGGREGATE = "aggregate"
    DEPLOY_TEMPLATE = "deploy-template"
    RUNBOOK = "runbook"


UNMARKED = frozenset({Kind.RESOURCE_CLASS, Kind.TRAIT, Kind.KEYPAIR})
"""Kinds whose items have no place for a mark: that ephyrad made one is known to its journal only.

A resource class and a trait are a name (placement 1.39), a key pair is a name, a type and a public
key (Nova 2.95).
"""

MARKED_AT_ONCE = frozenset({Kind.IMAGE, Kind.DEPLOY_TEMPLATE, Kind.RUNBOOK})
"""Kinds whose items bear their mark from the very call on that makes them.

Of the others that have one, what is half made has none yet.
"""

MASKED = frozenset({Kind.DEPLOY_TEMPLATE, Kind.RUNBOOK})
"""Kinds of whose items a cloud may mask what the other shows in clear.

In the arguments of steps, Ironic of 2026.2 masks secrets within lists, which that of 2023.1 shows
(observed).
"""
