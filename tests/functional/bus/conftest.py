# SPDX-License-Identifier: Apache-2.0
"""A real broker, a real notifier, and an inbox in memory."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from oslo_config import cfg

from ephyrad.bus.intake import Store
from ephyrad.bus.settings import BusSettings
from ephyrad.migration.facts import CloudName
from tests.functional.bus.publisher import Publisher
from tests.functional.bus.rabbit import Rabbit, scripts
from tests.functional.bus.until import until

if TYPE_CHECKING:
    from ephyrad.bus.listener import Listener


@dataclass
class Bus:
    """One test's bus: the broker, settings with a pool of its own, and what was made."""

    rabbit: Rabbit
    settings: BusSettings
    conf: cfg.ConfigOpts
    publisher: Publisher
    made: list["Listener"] = field(default_factory=list)

    @property
    def pool(self) -> str:
        assert self.settings.pool
        return self.settings.pool

    def start(self, inbox: Store, **changes: Any) -> "Listener":
        """Start a listener; it is stopped after the test."""
        from ephyrad.bus.listener import Listener

        settings = replace(self.settings, **changes)
        one = Listener(settings, inbox, lambda: datetime.now(UTC), self.conf)
        self.made.append(one)
        one.start()
        return one

    def listen(self, inbox: Store, **changes: Any) -> "Listener":
        """Start a listener, and wait until it listens."""
        one = self.start(inbox, **changes)
        until("it listens", one.healthy)
        return one

    def unread(self) -> int:
        """Messages in the pool's queue that are not acknowledged."""
        return self.rabbit.queues().get(self.pool, 0)


@pytest.fixture(scope="session")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rabbit]:
    if scripts() is None:
        pytest.skip("the package rabbitmq-server is not installed")
    broker = Rabbit(tmp_path_factory.mktemp("rabbit"))
    try:
        broker.start()
        yield broker
    finally:
        broker.close()


@pytest.fixture
def bus(rabbit: Rabbit) -> Iterator[Bus]:
    conf = cfg.ConfigOpts()
    conf([])
    settings = BusSettings(
        cloud=CloudName.OLD,
        transport_url=rabbit.url(),
        pool=f"pool-{uuid.uuid4().hex[:8]}",
        look_seconds=0.5,
        stall_seconds=5,
    )
    one = Bus(rabbit, settings, conf, Publisher(rabbit.url()))
    yield one
    for listener in one.made:
        listener.stop()
    one.publisher.close()
