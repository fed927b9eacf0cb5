# SPDX-License-Identifier: Apache-2.0
"""What is sent, and what is said where it is not; tests/functional/bus sends to a real broker."""

from typing import Any

import pytest
from oslo_config import cfg

from ephyrad.bus.settings import BusSetupError, NotSentError, SenderSettings


def sender(url: str) -> Any:
    from ephyrad.bus.sender import Sender

    conf = cfg.ConfigOpts()
    conf([])
    return Sender(SenderSettings(url, ("ephyra",), "controller-1"), conf)


def test_a_bus_that_takes_it() -> None:
    one = sender("fake:///")

    one.send("ephyra.node.hold", {"ephyra_object.version": "1.0"})
    one.close()


def test_a_bus_that_does_not_is_told_and_tried_again() -> None:
    one = sender("rabbit://ephyrad:secret@127.0.0.1:9/")

    for _ in range(2):
        with pytest.raises(NotSentError, match="refused") as raised:
            one.send("ephyra.node.hold", {})
        assert "secret" not in str(raised.value)
    one.close()


def test_an_url_that_cannot_be_used_keeps_its_password() -> None:
    with pytest.raises(
        BusSetupError, match=r"\[new_cloud\] transport_url cannot be used"
    ) as raised:
        sender("nothing://ephyrad:secret@h/")

    assert "secret" not in str(raised.value)
