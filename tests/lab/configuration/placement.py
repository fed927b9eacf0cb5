# SPDX-License-Identifier: Apache-2.0
"""placement.conf."""

from tests.lab.configuration import baseline
from tests.lab.configuration.ini import Sections, merge
from tests.lab.ports import Cloud
from tests.lab.settings import Settings


def placement(settings: Settings, cloud: Cloud) -> Sections:
    base = baseline.sections(settings, cloud, "placement")
    base["placement_database"] = base.pop("database")
    return merge(base, {"api": {"auth_strategy": "keystone"}})
