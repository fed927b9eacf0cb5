# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from tests.lab.errors import LabError
from tests.lab.settings import Settings, from_environment


def test_without_variables_the_lab_lies_in_the_temporary_directory() -> None:
    settings = from_environment({})

    assert settings.directory.name == "ephyra-lab"
    assert settings.clouds_yaml == settings.directory / "etc" / "clouds.yaml"


def test_what_is_written_to_the_environment_is_read_back_the_same() -> None:
    settings = Settings(
        directory=Path("/somewhere/lab"),
        port_base=20000,
        password="other-secret",
        bmc_count=3,
        workers=1,
        debug=True,
        nova_update_interval=0,
        power_sync_interval=5,
        python="/opt/python",
        ironic_options={"node_locked_retry_attempts": "1"},
        nova_ironic_options={"old": {}, "new": {"shard": "s1"}},
    )

    assert from_environment(settings.environment()) == settings


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("EPHYRA_LAB_PORT_BASE", "80", "a whole number from 1024 to 65235"),
        ("EPHYRA_LAB_PORT_BASE", "65400", "a whole number from 1024 to 65235"),
        ("EPHYRA_LAB_WORKERS", "two", "a whole number from 1 to 64"),
        ("EPHYRA_LAB_DEBUG", "maybe", "true or false"),
        ("EPHYRA_LAB_PASSWORD", "it's", "use only A-Z"),
        ("EPHYRA_LAB_IRONIC_OPTIONS", "[1]", "a JSON object"),
        ("EPHYRA_LAB_NOVA_IRONIC_OPTIONS_NEW", "{", "a JSON object"),
    ],
)
def test_a_bad_variable_is_named_with_the_cure(name: str, value: str, expected: str) -> None:
    with pytest.raises(LabError) as raised:
        from_environment({name: value})

    assert str(raised.value).startswith(name)
    assert expected in str(raised.value)
    assert "\n" not in str(raised.value)
