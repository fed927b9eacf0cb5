# SPDX-License-Identifier: Apache-2.0
"""A broker that is spoken to by TLS, by oslo.messaging and by our own connection alike."""

from dataclasses import replace
from pathlib import Path

import pytest

from ephyrad.bus.queues import remove_queues
from tests.functional.bus.conftest import Bus
from tests.functional.bus.inbox import Inbox
from tests.functional.bus.until import until
from tests.harness.authority import issue

pytestmark = pytest.mark.rabbit


def trusting(bus: Bus, authority: Path) -> str:
    return bus.rabbit.url(bus.rabbit.tls_port, f"?ssl=true&ssl_ca_file={authority}")


def test_a_broker_that_is_trusted_is_listened_to(bus: Bus) -> None:
    inbox = Inbox()
    url = trusting(bus, bus.rabbit.authority)
    bus.settings = replace(bus.settings, transport_url=url)
    listener = bus.listen(inbox)

    bus.publisher.node("one")

    until("it came", lambda: inbox.names == ["one"])
    until("the broker was looked at", lambda: listener.status().backlog == 0)
    listener.stop()
    assert [queue.name for queue in remove_queues(bus.settings, bus.conf)] == [bus.pool]


def test_a_broker_of_another_authority_is_not_spoken_to(bus: Bus, tmp_path: Path) -> None:
    issue(tmp_path)

    listener = bus.start(Inbox(), transport_url=trusting(bus, tmp_path / "ca.pem"))

    until("it says that the bus is down", lambda: listener.status().condition == "down")
    assert "CERTIFICATE_VERIFY_FAILED" in str(listener.status().cause)
    assert bus.pool not in bus.rabbit.queues()
