# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the configuration, and the one line that says so."""

import grp
from pathlib import Path

import pytest

from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.load import load
from tests.unit.conf.writing import CLOUDS, write

PASSWORD = "auth_type = password\nauth_url = http://keystone/v3\nusername = u\npassword = p"
DOLLAR = "what follows a dollar sign names an option; a dollar sign itself is written $$"
NEW = "[new_cloud]\ncloud = new"

OPTIONS = [
    (
        "[migration]\nmax_in_flight = 0",
        "FILE: [migration] max_in_flight is not valid: Should be greater than or equal to 1",
    ),
    (
        "[migration]\nmax_in_flight = many",
        (
            "FILE: [migration] max_in_flight is not valid: invalid literal for int() with base 10:"
            " 'many'"
        ),
    ),
    (
        "[migration]\nclean_on_new = perhaps",
        "FILE: [migration] clean_on_new is not valid: Unexpected boolean value 'perhaps'",
    ),
    (
        "[migration]\nmax_inflight = 3",
        "FILE: [migration] max_inflight is no option; did you mean max_in_flight?",
    ),
    (
        "[migration]\ncolour = red",
        "FILE: [migration] colour is no option; remove it, or see the sample file",
    ),
    (
        "[DEFAULT]\nstatedir = /srv",
        "FILE: [DEFAULT] statedir is no option; did you mean state_dir?",
    ),
    (
        "[migrations]\nmax_in_flight = 3",
        "FILE: [migrations] is no group of options; did you mean [migration]?",
    ),
    (
        "[DEFAULT]\nstate_dir = state",
        "FILE: [DEFAULT] state_dir = state: the path must begin with /",
    ),
    (
        "[DEFAULT]\nstate_dir = $HOME",
        f"FILE: [DEFAULT] state_dir is not valid: {DOLLAR}",
    ),
    (
        "[migration]\ncredentials_file = /nowhere/secrets.yaml",
        (
            "FILE: [migration] credentials_file = /nowhere/secrets.yaml: No such file or directory;"
            " correct the path or make it readable for the user that ephyrad runs as"
        ),
    ),
    (
        "[api]\nsocket_group = no-such-group",
        "FILE: [api] socket_group = no-such-group: there is no such group; make it or name another",
    ),
    (
        f"[api]\nsocket = /{'x' * 107}",
        (
            f"FILE: [api] socket = /{'x' * 107}: a socket's path may have 107 bytes at most; name a"
            " shorter one"
        ),
    ),
]

CREDENTIALS = [
    (
        NEW,
        (
            "FILE: [old_cloud]: neither cloud (a name in clouds.yaml) nor auth_type is set; set"
            " one of them"
        ),
    ),
    (
        f"[old_cloud]\ncloud = old\n{PASSWORD}\n{NEW}",
        "FILE: [old_cloud] cloud: both cloud and auth_type are set; keep one of them",
    ),
    (
        f"[old_cloud]\ncloud = old\nproject_cloud = a\n[old_cloud_project]\n{PASSWORD}\n{NEW}",
        (
            "FILE: [old_cloud] project_cloud: both project_cloud and auth_type of"
            " [old_cloud_project] are set; keep one of them"
        ),
    ),
    (
        f"[old_cloud]\nauth_type = magic\n{NEW}",
        (
            "FILE: [old_cloud] auth_type = magic: keystoneauth has no such plugin; name another,"
            " for example password"
        ),
    ),
    (
        f"[old_cloud]\nauth_type = password\n{NEW}",
        "FILE: [old_cloud]: auth_type password needs auth_url; set it",
    ),
    (
        f"[old_cloud]\n{PASSWORD.replace('password', 'v3password', 1)}\n{NEW}",
        (
            "FILE: [old_cloud]: You have provided a username. In the V3 identity API a username is"
            " only unique within a domain so you must also provide either a user_domain_id or"
            " user_domain_name."
        ),
    ),
    (
        f"[old_cloud]\ncloud = old\nauth_url = http://keystone/v3\n{NEW}",
        "FILE: [old_cloud] auth_url goes with another auth_type; remove it, or set that",
    ),
    (
        f"[old_cloud]\ncloud = new\n{NEW}",
        "FILE: [new_cloud] cloud = new is the old cloud as well; name the new cloud",
    ),
    (
        f"[old_cloud]\n{PASSWORD}\n[new_cloud]\n{PASSWORD}",
        (
            "FILE: [new_cloud] auth_url = http://keystone/v3 is the old cloud's as well; name the"
            " new cloud's, or two regions by region_name"
        ),
    ),
    (
        f"[old_cloud]\n{PASSWORD.removesuffix('p')}pa$word\n{NEW}",
        f"FILE: [old_cloud] password is not valid: {DOLLAR}",
    ),
    (
        f"[old_cloud]\ncloud = old\ncompute = libvirt\n{NEW}",
        (
            "FILE: [old_cloud] compute is not valid: Valid values are [nova, none], but found"
            " 'libvirt'"
        ),
    ),
]


def mistake(argv: list[str]) -> str:
    """What the operator reads, with FILE for the path of the file."""
    with pytest.raises(ConfigurationError) as caught:
        load(argv)
    return str(caught.value).replace(argv[1], "FILE")


@pytest.mark.parametrize(("text", "line"), OPTIONS)
def test_an_option_that_cannot_work_is_named(tmp_path: Path, text: str, line: str) -> None:
    assert mistake(write(tmp_path, text)) == line


@pytest.mark.parametrize(("clouds", "line"), CREDENTIALS)
def test_credentials_that_cannot_work_are_named(tmp_path: Path, clouds: str, line: str) -> None:
    assert mistake(write(tmp_path, "", clouds=clouds)) == line


def test_two_regions_of_one_keystone_are_two_clouds(tmp_path: Path) -> None:
    clouds = (
        f"[old_cloud]\n{PASSWORD}\nregion_name = one\n[new_cloud]\n{PASSWORD}\nregion_name = two"
    )

    _, settings = load(write(tmp_path, "", clouds=clouds))

    assert (settings.old_cloud.region, settings.new_cloud.region) == ("one", "two")


def test_the_file_that_sets_the_option_is_named(tmp_path: Path) -> None:
    argv = write(tmp_path, "[migration]\nmax_in_flight = 5")
    more = tmp_path / "more.conf"
    more.write_text("[migration]\nmax_in_flight = -1\n")

    line = mistake([*argv, "--config-file", str(more)])

    assert line.startswith(f"{more}: [migration] max_in_flight is not valid")


def test_the_environment_is_named_where_it_sets_the_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_MIGRATION__MAX_IN_FLIGHT", "none")

    line = mistake(write(tmp_path, "[migration]\nmax_in_flight = 5"))

    assert line.startswith(
        "environment variable OS_MIGRATION__MAX_IN_FLIGHT: [migration] max_in_flight is not valid"
    )


def test_a_file_that_cannot_be_parsed_is_named(tmp_path: Path) -> None:
    line = mistake(write(tmp_path, "max_in_flight = 3"))

    assert line == "FILE:2: Section must be started before assignment; correct that line"


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.conf")

    assert mistake(["--config-file", missing]) == (
        "configuration file FILE: there is none: write it, or name another with --config-file"
    )


def test_no_file_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("oslo_config.cfg._search_dirs", lambda *_: "")

    with pytest.raises(ConfigurationError, match=r"^no configuration file: write /etc/ephyrad"):
        load([])


def test_options_of_libraries_are_nobodys_mistake(tmp_path: Path) -> None:
    text = "[DEFAULT]\nrpc_response_timeout = 60\n[oslo_messaging_rabbit]\nssl = true"

    _, settings = load(write(tmp_path, text))

    assert settings.old_cloud.cloud == "old-system"


def test_a_group_of_users_that_exists_is_taken(tmp_path: Path) -> None:
    group = grp.getgrgid(0)

    _, settings = load(write(tmp_path, f"[api]\nsocket_group = {group.gr_name}", clouds=CLOUDS))

    assert settings.api.group == group.gr_gid


def test_a_line_that_cannot_be_parsed_is_not_repeated(tmp_path: Path) -> None:
    line = mistake(write(tmp_path, "", clouds=f"{CLOUDS}password hunter2\n"))

    assert "hunter2" not in line
    assert line.startswith("FILE:8: ")


def test_an_option_of_the_log_that_cannot_work_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = mistake(write(tmp_path, "[DEFAULT]\nuse_json = perhaps"))

    assert capsys.readouterr().err == "argument --use_json: Invalid Boolean value: perhaps\n"
    assert line.startswith("the option in the line above has a wrong value")


@pytest.mark.parametrize("option", ["--config-file", "--config-dir"])
def test_a_file_that_is_not_utf8_is_named_with_the_line(tmp_path: Path, option: str) -> None:
    file = tmp_path / "ephyrad.conf"
    file.write_bytes(f"{CLOUDS}\n# für den Betrieb\n".encode("latin-1"))
    line = CLOUDS.count("\n") + 2

    with pytest.raises(ConfigurationError) as caught:
        load([option, str(file if option == "--config-file" else tmp_path)])

    assert str(caught.value) == f"{file}:{line}: this is not UTF-8; save the file as UTF-8"


def test_a_directory_is_no_configuration_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"configuration file {tmp_path}: Is a directory"):
        load(["--config-file", str(tmp_path)])
