# SPDX-License-Identifier: Apache-2.0
"""neutron.conf: a server without agents, because Nova can't show a server without a network service
(observed on both releases).
"""

from tests.lab.configuration import baseline
from tests.lab.configuration.ini import Sections, merge
from tests.lab.ports import Cloud
from tests.lab.settings import ADDRESS, Settings


def neutron(settings: Settings, cloud: Cloud) -> Sections:
    return merge(
        baseline.sections(settings, cloud, "neutron"),
        {
            "DEFAULT": {
                "bind_host": ADDRESS,
                "bind_port": str(settings.port(cloud, "neutron")),
                "state_path": str(settings.data / cloud / "neutron"),
                "core_plugin": "ml2",
                "service_plugins": "",
                "api_workers": "1",
                "rpc_workers": "1",
                "rpc_state_report_workers": "0",
                "api_paste_config": str(
                    settings.venv / cloud / "etc" / "neutron" / "api-paste.ini"
                ),
                "notify_nova_on_port_status_changes": "true",
                "notify_nova_on_port_data_changes": "true",
            },
            "nova": baseline.auth(settings, cloud, "nova"),
            "placement": baseline.auth(settings, cloud, "placement"),
            "ironic": baseline.auth(settings, cloud, "ironic"),
            "ml2": {
                "type_drivers": "flat,vlan,local",
                "tenant_network_types": "local",
                "mechanism_drivers": "",
            },
            "ml2_type_flat": {"flat_networks": "*"},
        },
    )
