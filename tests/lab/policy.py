# SPDX-License-Identifier: Apache-2.0
"""Whether a cloud's Ironic shows BMC passwords and other secrets to an administrator."""

import json
from pathlib import Path

from tests.lab.configuration.ini import write
from tests.lab.ports import Cloud
from tests.lab.settings import Settings

_SHOWN = {"show_password": "role:admin", "show_instance_secrets": "role:admin"}
_BY_DEFAULT: dict[Cloud, bool] = {"old": True, "new": False}


def show_secrets(settings: Settings, cloud: Cloud, show: bool) -> None:
    """Shows or masks (Ironic's own default) secrets from the next request on.

    Ironic reads its policy file again when it has changed (observed on both releases: in under a
    second, without a restart, if the file was there when the service started).
    """
    # JSON is YAML
    write(_path(settings, cloud), json.dumps(_SHOWN if show else {}) + "\n")


def write_default(settings: Settings, cloud: Cloud) -> None:
    """Old shows, new masks, unless it was switched before."""
    if not _path(settings, cloud).exists():
        show_secrets(settings, cloud, _BY_DEFAULT[cloud])


def _path(settings: Settings, cloud: Cloud) -> Path:
    return settings.etc / cloud / "ironic" / "policy.yaml"
