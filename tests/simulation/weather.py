# SPDX-License-Identifier: Apache-2.0
"""The weather: what goes wrong, how often, all drawn from the seed; until it clears."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields

from ephyrad.migration.outcomes import Refused, Unknown, Unreachable
from ephyrad.testing.bus import Message
from ephyrad.testing.troubles import Answered, Late, ReplyLost, Trouble, Unreadable
from tests.simulation.tally import Tally

# No answer is older: an API node that reads from a replica of its database which is behind.
OLDEST = 5.0


@dataclass(frozen=True)
class Climate:
    """Chances, of each message, call, boundary or piece of work; 0 is never.

    `restart`, `outage`, `stall`, `jump`, `full` are chances per minute: of a conductor's death, of
    a BMC that does not answer for a while, of a nova-compute that stands still for a while, of a
    wall clock that jumps, of an Ironic that takes no more cleans for a minute. `mixed`: a
    notification tells of the transition before. `paused`: ephyrad stands still for minutes.
    `lagging`: a read shows a node as it was some seconds ago. `strange`: a read shows a state of
    which nobody ever heard. `second`: a second ephyrad is started (per minute). `noticing`:
    somebody gives word to delete an instance, takes it back, locks or replaces one (per minute).
    """

    lost: float = 0.0
    doubled: float = 0.0
    delayed: float = 0.0
    unreachable: float = 0.0
    unknown: float = 0.0
    reply_lost: float = 0.0
    late: float = 0.0
    refused: float = 0.0
    unreadable: float = 0.0
    slow: float = 0.0
    paused: float = 0.0
    mixed: float = 0.0
    jump: float = 0.0
    full: float = 0.0
    crash: float = 0.0
    clean: float = 0.0
    verify: float = 0.0
    deploy: float = 0.0
    undeploy: float = 0.0
    power: float = 0.0
    restart: float = 0.0
    outage: float = 0.0
    stall: float = 0.0
    meddling: float = 0.0
    lagging: float = 0.0
    strange: float = 0.0
    second: float = 0.0
    noticing: float = 0.0


_WORST = Climate(
    lost=1.0,
    doubled=0.5,
    delayed=0.5,
    unreachable=0.3,
    unknown=0.2,
    reply_lost=0.2,
    late=0.1,
    refused=0.05,
    unreadable=0.3,
    slow=0.1,
    paused=0.01,
    mixed=0.5,
    jump=0.02,
    full=0.3,
    crash=0.03,
    clean=0.3,
    verify=0.3,
    deploy=0.3,
    undeploy=0.1,
    power=0.2,
    restart=0.1,
    outage=0.05,
    stall=0.05,
    meddling=0.6,
    lagging=0.3,
    strange=0.02,
    second=0.05,
    noticing=0.5,
)


def draw(rng: random.Random) -> Climate:
    """Draw a climate: each kind of trouble is absent in half of the runs, else of any strength."""
    return Climate(
        **{
            field.name: rng.random() ** 2 * getattr(_WORST, field.name)
            if rng.random() < 0.5
            else 0.0
            for field in fields(Climate)
        }
    )


class Weather:
    """Decides, from its own stream of randomness, about each thing that may go wrong."""

    def __init__(self, climate: Climate, rng: random.Random, tally: Tally) -> None:
        self.climate = climate
        self._rng = rng
        self._tally = tally

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.climate = Climate()

    def strikes(self, what: str) -> bool:
        """Whether trouble of this kind happens now."""
        chance: float = getattr(self.climate, what)
        struck = chance > 0.0 and self._rng.random() < chance
        if struck:
            self._tally.add("fault", what)
        return struck

    def fate(self, message: Message) -> Sequence[float]:
        """When the copies of a message arrive."""
        if self.strikes("lost"):
            return ()
        copies = 2 if self.strikes("doubled") else 1
        return [self._delay() for _ in range(copies)]

    def trouble(self, call: str, changes: bool) -> Trouble | None:
        """What a call of ephyrad's meets."""
        if not changes:
            return Unreadable() if self.strikes("unreadable") else None
        if self.strikes("unreachable"):
            return Answered(Unreachable("HTTP 503: no free conductor workers"))
        if self.strikes("unknown"):
            return Answered(Unknown("HTTP 502: Bad Gateway"))
        if self.strikes("reply_lost"):
            return ReplyLost()
        if self.strikes("late"):
            return Late(self._rng.uniform(1.0, 60.0))
        if self.strikes("refused"):
            return Answered(Refused(400, "it does not please me"))
        return None

    def spoil(self, message: Message) -> Message:
        """Mix up a message: its previous state is that of another transition (observed)."""
        if "provision_set" not in message["event_type"] or not self.strikes("mixed"):
            return message
        payload = message["payload"]
        told = {**payload["ironic_object.data"], "previous_provision_state": "cleaning"}
        return {**message, "payload": {**payload, "ironic_object.data": told}}

    def latency(self) -> tuple[float, float]:
        """How long a call takes, before and after what it does."""
        if self.strikes("paused"):
            return self._rng.uniform(60.0, 900.0), 0.0
        scale = 30.0 if self.strikes("slow") else 0.1
        return self._rng.random() * scale, self._rng.random() * scale

    def lag(self) -> float:
        """How many seconds old is what a read shows."""
        return self._rng.uniform(0.1, OLDEST) if self.strikes("lagging") else 0.0

    def fails(self, what: str, uuid: str) -> str | None:
        """Whether a piece of a conductor's work fails, and with which words."""
        return f"the {what} did not work" if self.strikes(what) else None

    def _delay(self) -> float:
        return self._rng.expovariate(1 / 60.0) if self.strikes("delayed") else self._rng.random()
