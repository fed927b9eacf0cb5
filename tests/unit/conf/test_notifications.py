# SPDX-License-Identifier: Apache-2.0
"""What ephyrad itself sends, where it is told to, and that it never hears itself."""

import socket
from pathlib import Path

import pytest

from ephyrad.bus.settings import SenderSettings
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.load import load
from tests.unit.conf.writing import CLOUDS, write

URL = "rabbit://ephyrad:secret@new.example.org/"
HEARD = f"{CLOUDS}transport_url = {URL}\nironic_topics = ephyra\n"


def test_nothing_is_sent_unless_somebody_says_so(tmp_path: Path) -> None:
    _, settings = load(write(tmp_path, "", clouds=HEARD))

    assert settings.notifications is None


def test_they_go_to_the_new_clouds_bus(tmp_path: Path) -> None:
    _, settings = load(write(tmp_path, "[notifications]\nenabled = true", clouds=HEARD))

    host = socket.gethostname()
    assert settings.notifications == SenderSettings(URL, ("ephyra_versioned_notifications",), host)
    assert "secret" not in repr(settings)


def test_topics_and_the_host_are_the_operators(tmp_path: Path) -> None:
    text = "[notifications]\nenabled = true\ntopics = cmdb, chat\nhost = controller-1"

    _, settings = load(write(tmp_path, text, clouds=HEARD))

    assert settings.notifications == SenderSettings(URL, ("cmdb", "chat"), "controller-1")


@pytest.mark.parametrize(
    ("text", "clouds", "says"),
    [
        ("", CLOUDS, "enabled = true: there is no bus to send them to: set transport_url of"),
        ("topics =", HEARD, "topics names none: name one, or set enabled = false"),
        ("topics = a, ephyra", HEARD, "topics = ephyra: ephyrad listens to it: name one that"),
    ],
)
def test_what_cannot_be_sent_is_refused(tmp_path: Path, text: str, clouds: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load(write(tmp_path, f"[notifications]\nenabled = true\n{text}", clouds=clouds))

    assert f"{tmp_path}/ephyrad.conf: [notifications] {says}" in str(raised.value)
