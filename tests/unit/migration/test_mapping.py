# SPDX-License-Identifier: Apache-2.0
import pytest

from ephyrad.migration.mapping import KNOWN, Names

# What the drivers of Ironic 21.4 and 39.0 say that they read (COMMON_PROPERTIES and the like), and
# what they read without saying so.
READ_BY_DRIVERS = """
    agent_verify_ca ansible_clean_playbook ansible_key_file ansible_username bootloader ca_file
    cleaning_network client_port client_timeout config_via_removable console_port
    deploy_forces_oob_reboot deploy_iso deploy_kernel deploy_ramdisk drac_address drac_password
    external_http_url fast_track firmware_update_unresponsive_bmc_wait force_persistent_boot_device
    ibmc_address ibmc_verify_ca ilo_address ilo_change_password image_download_source
    image_http_proxy image_no_proxy inspection_network ipmi_address ipmi_hex_kg_key ipmi_password
    ipmi_terminal_port irmc_address irmc_snmp_community kernel_append_params provisioning_network
    pxe_template redfish_address redfish_system_id redfish_tls_ciphers rescue_iso rescue_kernel
    rescue_ramdisk rescuing_network security_parameters servicing_network snmp_address
    snmp_community snmp_outlet vmedia_transport_protocol xclarity_manager_ip
""".split()


@pytest.mark.parametrize("key", READ_BY_DRIVERS)
def test_a_key_of_a_driver_is_carried(key: str) -> None:
    assert Names().carries(key)


@pytest.mark.parametrize("key", ["username", "acme_address", "my_ipmi_address", "deploy_kernel_2"])
def test_another_key_is_not(key: str) -> None:
    assert not Names().carries(key)


def test_keys_are_named_whole_or_by_their_beginning() -> None:
    names = Names(carry=("zone", "acme_*"), drop=("acme_secret", "ilo_*"))

    assert [names.carries(key) for key in ("zone", "zones", "acme_x")] == [True, False, True]
    assert [names.drops(key) for key in ("acme_secret", "acme_secrets", "ilo_iso")] == [
        *(True, False, True)
    ]


def test_no_prefix_is_so_short_that_it_would_take_anything() -> None:
    assert min(len(known) for known in KNOWN if known.endswith("*")) >= len("ilo_*")
