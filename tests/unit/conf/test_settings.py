# SPDX-License-Identifier: Apache-2.0
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from oslo_config import cfg

from ephyrad.bus.settings import BusSettings
from ephyrad.conf.load import load
from ephyrad.migration.facts import CloudName
from ephyrad.migration.mapping import Names
from ephyrad.migration.policy import Policy
from tests.unit.conf.writing import CLOUDS, write

KEYSTONE = """
auth_type = password
auth_url = https://old.example.org/v3
username = ephyrad
password = secret
user_domain_name = Default
"""


def test_with_only_the_clouds_named_the_rest_has_defaults(tmp_path: Path) -> None:
    _, settings = load(write(tmp_path, ""))

    assert settings.state_dir == Path("/var/lib/ephyrad")
    assert settings.policy == Policy()
    assert settings.old_cloud.cloud == "old-system"
    assert settings.new_cloud.cloud == "new-system"
    assert (settings.old_bus, settings.new_bus) == (None, None)
    assert settings.credentials_file is None
    assert settings.journal.key_file == Path("/var/lib/ephyrad/journal.key")
    assert settings.api.socket == Path("/var/lib/ephyrad/ephyrad.sock")
    assert settings.api.group is None


def test_what_lies_in_the_state_directory_moves_with_it(tmp_path: Path) -> None:
    _, settings = load(write(tmp_path, f"[DEFAULT]\nstate_dir = {tmp_path}"))

    assert settings.journal.key_file == tmp_path / "journal.key"
    assert settings.api.socket == tmp_path / "ephyrad.sock"


def test_every_part_of_the_policy_is_an_option(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("driver_info: {carry: [acme]}")
    text = f"""
        [migration]
        clean_on_new = true
        mapping_file = {mapping}
        drain_timeout = 11
        clean_timeout = 12
        verify_timeout = 13
        provide_timeout = 14
        removal_timeout = 15
        offer_timeout = 16
        retry_for = 17
        look_again = 18.5
        look_again_held = 19
        unknown_settles = 20
        """.replace("        ", "")
    clouds = CLOUDS.replace("system\n", "system\ncompute = none\n")

    _, settings = load(write(tmp_path, text, clouds=clouds))

    assert settings.policy == Policy(
        clean_on_new=True,
        names=Names(carry=("acme",)),
        old_compute=False,
        new_compute=False,
        drain_timeout=timedelta(seconds=11),
        clean_timeout=timedelta(seconds=12),
        verify_timeout=timedelta(seconds=13),
        provide_timeout=timedelta(seconds=14),
        removal_timeout=timedelta(seconds=15),
        offer_timeout=timedelta(seconds=16),
        retry_for=timedelta(seconds=17),
        look_again=timedelta(seconds=18.5),
        look_again_held=timedelta(seconds=19),
        unknown_settles=timedelta(seconds=20),
    )
    unchanged = [
        field.name
        for field in fields(Policy)
        if getattr(settings.policy, field.name) == getattr(Policy(), field.name)
    ]
    assert unchanged == []


def test_how_the_environment_is_carried_is_told_to_both_clouds(tmp_path: Path) -> None:
    text = """
[environment]
workers = 9
bandwidth = 2.5
inspect_images = false
users_per_sweep = 50
users_at_once = 7
"""
    _, settings = load(write(tmp_path, text))

    for cloud in (settings.old_cloud, settings.new_cloud):
        assert cloud.image_bandwidth == 2.5 * 2**20
        assert not cloud.inspect_images
        assert (cloud.users_per_sweep, cloud.users_at_once) == (50, 7)
        assert cloud.connections > 9 + 7


def test_images_take_what_there_is_unless_told_otherwise(tmp_path: Path) -> None:
    _, settings = load(write(tmp_path, ""))

    assert settings.new_cloud.image_bandwidth is None
    assert settings.new_cloud.inspect_images


def test_a_bus_is_listened_to_where_its_url_is_given(tmp_path: Path) -> None:
    bus = """
transport_url = rabbit://u:p@host:5672/?ssl=true
ironic_exchange = openstack
ironic_topics = ephyra,other
nova_exchange = compute
nova_topics = ephyra
pool = ephyra
prefetch = 7
look_seconds = 1.5
stall_seconds = 20
silence_seconds = 0
"""
    _, settings = load(write(tmp_path, "", clouds=CLOUDS + bus))

    assert settings.old_bus is None
    assert settings.new_bus == BusSettings(
        cloud=CloudName.NEW,
        transport_url="rabbit://u:p@host:5672/?ssl=true",
        ironic_exchange="openstack",
        ironic_topics=("ephyra", "other"),
        nova_exchange="compute",
        nova_topics=("ephyra",),
        pool="ephyra",
        prefetch=7,
        look_seconds=1.5,
        stall_seconds=20,
        silence_seconds=0,
    )


def test_nova_is_not_listened_to_where_there_is_none(tmp_path: Path) -> None:
    clouds = CLOUDS + "transport_url = rabbit://host/\ncompute = none\n"

    _, settings = load(write(tmp_path, "", clouds=clouds))

    assert settings.new_bus is not None
    assert settings.new_bus.nova_topics == ()


def test_credentials_as_options_of_keystoneauth_become_a_session(tmp_path: Path) -> None:
    clouds = f"""
[old_cloud]{KEYSTONE}
system_scope = all
region_name = RegionOne
valid_interfaces = internal, public
cafile = /etc/ssl/old.pem
timeout = 30
connect_timeout = 2
page_size = 50

[old_cloud_project]{KEYSTONE}
project_name = service
project_domain_name = Default

[new_cloud]
cloud = new-system
project_cloud = new
"""
    _, settings = load(write(tmp_path, "[DEFAULT]\nworkers = 5", clouds=clouds))

    old, new = settings.old_cloud, settings.new_cloud
    assert old.cloud is None
    assert old.session is not None
    assert old.session.verify == "/etc/ssl/old.pem"
    assert old.session.timeout == 30
    assert old.project_session is not None
    assert old.project_session.verify == "/etc/ssl/old.pem"
    assert (old.region, old.interfaces) == ("RegionOne", ("internal", "public"))
    assert (old.connect_timeout, old.read_timeout, old.page_size) == (2, 30, 50)
    assert old.connections > 5
    assert (new.cloud, new.project_cloud) == ("new-system", "new")
    assert (new.session, new.project_session) == (None, None)


def test_the_options_of_an_auth_plugin_may_stand_in_another_section(tmp_path: Path) -> None:
    clouds = f"""
[old_cloud]
auth_section = keystone_of_old
[new_cloud]
cloud = new-system
[keystone_of_old]{KEYSTONE}
"""
    _, settings = load(write(tmp_path, "", clouds=clouds))

    assert settings.old_cloud.session is not None


def test_secrets_are_not_shown_with_the_settings(tmp_path: Path) -> None:
    clouds = f"""
[old_cloud]{KEYSTONE}
transport_url = rabbit://u:secret@host/
[new_cloud]
cloud = new-system
"""
    _, settings = load(write(tmp_path, "", clouds=clouds))

    assert "secret" not in repr(settings)


def test_the_global_configuration_is_left_alone(tmp_path: Path) -> None:
    before = set(cfg.CONF)

    load(write(tmp_path, ""))

    assert set(cfg.CONF) == before


def test_an_option_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_MIGRATION__MAX_IN_FLIGHT", "33")

    _, settings = load(write(tmp_path, ""))

    assert settings.max_in_flight == 33


def test_a_directory_of_files_is_read_after_the_file(tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    (more / "50.conf").write_text("[migration]\nmax_in_flight = 7\n")
    argv = write(tmp_path, "[migration]\nmax_in_flight = 3")

    _, settings = load([*argv, "--config-dir", str(more)])

    assert settings.max_in_flight == 7
