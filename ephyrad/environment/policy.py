# SPDX-License-Identifier: Apache-2.0
"""What the operator allows to be done with the new cloud's environment, and how waits go."""

from dataclasses import dataclass
from datetime import timedelta

from ephyrad.environment.kinds import Kind


@dataclass(frozen=True, slots=True)
class EnvironmentPolicy:
    """The operator's choices for items.

    `kept`: the kinds that are kept in step unasked. `deletions`: the kinds of which an item that
    is deleted in the old cloud is deleted in the new one too, where ephyrad made it and nobody
    changed it since. `retry_for`: for how long an effect that a cloud cannot take on is tried
    before that is reported; it is tried all the same. `retry_refused`: after how long an effect
    that a cloud refused is tried again. `unknown_settles`: for how long a call whose answer was
    lost may still be carried out. `look_again`: how soon to look again at what is waited for.
    `look_again_at_others`: the same where others have to do something first: people, or whatever
    carries an image that another one needs; that the latter is there is told besides.
    `fills_for`: for how long after the last try Glance may still take in the bytes of an image:
    2023.1 waits 15 minutes for a client that fell silent ([DEFAULT] client_socket_timeout).
    """

    kept: frozenset[Kind] = frozenset()
    deletions: frozenset[Kind] = frozenset()
    retry_for: timedelta = timedelta(minutes=15)
    retry_refused: timedelta = timedelta(hours=1)
    unknown_settles: timedelta = timedelta(seconds=75)
    look_again: timedelta = timedelta(seconds=5)
    look_again_at_others: timedelta = timedelta(minutes=2)
    fills_for: timedelta = timedelta(hours=1)
