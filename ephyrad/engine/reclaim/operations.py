# SPDX-License-Identifier: Apache-2.0
"""The doors for CI's messages: over HTTP, and for whoever is believed already."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.reclaim.reclaimer import Reclaimer
from ephyrad.engine.reclaim_answers import (
    IgnoredAnswer,
    NamedAnswer,
    ReclaimAnswer,
    RefusedAnswer,
)
from ephyrad.journal.reclaims import ReclaimJournal
from ephyrad.reclaim import message as messages
from ephyrad.reclaim.authentic import NotAuthenticError, signed_at, verify
from ephyrad.reclaim.fate import Message, Named, ReclaimPolicy
from ephyrad.reclaim.letter import Letter, believe
from ephyrad.reclaim.nomination import Ignored, MessageError, Nomination

LOG = logging.getLogger(__name__)


class ReclaimAsked:
    """Implements :class:`ephyrad.engine.reclaim_answers.ReclaimOperations`."""

    def __init__(
        self,
        reclaimer: Reclaimer,
        journal: ReclaimJournal,
        policy: Callable[[], ReclaimPolicy],
        clock: Callable[[], datetime],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`wake`: have that looked at which waits."""
        self._reclaimer = reclaimer
        self._journal = journal
        self._policy = policy
        self._clock = clock
        self._wake = wake
        self._refused = RefusedAnswer()

    def post(self, headers: Mapping[str, str], content: bytes) -> ReclaimAnswer | IgnoredAnswer:
        """Take a message that came over HTTP, if it is authentic. Names of headers are lower."""
        credentials = self._policy().credentials
        if not credentials.any:
            raise OperationError(
                Complaint.UNAVAILABLE,
                "no message is taken, as nobody can be believed: set hmac_key_files or token_files"
                " of [reclaim]",
            )
        try:
            signed_id = verify(headers, content, credentials, self._clock())
        except NotAuthenticError as error:
            raise self._refusal(Complaint.UNAUTHORIZED, str(error)) from error
        try:
            found = messages.decode(headers, content)
        except MessageError as error:
            raise self._refusal(Complaint.INVALID, str(error)) from error
        if isinstance(found, Ignored):
            return IgnoredAnswer(found.reason)
        wrong = _other_than_signed(found, signed_id)
        if wrong is not None:
            raise self._refusal(Complaint.INVALID, wrong)
        return self.nominate(replace(found, said_at=signed_at(headers)))

    def deliver(self, letters: Sequence[Letter]) -> Sequence[str | None]:
        """Make messages durable that came over AMQP, and have what they name looked at.

        They are so in one commit, before this returns; a burst would wait for the disk at each.
        The clouds are not read here: whoever delivers has to answer its broker in time.
        """
        found = [self._read(each) for each in letters]
        if nominations := [each for each in found if isinstance(each, Nomination)]:
            self._reclaimer.keep(nominations)
            self._wake()
        # Told of only now: what cannot be made durable is delivered anew, with all beside it.
        return [self._told(each) if isinstance(each, str) else None for each in found]

    def _read(self, letter: Letter) -> Nomination | Ignored | str:
        """Return what a letter says, or why it is of no use; never raises."""
        policy = self._policy()
        try:
            signed_id = believe(letter, policy.credentials, policy.amqp, self._clock())
            found = messages.decode(letter.headers, letter.content)
        except (NotAuthenticError, MessageError) as error:
            return str(error)
        except Exception:  # else it would come again for ever, and nothing behind it
            LOG.exception("reclaim: a message could not be read")
            return "ephyrad could not read it, by an error of its own: see its log"
        if isinstance(found, Ignored):
            return found
        wrong = _other_than_signed(found, signed_id)
        said_at = signed_at(letter.headers) or letter.sent_at
        return replace(found, said_at=said_at) if wrong is None else wrong

    def nominate(self, nomination: Nomination) -> ReclaimAnswer:
        """Take what somebody who is believed nominates; verify it, and do what is to be done."""
        message, is_new = self._reclaimer.take(nomination)
        return _answer(message, again=not is_new)

    def last(self, count: int) -> Sequence[ReclaimAnswer]:
        """Return the messages that were taken last, the last one first."""
        return [_answer(each) for each in self._journal.last(count)]

    def refused(self) -> RefusedAnswer:
        """Return what was refused since the start."""
        return self._refused

    def _refusal(self, complaint: Complaint, why: str) -> OperationError:
        return OperationError(complaint, f"{self._told(why)}; nothing was done")

    def _told(self, why: str) -> str:
        """Count and tell that a message is refused; return why."""
        self._refused = RefusedAnswer(self._refused.count + 1, self._clock(), why)
        LOG.warning("reclaim: a message is refused: %s", why)
        return why


def _other_than_signed(found: Nomination, signed_id: str | None) -> str | None:
    if signed_id is None or signed_id == found.id:
        return None
    return f"the message is {found.id!r}, and {signed_id!r} was signed"


def _answer(message: Message, *, again: bool = False) -> ReclaimAnswer:
    return ReclaimAnswer(
        source=message.source,
        id=message.id,
        label=message.label,
        result=message.result,
        taken_at=message.taken_at,
        named=tuple(map(_named, message.named)),
        again=again,
    )


def _named(named: Named) -> NamedAnswer:
    plain = asdict(named) | {"kind": named.kind.value, "fate": named.fate.value}
    return NamedAnswer(**{name: plain[name] for name in NamedAnswer.__match_args__})
