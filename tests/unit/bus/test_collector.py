# SPDX-License-Identifier: Apache-2.0
"""What becomes of CI's messages at their queue, when all goes well and when it does not."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from oslo_config import cfg

from ephyrad.bus.collector import Collector
from ephyrad.bus.health import Condition
from ephyrad.bus.mailbox_settings import MailboxSettings
from ephyrad.reclaim.letter import Letter
from tests.fakes.mailbox import FakePost

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Scene:
    """A collector whose thread does not run, and what takes its letters."""

    def __init__(self) -> None:
        self.post = FakePost()
        self.taken: list[bytes] = []
        self.together: list[int] = []
        self.full = False
        self.seconds = 100.0
        conf = cfg.ConfigOpts()
        conf([])
        self.collector = Collector(
            MailboxSettings(transport_url="fake:///"),
            self.take,
            lambda: NOW,
            conf,
            monotonic=lambda: self.seconds,
            connect=self.post.connect,
        )

    def take(self, letters: Sequence[Letter]) -> Sequence[str | None]:
        if self.full:
            raise OSError("the disk is full")
        self.together.append(len(letters))
        return [self._take(each) for each in letters]

    def _take(self, letter: Letter) -> str | None:
        if letter.content.startswith(b"bad"):
            return "it is bad"
        self.taken.append(letter.content)
        return None

    def tend(self, seconds: float = 1) -> Condition:
        self.seconds += seconds
        self.collector.tend()
        return self.collector.status().condition


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_what_is_taken_is_acknowledged(scene: Scene) -> None:
    scene.post.send(b"one")
    scene.post.send(b"two")

    assert scene.tend() is Condition.LISTENING

    assert scene.taken == [b"one", b"two"]
    assert scene.post.queue == {}
    status = scene.collector.status()
    assert (status.taken, status.dead, status.waiting) == (2, 0, 0)
    assert status.last_message_at == NOW


def test_nothing_is_acknowledged_before_it_is_taken(scene: Scene) -> None:
    scene.full = True
    scene.post.send(b"one")
    scene.post.send(b"two")

    assert scene.tend() is Condition.NOT_STORING

    assert "the disk is full" in str(scene.collector.status().cause)
    assert len(scene.post.queue) == 2
    scene.full = False
    assert scene.tend(0.1) is Condition.NOT_STORING, "not tried again at once"
    assert scene.tend(60) is Condition.LISTENING
    assert scene.taken == [b"one", b"two"]
    assert scene.post.queue == {}
    assert scene.post.connected == 1, "a lost connection counts as a delivery that failed"


def test_what_came_together_is_taken_together_but_not_all_of_a_burst(scene: Scene) -> None:
    for number in range(250):
        scene.post.send(f"{number}".encode())

    scene.tend()

    assert scene.together == [100, 100, 50]
    assert scene.taken == [f"{number}".encode() for number in range(250)]
    assert scene.post.queue == {}


def test_what_is_of_no_use_is_put_aside_with_the_reason(scene: Scene) -> None:
    for content in (b"bad 1", b"good", b"bad 2"):
        scene.post.send(content)

    scene.tend()

    assert scene.taken == [b"good"]
    assert scene.post.dead == [(b"bad 1", "it is bad"), (b"bad 2", "it is bad")]
    assert scene.post.queue == {}
    assert (scene.collector.status().taken, scene.collector.status().dead) == (1, 2)


def test_what_cannot_be_put_aside_is_not_acknowledged_and_stops_nothing(scene: Scene) -> None:
    scene.post.closed_to_dead = True
    scene.post.send(b"bad")
    scene.post.send(b"good")

    assert scene.tend() is Condition.NOT_STORING

    assert scene.taken == [b"good"]
    assert [each.content for each in scene.post.queue.values()] == [b"bad"]
    assert scene.collector.status().cause == (
        "1 messages of no use cannot be put into the queue ephyra.reclaim.dead, and stay where they"
        " are: AccessRefused"
    )
    scene.post.send(b"good too")
    assert scene.tend(0.1) is Condition.NOT_STORING
    assert scene.taken == [b"good", b"good too"]
    scene.post.closed_to_dead = False
    assert scene.tend(60) is Condition.LISTENING
    assert scene.post.dead == [(b"bad", "it is bad")]
    assert scene.post.queue == {}


def test_a_broker_that_goes_is_tried_again_and_hands_out_again(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    scene.full = True
    scene.post.send(b"one")
    scene.tend()
    scene.post.away = True

    assert [scene.tend(60) for _ in range(5)] == [Condition.DOWN] * 5

    assert "refused" in str(scene.collector.status().cause)
    scene.post.away = scene.full = False
    assert scene.tend(60) is Condition.LISTENING
    assert scene.taken == [b"one"]
    assert scene.post.queue == {}
    said = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert sum("is down" in each for each in said) == 1
    assert sum("is read again" in each for each in said) == 1


def test_a_broker_that_is_away_is_not_tried_all_the_time(scene: Scene) -> None:
    scene.post.away = True
    scene.tend()
    scene.post.away = False

    assert scene.tend(0.1) is Condition.DOWN
    assert scene.tend(20) is Condition.LISTENING
