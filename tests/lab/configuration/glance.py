# SPDX-License-Identifier: Apache-2.0
"""glance-api.conf."""

from tests.lab.configuration import baseline
from tests.lab.configuration.ini import Sections, merge
from tests.lab.ports import Cloud
from tests.lab.settings import ADDRESS, Settings


def glance(settings: Settings, cloud: Cloud) -> Sections:
    data = settings.data / cloud / "glance"
    paste = settings.venv / cloud / "etc" / "glance" / "glance-api-paste.ini"
    return merge(
        baseline.sections(settings, cloud, "glance"),
        {
            "DEFAULT": {
                "bind_host": ADDRESS,
                "bind_port": str(settings.port(cloud, "glance")),
                "workers": "1",
                "enabled_backends": "file:file",
                "show_multiple_locations": "false",
                "node_staging_uri": f"file://{data}/staging",
                "image_cache_dir": f"{data}/cache",
            },
            # ephyrad reads a topic of its own and takes nothing from anybody
            "oslo_messaging_notifications": {"topics": "notifications,ephyra"},
            "glance_store": {"default_backend": "file"},
            "file": {"filesystem_store_datadir": f"{data}/images"},
            "os_glance_staging_store": {"filesystem_store_datadir": f"{data}/staging"},
            "os_glance_tasks_store": {"filesystem_store_datadir": f"{data}/tasks"},
            "paste_deploy": {"flavor": "keystone", "config_file": str(paste)},
            "oslo_limit": baseline.auth(settings, cloud, "glance", system=True)
            | {"endpoint_id": "unused"},
        },
    )
