# SPDX-License-Identifier: Apache-2.0
"""Writes every configuration file, and makes the directories they name."""

import json
import shutil
from collections.abc import Callable, Mapping

from tests.lab import bmc, brokers, policy
from tests.lab.configuration.clients import clouds
from tests.lab.configuration.glance import glance
from tests.lab.configuration.ini import Sections, render, write
from tests.lab.configuration.ironic import ironic
from tests.lab.configuration.keystone import keystone
from tests.lab.configuration.neutron import neutron
from tests.lab.configuration.nova import nova
from tests.lab.configuration.placement import placement
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.settings import Settings

Maker = Callable[[Settings, Cloud], Sections]

_FILES: Mapping[str, Maker] = {
    "keystone/keystone.conf": keystone,
    "glance/glance-api.conf": glance,
    "placement/placement.conf": placement,
    "ironic/ironic.conf": ironic,
    "nova/nova.conf": nova,
    "neutron/neutron.conf": neutron,
}
_DATA = (
    "keystone/fernet",
    "keystone/credential",
    "glance/images",
    "glance/staging",
    "glance/tasks",
    "glance/cache",
    "ironic/http",
    "ironic/tftp/master",
    "ironic/images/master",
    "nova/instances",
    *(f"{path.partition('/')[0]}/lock" for path in _FILES),
)


def write_all(settings: Settings) -> None:
    """Everything below etc/, anew; Ironic's policy stays as it was switched."""
    for cloud in CLOUDS:
        for path in _DATA:
            (settings.data / cloud / path).mkdir(parents=True, exist_ok=True)
        for path, make in _FILES.items():
            write(settings.etc / cloud / path, render(make(settings, cloud)))
        # Nova looks for it beside nova.conf
        shutil.copyfile(
            settings.venv / cloud / "etc" / "nova" / "api-paste.ini",
            settings.etc / cloud / "nova" / "api-paste.ini",
        )
        policy.write_default(settings, cloud)
        brokers.write_configuration(settings, cloud)
    bmc.write_configuration(settings)
    # JSON is YAML
    write(settings.clouds_yaml, json.dumps(clouds(settings), indent=1) + "\n")
