# SPDX-License-Identifier: Apache-2.0
"""What the operator allows and how long each wait may last."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache

from ephyrad.migration.direction import Direction
from ephyrad.migration.mapping import Names


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's choices that decide a node's way.

    `clean_on_new`: clean again in the new cloud what the old cloud has just cleaned.
    `names`: what the things that a record names are called in the new cloud.
    `old_compute`, `new_compute`: whether a Nova serves the cloud's nodes.
    The time-outs say how long a wait may last before the node is held; `retry_for` how long an
    effect that a cloud cannot take on is tried again; `look_again` how often to look where no
    notification tells that a wait is over, and `look_again_held` whether a hold's cause is gone.
    `unknown_settles`: for how long a call whose answer was lost may still take effect (Ironic's
    `rpc_response_timeout` is 60 s), so that it is not made again before.
    """

    clean_on_new: bool = False
    names: Names = field(default_factory=Names)
    old_compute: bool = True
    new_compute: bool = True
    drain_timeout: timedelta = timedelta(days=14)
    clean_timeout: timedelta = timedelta(hours=4)
    verify_timeout: timedelta = timedelta(minutes=15)
    provide_timeout: timedelta = timedelta(hours=4)
    removal_timeout: timedelta = timedelta(minutes=30)
    offer_timeout: timedelta = timedelta(minutes=30)
    retry_for: timedelta = timedelta(minutes=15)
    look_again: timedelta = timedelta(seconds=5)
    look_again_held: timedelta = timedelta(minutes=1)
    unknown_settles: timedelta = timedelta(seconds=75)

    def facing(self, direction: Direction) -> "Policy":
        """Return the policy for a journey in this direction, by the clouds' roles in it."""
        return self if direction is Direction.FORWARD else _turned(self)


@lru_cache(maxsize=4)
def _turned(policy: Policy) -> Policy:
    return replace(
        policy,
        names=policy.names.reversed(),
        old_compute=policy.new_compute,
        new_compute=policy.old_compute,
    )
