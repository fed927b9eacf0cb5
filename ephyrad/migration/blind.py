# SPDX-License-Identifier: Apache-2.0
"""The decision on a node while a cloud cannot be read: nothing is decided on half a sighting."""

from datetime import datetime, timedelta

from ephyrad.migration.policy import Policy
from ephyrad.migration.steps import Cause, Hold, WaitUntil

_LONGEST_PAUSE = timedelta(minutes=1)


def while_blind(trouble: str, since: datetime, at: datetime, policy: Policy) -> WaitUntil | Hold:
    """Return what to do at `at` with a node that could not be seen since `since`.

    `trouble` names the cloud, the call and the cause. The hold goes as soon as the node is seen
    again, whatever was done with it before: to look is all that its cause wants.
    """
    deadline = since + policy.retry_for
    if at < deadline:
        pause = min(max(policy.look_again, (at - since) / 2), _LONGEST_PAUSE)
        return WaitUntil(trouble, deadline, again=at + pause)
    return Hold(
        Cause.UNREACHABLE,
        f"{trouble}: see to that cloud; the node goes on by itself when it can be read again",
        lifts_itself=True,
    )
