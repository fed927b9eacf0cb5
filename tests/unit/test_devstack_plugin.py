# SPDX-License-Identifier: Apache-2.0
"""devstack's plugin, each phase as devstack sources it, with stand-ins for devstack's functions."""

import configparser
import getpass
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ephyrad.conf.load import load
from ephyrad.conf.settings import Settings
from ephyrad.migration.facts import CloudName

PLUGIN = Path(__file__).resolve().parents[2] / "devstack"
STACK = ("pre-install", "install", "post-config", "extra", "test-config")

# Those that only tell devstack something are noted down: one line, the words apart by a space.
STAND_INS = r"""
set -o errexit
note() { echo "$*" >> "$NOTES"; }
for name in setup_develop create_service_user get_or_add_user_system_role run_process \
    stop_process; do
    eval "$name() { note $name \"\$@\"; }"
done
define_plugin() { :; }
echo_summary() { :; }
enable_service() { ENABLED_SERVICES+=",$1"; }
is_service_enabled() { [[ ",$ENABLED_SERVICES," == *",$1,"* ]]; }
trueorfalse() { echo "${!2:-$1}"; }
get_python_exec_prefix() { echo "$DEST/venv/bin"; }
get_notification_url() { echo "$NOTIFICATION_URL"; }
sudo() { "$@"; }
iniset() { printf '[%s]\n%s = %s\n' "$2" "$3" "$4" >> "$1"; }
die() { shift; echo "$*" >&2; exit 1; }
"""


@dataclass(frozen=True)
class Devstack:
    """A host on which devstack would run, all of it in one directory."""

    root: Path
    variables: Mapping[str, str]

    @property
    def configuration(self) -> Path:
        return self.root / "etc" / "ephyrad" / "ephyrad.conf"

    @property
    def state(self) -> Path:
        return self.root / "data" / "ephyrad"

    def written(self) -> configparser.RawConfigParser:
        """Return the configuration that was written, by groups and options."""
        # The stand-in for iniset begins a group anew for each option.
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(self.configuration.read_text())
        return parser

    def notes(self) -> list[str]:
        """Return what devstack was told to do."""
        return (self.root / "notes").read_text().splitlines()

    def run(self, *phases: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Source the plugin once for each of the phases, as stack.sh does, with more variables."""
        sourced = "\n".join(f'source "{PLUGIN}/plugin.sh" {phase}' for phase in phases)
        script = f'{STAND_INS}\nsource "{PLUGIN}/settings"\n{sourced}\n'
        return subprocess.run(
            ["/bin/bash", "-c", script],
            env={**self.variables, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    def stack(self, **more: str) -> Settings:
        """Run stack.sh's phases; return what ephyrad reads from what they wrote."""
        done = self.run(*(f"stack {phase}" for phase in STACK), **more)
        assert (done.returncode, done.stderr) == (0, "")
        _, settings = load(["--config-file", str(self.configuration)])
        return settings


@pytest.fixture
def devstack(tmp_path: Path) -> Devstack:
    etc = tmp_path / "etc"
    for service in ("ironic", "nova", "glance"):
        (etc / service).mkdir(parents=True)
    (tmp_path / "notes").touch()
    variables = {
        "PATH": "/usr/bin:/bin",
        "NOTES": str(tmp_path / "notes"),
        "DEST": str(tmp_path),
        "DATA_DIR": str(tmp_path / "data"),
        "STACK_USER": getpass.getuser(),
        "ENABLED_SERVICES": "key,rabbit,nova,glance,ir-api,ir-cond",
        "NOTIFICATION_URL": "rabbit://stackrabbit:old@192.0.2.10:5672/",
        "KEYSTONE_SERVICE_URI": "http://192.0.2.10/identity",
        "SERVICE_PASSWORD": "of-services",
        "ADMIN_PASSWORD": "of-admin",
        "SERVICE_DOMAIN_NAME": "Default",
        "SERVICE_PROJECT_NAME": "service",
        "REGION_NAME": "RegionOne",
        "SSL_BUNDLE_FILE": str(tmp_path / "ca.pem"),
        "IRONIC_CONF_DIR": str(etc / "ironic"),
        "IRONIC_CONF_FILE": str(etc / "ironic" / "ironic.conf"),
        "NOVA_CONF": str(etc / "nova" / "nova.conf"),
        "GLANCE_API_CONF": str(etc / "glance" / "glance-api.conf"),
        "EPHYRAD_CONF_DIR": str(etc / "ephyrad"),
        "EPHYRAD_NEW_AUTH_URL": "http://192.0.2.20/identity",
    }
    return Devstack(tmp_path, variables)


def test_stack_installs_configures_and_starts_it(devstack: Devstack) -> None:
    settings = devstack.stack()

    daemon = devstack.root / "venv" / "bin" / "ephyrad"
    assert devstack.notes() == [
        f"setup_develop {devstack.root}/ephyrad",
        "create_service_user ephyrad admin",
        "get_or_add_user_system_role admin ephyrad all Default",
        f"run_process ephyrad {daemon} --config-file {devstack.configuration}",
    ]
    assert settings.state_dir == devstack.state
    assert devstack.state.stat().st_mode & 0o777 == 0o700
    assert devstack.configuration.stat().st_mode & 0o777 == 0o600


def test_the_old_cloud_is_this_devstack(devstack: Devstack) -> None:
    settings = devstack.stack()

    old, bus = settings.old_cloud, settings.old_bus
    assert (old.session is None, old.project_session is None) == (False, False)
    written = devstack.written()
    assert written["old_cloud"]["auth_url"] == "http://192.0.2.10/identity"
    assert written["old_cloud"]["system_scope"] == "all"
    assert written["old_cloud_project"]["project_name"] == "service"
    assert (old.region, old.compute) == ("RegionOne", True)
    assert bus is not None
    assert bus.transport_url == "rabbit://stackrabbit:old@192.0.2.10:5672/"
    assert {topic for _, topic in bus.feeds} == {"ephyra"}
    assert len(bus.feeds) == 3


def test_the_new_cloud_is_named_by_variables(devstack: Devstack) -> None:
    settings = devstack.stack(
        EPHYRAD_NEW_USERNAME="carrier",
        EPHYRAD_NEW_PASSWORD="of-new",
        EPHYRAD_NEW_PROJECT_NAME="elsewhere",
        EPHYRAD_NEW_REGION_NAME="RegionTwo",
        EPHYRAD_NEW_CAFILE="/etc/ssl/new.pem",
        EPHYRAD_NEW_TRANSPORT_URL="rabbit://u:p@192.0.2.20:5672/",
        EPHYRAD_KINDS="image,keypair",
    )

    new, bus = settings.new_cloud, settings.new_bus
    assert new.session is not None
    assert new.session.verify == "/etc/ssl/new.pem"
    assert new.project_session is not None
    assert new.region == "RegionTwo"
    assert bus is not None
    assert bus.cloud is CloudName.NEW
    assert {kind.value for kind in settings.environment.policy.kept} == {"image", "keypair"}
    written = devstack.written()
    assert written["new_cloud_project"]["project_name"] == "elsewhere"
    for group in ("new_cloud", "new_cloud_project"):
        assert written[group]["auth_url"] == "http://192.0.2.20/identity"
        assert (written[group]["username"], written[group]["password"]) == ("carrier", "of-new")


def test_without_a_bus_of_the_new_cloud_there_are_its_sweeps(devstack: Devstack) -> None:
    assert devstack.stack().new_bus is None


def test_the_services_of_the_old_cloud_tell_it_what_happens(devstack: Devstack) -> None:
    devstack.stack()

    for service, name, topic in (
        ("ironic", "ironic.conf", "ironic_versioned_notifications"),
        ("nova", "nova.conf", "versioned_notifications"),
        ("glance", "glance-api.conf", "notifications"),
    ):
        text = (devstack.root / "etc" / service / name).read_text()
        assert f"topics = {topic},ephyra\n" in text
        assert "driver = messagingv2\n" in text
    policy = devstack.root / "etc" / "ironic" / "policy.yaml"
    assert policy.read_text() == '"show_password": "role:admin"\n'


def test_the_policy_is_written_once_and_where_it_is_wanted(devstack: Devstack) -> None:
    policy = devstack.root / "etc" / "ironic" / "policy.yaml"

    devstack.stack(EPHYRAD_SHOW_PASSWORDS="False")
    assert not policy.exists()

    devstack.stack()
    devstack.stack()
    assert policy.read_text().count("show_password") == 1


def test_an_ironic_without_nova_is_served_too(devstack: Devstack) -> None:
    settings = devstack.stack(ENABLED_SERVICES="key,rabbit,ir-api,ir-cond")

    assert not settings.old_cloud.compute
    assert not (devstack.root / "etc" / "nova" / "nova.conf").exists()


def test_endpoints_with_tls_are_verified(devstack: Devstack) -> None:
    settings = devstack.stack(ENABLED_SERVICES="nova,glance,ir-api,tls-proxy")

    assert settings.old_cloud.session is not None
    assert settings.old_cloud.session.verify == str(devstack.root / "ca.pem")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"EPHYRAD_NEW_AUTH_URL": ""}, "set EPHYRAD_NEW_AUTH_URL in local.conf"),
        ({"ENABLED_SERVICES": "nova,glance"}, "enable the plugin ironic in local.conf"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_installed(
    devstack: Devstack, variables: dict[str, str], words: str
) -> None:
    done = devstack.run("stack pre-install", "stack install", **variables)

    assert done.returncode == 1
    assert words in done.stderr
    assert devstack.notes() == []


def test_unstack_stops_it_and_clean_leaves_nothing(devstack: Devstack) -> None:
    devstack.stack()

    assert devstack.run("unstack").returncode == 0
    assert devstack.notes()[-1] == "stop_process ephyrad"
    assert devstack.configuration.exists()

    assert devstack.run("unstack", "clean").returncode == 0
    assert not devstack.configuration.parent.exists()
    assert not devstack.state.exists()


def test_where_it_is_disabled_nothing_happens(devstack: Devstack) -> None:
    disabled = "is_service_enabled() { false; }"
    phases = [f"stack {phase}" for phase in STACK]
    sourced = "\n".join(f'source "{PLUGIN}/plugin.sh" {phase}' for phase in [*phases, "unstack"])

    done = subprocess.run(
        ["/bin/bash", "-c", f'{STAND_INS}\nsource "{PLUGIN}/settings"\n{disabled}\n{sourced}'],
        env=devstack.variables,
        check=False,
    )

    assert done.returncode == 0
    assert devstack.notes() == []
    assert not devstack.configuration.exists()
