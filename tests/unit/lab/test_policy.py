# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

from tests.lab import policy
from tests.lab.ports import Cloud
from tests.lab.settings import Settings


def _policy(settings: Settings, cloud: Cloud) -> dict[str, str]:
    text = (settings.etc / cloud / "ironic" / "policy.yaml").read_text()
    found: dict[str, str] = json.loads(text)
    return found


def test_by_default_only_the_old_cloud_shows_secrets(tmp_path: Path) -> None:
    settings = Settings(directory=tmp_path)

    policy.write_default(settings, "old")
    policy.write_default(settings, "new")

    assert _policy(settings, "old")["show_password"] == "role:admin"
    assert _policy(settings, "new") == {}


def test_a_switch_outlives_the_next_start(tmp_path: Path) -> None:
    settings = Settings(directory=tmp_path)
    policy.show_secrets(settings, "old", show=False)

    policy.write_default(settings, "old")

    assert _policy(settings, "old") == {}
