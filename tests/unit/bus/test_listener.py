# SPDX-License-Identifier: Apache-2.0
"""The listener over oslo.messaging's in-memory driver, and looks that are made up."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from oslo_config import cfg

from ephyrad.bus.health import Condition, Look
from ephyrad.bus.settings import BusSettings, BusSetupError
from ephyrad.migration.facts import CloudName, Notification, Poison

FINE = Look(None, 0, 1)
AWAY = Look("ConnectionRefusedError: refused")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Eyes:
    """Shows the look it was given last."""

    def __init__(self) -> None:
        self.shows = FINE

    def look(self) -> Look:
        return self.shows

    def close(self) -> None:
        pass


class Scene:
    """A listener whose thread does not run: each look is asked for."""

    def __init__(self) -> None:
        from ephyrad.bus.listener import Listener

        self.clock = Clock()
        self.eyes = Eyes()
        self.settings = BusSettings(cloud=CloudName.OLD, transport_url="fake:///", pool="ephyra")
        conf = cfg.ConfigOpts()
        conf([])
        self.listener = Listener(self.settings, self.store, self.clock, conf)
        self.listener._lookout = self.eyes  # type: ignore[assignment]

    def store(self, _: Sequence[Notification], __: Sequence[Poison]) -> None:
        pass

    def look(self, look: Look, seconds: float = 10) -> Condition:
        self.clock.pass_(seconds)
        self.eyes.shows = look
        self.listener.tend()
        return self.listener.status().condition


@pytest.fixture
def scene() -> Iterator[Scene]:
    from ephyrad.bus.broker import hang_up

    one = Scene()
    yield one
    if running := one.listener._running:
        hang_up(running.server, running.line)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        one.getMessage()
        for one in caplog.records
        if one.levelno >= logging.WARNING and one.name.startswith("ephyrad")
    ]


def test_it_connects_when_the_broker_is_there(scene: Scene) -> None:
    assert scene.listener.status().condition is Condition.STARTING
    assert scene.look(AWAY) is Condition.DOWN
    assert not scene.listener.healthy()

    assert scene.look(FINE) is Condition.LISTENING

    assert scene.listener.healthy()
    assert scene.listener.status().connected_since == scene.clock()


def test_a_bus_that_is_down_is_said_once_and_once_when_it_is_back(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    for look in [FINE, *[AWAY] * 50, *[FINE] * 10, *[AWAY] * 50]:
        scene.look(look)

    texts = said(caplog)
    assert ["is down" in texts[0], "heard again" in texts[1], "is down" in texts[2]] == [True] * 3
    assert len(texts) == 3
    assert "refused" in texts[0]


def test_a_bus_that_comes_and_goes_is_no_flood(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(400):
        scene.look(AWAY if number % 2 else FINE)

    assert len(said(caplog)) == 1


def test_a_silent_bus_that_comes_and_goes_is_no_flood(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.look(FINE)
    scene.look(FINE, 2000)
    for number in range(400):
        scene.look(FINE if number % 2 else AWAY)

    assert len(said(caplog)) == 2


def test_a_silent_bus_is_said_once(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.look(FINE)

    seen = [scene.look(FINE, 600) for _ in range(10)]

    assert seen[0] is Condition.LISTENING
    assert set(seen[3:]) == {Condition.SILENT}
    assert len(said(caplog)) == 1
    assert "versioned_notifications" in said(caplog)[0]
    assert scene.listener.healthy()


def test_a_stalled_listener_is_rebuilt_and_counts_on(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.look(FINE)
    before = scene.listener._running
    stuck = Look(None, 500, 1)
    scene.look(stuck)

    seen = scene.look(stuck, 60)

    assert seen is Condition.LISTENING
    assert scene.listener._running is not before
    assert scene.listener.status().rebuilds == 1
    assert ["has stalled" in text for text in said(caplog)] == [True]


def test_the_status_tells_of_the_last_look(scene: Scene) -> None:
    scene.look(FINE)
    scene.look(Look(None, 5, 1))

    status = scene.listener.status()

    assert (status.backlog, status.looked_at) == (5, scene.clock())
    scene.look(AWAY)
    assert scene.listener.status().backlog is None


def test_it_starts_delivers_and_stops(scene: Scene) -> None:
    scene.listener.start()
    scene.listener.stop()

    assert scene.listener.status().condition is Condition.STOPPED
    assert not scene.listener._thread.is_alive()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"transport_url": "rabbit://user:pass/word@host:x"}, "cannot be read"),
        ({"transport_url": "nonsense://user:password@host"}, "cannot be used"),
        ({"transport_url": "rabbit://user:password@host/?no_such=1"}, "no_such"),
        ({"transport_url": "rabbit://user:password@host/?heartbeat_rate=x"}, "heartbeat_rate|'x'"),
        ({"ironic_topics": (), "nova_topics": ()}, "no topic"),
    ],
)
def test_settings_that_cannot_be_used_are_named_without_the_password(
    changes: dict[str, object], expected: str
) -> None:
    scene = Scene()
    scene.listener._settings = replace(scene.settings, **changes)  # type: ignore[arg-type]

    with pytest.raises(BusSetupError, match=expected) as caught:
        scene.listener.start()

    assert "old cloud" in str(caught.value)
    assert "pass" not in str(caught.value).replace("PASSWORD", "").lower()
