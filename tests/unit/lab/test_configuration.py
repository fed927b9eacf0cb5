# SPDX-License-Identifier: Apache-2.0
import configparser
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.configuration.clients import clouds
from tests.lab.configuration.glance import glance
from tests.lab.configuration.ini import Sections, merge, render, write
from tests.lab.configuration.ironic import ironic
from tests.lab.configuration.keystone import keystone
from tests.lab.configuration.neutron import neutron
from tests.lab.configuration.nova import nova
from tests.lab.configuration.placement import placement
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.settings import Settings

SETTINGS = Settings(directory=Path("/somewhere/lab"), port_base=20000)
MAKERS = (keystone, glance, placement, ironic, nova, neutron)


def test_rendered_text_is_read_back_the_same() -> None:
    sections = {"DEFAULT": {"debug": "true"}, "api": {"port": "1", "url": "http://a?b=c"}}

    text = render(sections)

    parser = configparser.RawConfigParser(default_section="none")
    parser.read_string(text)
    assert {name: dict(parser[name]) for name in parser.sections()} == sections


def test_the_second_wins_and_neither_changes() -> None:
    base = {"a": {"x": "1", "y": "2"}}
    extra = {"a": {"x": "3"}, "b": {"z": "4"}}

    merged = merge(base, extra)

    assert merged == {"a": {"x": "3", "y": "2"}, "b": {"z": "4"}}
    assert base == {"a": {"x": "1", "y": "2"}}


def test_a_file_with_passwords_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.conf"

    write(path, "one")
    write(path, "two")

    assert path.read_text() == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("make", MAKERS)
def test_no_service_speaks_to_the_other_cloud(
    make: Callable[[Settings, Cloud], Sections], cloud: Cloud
) -> None:
    text = render(make(SETTINGS, cloud))

    other = "202" if cloud == "old" else "201"
    assert f"127.0.0.1:{other}" not in text
    assert f"127.0.0.1:{'201' if cloud == 'old' else '202'}" in text


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_daemon_has_a_topic_of_its_own(cloud: Cloud) -> None:
    default = "versioned_notifications"

    topics = (
        ironic(SETTINGS, cloud)["DEFAULT"]["versioned_notifications_topics"],
        nova(SETTINGS, cloud)["notifications"]["versioned_notifications_topics"],
    )

    assert topics == (f"ironic_{default},ephyra", f"{default},ephyra")


def test_extra_options_reach_the_cloud_they_are_for() -> None:
    settings = Settings(
        directory=Path("/somewhere/lab"),
        ironic_options={"host": "other"},
        nova_ironic_options={"new": {"shard": "s1"}},
    )

    assert ironic(settings, "old")["DEFAULT"]["host"] == "other"
    assert nova(settings, "new")["ironic"]["shard"] == "s1"
    assert "shard" not in nova(settings, "old")["ironic"]


def test_clouds_yaml_has_each_way_into_both_clouds() -> None:
    found = clouds(SETTINGS)["clouds"]

    suffixes = ("", "-system", "-demo", "-ephyra", "-ephyra-system")
    assert set(found) == {cloud + suffix for cloud in CLOUDS for suffix in suffixes}
    assert found["new-ephyra-system"]["auth"]["system_scope"] == "all"
    assert found["new"]["auth"]["auth_url"] == "http://127.0.0.1:20200/v3"
