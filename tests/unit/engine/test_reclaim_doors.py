# SPDX-License-Identifier: Apache-2.0
"""Messages of CI as they come in, over HTTP and over AMQP: believed, durable, or told why not."""

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from ephyrad.clouds.port import CloudReadError
from ephyrad.engine.answers import Complaint, OperationError
from ephyrad.engine.reclaim_answers import IgnoredAnswer, ReclaimAnswer
from ephyrad.journal.errors import JournalError
from ephyrad.reclaim.authentic import signature
from ephyrad.reclaim.letter import Letter
from ephyrad.rollout.candidate import Candidate
from tests.functional.bus.until import until
from tests.unit.engine.rig import HMAC_KEY, TOKEN, Rig
from tests.unit.engine.test_reclaim import HOUR, fate, later, names, started, states
from tests.unit.reclaim.samples import (
    AS_JSON,
    cd_event,
    in_binary_mode,
    in_structured_mode,
    jenkins,
    mq_notifier,
)


@pytest.fixture
def made(tmp_path: Path) -> Rig:
    return started(tmp_path)


BEARER = {"authorization": f"Bearer {TOKEN.decode()}"}


def signed(made: Rig, id: str, content: bytes, key: bytes = HMAC_KEY) -> dict[str, str]:  # noqa: A002
    return {"x-ephyra-signature": signature(key, made.clock.now(), id, content)}


class Turns:
    """A lock that tells how many have asked for it."""

    def __init__(self) -> None:
        self.asked = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self.asked += 1
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


@pytest.mark.parametrize("fails", [False, True])
def test_a_burst_has_the_clouds_read_once_however_long_that_takes(
    made: Rig, monkeypatch: pytest.MonkeyPatch, *, fails: bool
) -> None:
    first, _ = names(made)
    made.clock.advance(60)
    reads: list[str] = []
    reading, go_on = threading.Event(), threading.Event()
    list_all = made.old.candidates

    def slowly() -> Sequence[Candidate]:
        reads.append("read")
        reading.set()
        assert go_on.wait(30)
        if fails:
            raise CloudReadError("HTTP 503")
        return list_all()

    monkeypatch.setattr(made.old, "candidates", slowly)
    turns = Turns()
    monkeypatch.setattr(made.engine.reclaimer, "_reading", turns)
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(fate, made, first, id="0")]
        assert reading.wait(30)
        found += [pool.submit(fate, made, first, id=f"{number}") for number in (1, 2, 3)]
        # The others ask before it is over.
        until("they wait", lambda: turns.asked == 4)
        made.clock.advance(20)
        go_on.set()

    # The instance is to be deleted already by the first one's word.
    looked_at = ["given", "refused", "refused", "refused"]
    assert sorted(each.result()[0] for each in found) == (["waits"] * 4 if fails else looked_at)
    assert len(reads) == 1


def test_real_messages_over_http(made: Rig) -> None:
    first, second = names(made)
    headers, content = in_binary_mode(cd_event(nodes=[first]))
    event = json.loads(content)["context"]["id"]
    sent = json.dumps(jenkins(EPHYRA_NODES=second)).encode()
    post = made.operations.reclaims.post

    one = post(headers | signed(made, event, content), content)
    other = post(AS_JSON | BEARER, sent)

    assert isinstance(one, ReclaimAnswer)
    assert isinstance(other, ReclaimAnswer)
    assert [one.named[0].fate, other.named[0].fate] == ["given", "given"]
    assert post(AS_JSON | BEARER, sent) == replace(other, again=True)
    started_build = json.dumps(jenkins("STARTED", EPHYRA_NODES=second)).encode()
    assert post(AS_JSON | BEARER, started_build) == IgnoredAnswer(
        "the build is STARTED: nodes are empty when it is FINALIZED"
    )
    made.run(2 * HOUR)
    assert states(made) == ["compute-ready", "compute-ready"]


def test_a_letter_is_durable_and_then_looked_at(made: Rig) -> None:
    first, _ = names(made)
    content = json.dumps(mq_notifier(EPHYRA_NODES=first)).encode()
    deliver, id = made.operations.reclaims.deliver, "job/metal/job/burn-in/18/@81234"  # noqa: A001
    letter = Letter(content, signed(made, id, content), made.clock.now())

    assert deliver([letter]) == [None]

    # The clouds are not asked before the broker has its answer.
    assert later(made) == [("waits", "it was taken, and not looked at yet")]
    assert deliver([letter, letter]) == [None, None]
    made.run(HOUR)
    assert states(made) == ["compute-ready", "active"]
    [found] = made.operations.reclaims.last(9)
    assert (found.source, found.id) == ("https://jenkins.example.com/", id)
    assert [each.fate for each in found.named] == ["given"]


def test_a_letter_that_is_of_no_use_is_told_why(made: Rig) -> None:
    content = json.dumps(mq_notifier(EPHYRA_NODES="a")).encode()
    tries = [
        (Letter(content, {}, made.clock.now()), "it has no header X-Ephyra-Signature"),
        (Letter(content, signed(made, "8", content)), "and '8' was signed"),
        (Letter(b"{", signed(made, "7", b"{")), "the body is no JSON"),
        (Letter(content, trouble="it is too large"), "it is too large"),
    ]

    found = made.operations.reclaims.deliver([letter for letter, _ in tries])

    for why, (_, says) in zip(found, tries, strict=True):
        assert says in str(why)
    assert made.operations.reclaims.refused().count == 4
    assert list(made.operations.reclaims.last(9)) == []
    ignored = json.dumps(mq_notifier("STARTED")).encode()
    assert made.operations.reclaims.deliver([Letter(ignored, signed(made, "7", ignored))]) == [None]


def test_an_error_of_our_own_does_not_have_a_letter_come_again(
    made: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("ephyrad.reclaim.message.decode", broken)
    letter = Letter(b"{}", signed(made, "7", b"{}"))

    [why] = made.operations.reclaims.deliver([letter])
    assert "by an error of its own" in str(why)


def test_a_letter_that_cannot_be_made_durable_is_not_dealt_with(made: Rig) -> None:
    content = json.dumps(mq_notifier(EPHYRA_NODES="a")).encode()
    letter = Letter(content, signed(made, "job/metal/job/burn-in/18/@81234", content))
    made.journal.close()

    with pytest.raises(JournalError):
        made.operations.reclaims.deliver([Letter(b"{"), letter])
    # What is of no use beside it comes again, too, and is told of then.
    assert made.operations.reclaims.refused().count == 0


def test_what_is_forged_late_or_wrong_changes_nothing_and_is_told(made: Rig) -> None:
    headers, content = in_structured_mode(cd_event(nodes=names(made)))
    event = json.loads(content)["id"]
    late = headers | signed(made, event, content)
    made.clock.advance(301)
    tries = [
        (headers, Complaint.UNAUTHORIZED, "it has neither X-Ephyra-Signature nor a token"),
        (headers | signed(made, event, content, b"x" * 32), Complaint.UNAUTHORIZED, "no key that"),
        (late, Complaint.UNAUTHORIZED, "its time is 301 s ago"),
        (headers | signed(made, "8", content), Complaint.INVALID, "and '8' was signed"),
        (BEARER, Complaint.INVALID, "has an unknown field"),
    ]

    for sent, complaint, says in tries:
        with pytest.raises(OperationError, match=says) as raised:
            made.operations.reclaims.post(sent, content)
        assert raised.value.complaint is complaint

    assert list(made.operations.reclaims.last(9)) == []
    refused = made.operations.reclaims.refused()
    assert (refused.count, refused.last_at) == (5, made.clock.now())
    made.run(600)
    assert states(made) == ["active", "active"]
