# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from ephyrad.cli.socket_path import find_socket

DEFAULT = "/var/lib/ephyrad/ephyrad.sock"


@pytest.mark.parametrize(
    ("option", "environment", "text", "expected"),
    [
        ("/o", {"EPHYRA_SOCKET": "/e"}, "[api]\nsocket = /c\n", "/o"),
        (None, {"EPHYRA_SOCKET": "/e"}, "[api]\nsocket = /c\n", "/e"),
        (None, {}, "[api]\nsocket = /c\n", "/c"),
        (None, {}, "[DEFAULT]\nstate_dir = /srv/e\n", "/srv/e/ephyrad.sock"),
        (None, {}, "[DEFAULT]\nstate_dir=/srv\n[api]\nsocket = $state_dir/s\n", "/srv/s"),
        (None, {}, "[api]\nsocket = ${state_dir}/s\n[DEFAULT]\nstate_dir = /srv\n", "/srv/s"),
        (None, {}, "[DEFAULT]\n#state_dir = /srv\n", DEFAULT),
        (None, {}, "[other]\nstate_dir = /srv\nsocket = /c\n", DEFAULT),
        (None, {}, "no = such : file\n[\n=\n", DEFAULT),
        (None, {"EPHYRA_SOCKET": ""}, "", DEFAULT),
    ],
)
def test_the_socket_is_found(
    tmp_path: Path, option: str | None, environment: dict[str, str], text: str, expected: str
) -> None:
    configuration = tmp_path / "ephyrad.conf"
    configuration.write_text(text)

    assert find_socket(option, environment, configuration) == expected


def test_without_a_configuration_it_is_where_it_is_by_default(tmp_path: Path) -> None:
    assert find_socket(None, {}, tmp_path / "missing.conf") == DEFAULT
