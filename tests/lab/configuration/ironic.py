# SPDX-License-Identifier: Apache-2.0
"""ironic.conf."""

from tests.lab.configuration import baseline
from tests.lab.configuration.ini import Sections, merge
from tests.lab.ports import Cloud
from tests.lab.settings import ADDRESS, Settings


def ironic(settings: Settings, cloud: Cloud) -> Sections:
    data = settings.data / cloud / "ironic"
    user = baseline.auth(settings, cloud, "ironic")
    return merge(
        baseline.sections(settings, cloud, "ironic"),
        {
            "DEFAULT": _default(settings, cloud)
            | _interfaces(cloud)
            | dict(settings.ironic_options),
            "api": {
                "host_ip": ADDRESS,
                "port": str(settings.port(cloud, "ironic")),
                "api_workers": str(settings.workers),
                "max_limit": "1000",
            },
            "conductor": {
                "automated_clean": "true",
                "sync_power_state_interval": str(settings.power_sync_interval),
                "workers_pool_size": "300",
                "check_provision_state_interval": "20",
            },
            "oslo_policy": {"policy_file": str(settings.etc / cloud / "ironic" / "policy.yaml")},
            **{section: dict(user) for section in _CLIENTS},
            "nova": user | {"send_power_notifications": "true"},
            "dhcp": {"dhcp_provider": "none"},
            "deploy": {
                "http_root": f"{data}/http",
                "http_url": settings.shared_url("agent", f"/http/{cloud}"),
                "default_boot_option": "local",
                "fast_track": "false",
                "erase_devices_priority": "0",
                "erase_devices_metadata_priority": "10",
            },
            "pxe": {
                "tftp_root": f"{data}/tftp",
                "tftp_master_path": f"{data}/tftp/master",
                "images_path": f"{data}/images",
                "instance_master_path": f"{data}/images/master",
            },
            "redfish": {"auth_type": "basic", "connection_attempts": "2"},
            "agent": {
                "require_tls": "false",
                "image_download_source": "http",
                "post_deploy_get_power_state_retries": "10",
            },
        },
    )


_CLIENTS = ("service_catalog", "glance", "swift", "cinder", "inspector", "neutron")


def _default(settings: Settings, cloud: Cloud) -> dict[str, str]:
    return {
        "auth_strategy": "keystone",
        "my_ip": ADDRESS,
        "host": f"{cloud}-conductor-1",
        "state_path": str(settings.data / cloud / "ironic"),
        # the only image is raw, and there is no qemu-img
        "force_raw_images": "false",
        "notification_level": "debug",
        # ephyrad reads a topic of its own and takes nothing from anybody
        "versioned_notifications_topics": "ironic_versioned_notifications,ephyra",
        "rpc_transport": "oslo",
        "default_resource_class": "baremetal",
    }


def _interfaces(cloud: Cloud) -> dict[str, str]:
    only_new = cloud == "new"
    found = {
        "enabled_hardware_types": "fake-hardware,redfish",
        "enabled_power_interfaces": "fake,redfish",
        "enabled_management_interfaces": "fake,redfish,noop",
        "enabled_boot_interfaces": "ipxe,pxe,redfish-virtual-media,fake",
        "enabled_deploy_interfaces": "direct,ramdisk,custom-agent,fake"
        + (",noop" if only_new else ""),
        "enabled_network_interfaces": "noop",
        "default_network_interface": "noop",
        "enabled_inspect_interfaces": "no-inspect,fake,redfish" + (",agent" if only_new else ""),
        "enabled_raid_interfaces": "no-raid,fake,agent,redfish",
        "enabled_bios_interfaces": "no-bios,fake,redfish",
        "enabled_storage_interfaces": "noop,fake",
        "enabled_vendor_interfaces": "no-vendor,fake,redfish",
        "enabled_rescue_interfaces": "no-rescue,fake",
        "enabled_console_interfaces": "no-console,fake",
    }
    return found | ({"enabled_firmware_interfaces": "no-firmware,fake,redfish"} if only_new else {})
