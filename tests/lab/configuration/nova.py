# SPDX-License-Identifier: Apache-2.0
"""nova.conf."""

from tests.lab import databases
from tests.lab.configuration import baseline
from tests.lab.configuration.ini import Sections, merge
from tests.lab.ports import Cloud
from tests.lab.settings import ADDRESS, Settings


def nova(settings: Settings, cloud: Cloud) -> Sections:
    user = baseline.auth(settings, cloud, "nova")
    return merge(
        baseline.sections(settings, cloud, "nova"),
        {
            "DEFAULT": _default(settings, cloud),
            "api": {"auth_strategy": "keystone"},
            "api_database": {
                "connection": databases.url(settings, cloud, "nova_api"),
                "max_pool_size": "20",
                "max_overflow": "50",
            },
            "database": {"connection": databases.url(settings, cloud, "nova_cell1")},
            "wsgi": {
                "api_paste_config": str(settings.venv / cloud / "etc" / "nova" / "api-paste.ini")
            },
            "conductor": {"workers": str(settings.workers)},
            "scheduler": {
                "workers": "1",
                "discover_hosts_in_cells_interval": "15",
                "query_placement_for_image_type_support": "false",
            },
            "filter_scheduler": {"track_instance_changes": "false"},
            "placement": baseline.auth(settings, cloud, "placement"),
            "glance": dict(user),
            # project scope would show the new Ironic's nodes to nobody (observed on 2026.2)
            "ironic": baseline.auth(settings, cloud, "nova", system=True)
            | dict(settings.nova_ironic_options.get(cloud, {})),
            "service_user": user | {"send_service_user_token": "true"},
            "cinder": dict(user),
            "neutron": dict(user),
            "keystone": dict(user),
            "quota": {"instances": "-1", "cores": "-1", "ram": "-1"},
            "vnc": {"enabled": "false"},
            "spice": {"enabled": "false"},
            "notifications": _notifications(cloud),
            "upgrade_levels": {"compute": "auto"},
        },
    )


def _default(settings: Settings, cloud: Cloud) -> dict[str, str]:
    return {
        "my_ip": ADDRESS,
        "host": f"{cloud}-compute-1",
        "state_path": str(settings.data / cloud / "nova"),
        "compute_driver": "ironic.IronicDriver",
        "reserved_host_memory_mb": "0",
        "reserved_host_cpus": "0",
        "reserved_host_disk_mb": "0",
        "vif_plugging_is_fatal": "false",
        "vif_plugging_timeout": "0",
        # decides how soon a node is seen
        "update_resources_interval": str(settings.nova_update_interval),
        "sync_power_state_interval": "600",
        "heal_instance_info_cache_interval": "-1",
        "allow_resize_to_same_host": "false",
        "block_device_allocate_retries_interval": "1",
        "osapi_compute_listen": ADDRESS,
        "osapi_compute_listen_port": str(settings.port(cloud, "nova")),
        "osapi_compute_workers": str(settings.workers),
        "enabled_apis": "osapi_compute",
    }


def _notifications(cloud: Cloud) -> dict[str, str]:
    found = {
        "notification_format": "both",
        # ephyrad reads a topic of its own and takes nothing from anybody
        "versioned_notifications_topics": "versioned_notifications,ephyra",
        "notify_on_state_change": "vm_and_task_state",
        "notify_on_api_faults": "true",
        "bdms_in_notifications": "true",
    }
    return found | ({"include_share_mapping": "true"} if cloud == "new" else {})
