# SPDX-License-Identifier: Apache-2.0
import logging
import os
import re
from pathlib import Path

import pytest

from ephyrad.secrets.credentials import Credentials
from ephyrad.secrets.errors import SecretsError

UUID = "6f9cd2f0-3a5e-4d1b-9ad5-5a6d4a1f7b11"
CANARY = "c4nary-2b8d"
CONTENT = f"""\
# BMC passwords
default:
  ipmi_password: of everybody
  snmp_community: common
metal-7:
  ipmi_password: of its name
{UUID}:
  ipmi_password: of its UUID
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "credentials.yaml"


def put(path: Path, content: str | bytes, *, newer: int = 0) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    moment = 1_700_000_000_000_000_000 + newer
    os.utime(path, ns=(moment, moment))
    return path


@pytest.mark.parametrize(
    ("uuid", "name", "expected"),
    [
        ("other", None, "of everybody"),
        ("other", "metal-8", "of everybody"),
        ("other", "metal-7", "of its name"),
        (UUID, "metal-8", "of its UUID"),
        (UUID, "metal-7", "of its UUID"),
        (UUID.upper(), None, "of its UUID"),
    ],
)
def test_what_is_nearer_to_the_node_goes_before(
    path: Path, uuid: str, name: str | None, expected: str
) -> None:
    found = Credentials(put(path, CONTENT)).for_node(uuid, name)

    assert dict(found) == {"ipmi_password": expected, "snmp_community": "common"}


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "---\n"])
def test_a_file_without_entries_has_nothing_for_anybody(path: Path, content: str) -> None:
    assert dict(Credentials(put(path, content)).for_node(UUID, "metal-7")) == {}


def test_a_uuid_may_be_written_in_capitals(path: Path) -> None:
    found = Credentials(put(path, f"{UUID.upper()}: {{key: word}}")).for_node(UUID, None)

    assert dict(found) == {"key": "word"}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o440])
def test_a_file_of_its_owner_and_group_is_read(path: Path, mode: int) -> None:
    put(path, CONTENT).chmod(mode)

    assert len(Credentials(path).for_node(UUID, None)) == 2


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o602, 0o601])
def test_a_file_of_everybodys_is_refused(path: Path, mode: int) -> None:
    put(path, CONTENT).chmod(mode)

    with pytest.raises(SecretsError) as caught:
        Credentials(path)

    assert str(caught.value) == (
        f"credentials file {path}: others may read or change it (mode {mode:04o}): chmod 600, or"
        " 640 where its group is ephyrad's"
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (CANARY, "line 1, column 1: the file must hold nodes, each by UUID or name"),
        (f"- {CANARY}", "line 1, column 1: the file must hold nodes"),
        (
            f"ipmi_password: {CANARY}",
            "line 1, column 16: node ipmi_password must hold driver_info keys and values",
        ),
        (
            "metal-7:\n  ipmi_password: 0123\n",
            "line 2, column 18: the value of ipmi_password of node metal-7 must be text: put it in",
        ),
        ("metal-7:\n  a: yes\n", "line 2, column 6: the value of a of node metal-7 must be text"),
        (f"metal-7:\n  a: [{CANARY}]\n", "line 2, column 6: the value of a of node metal-7 must"),
        ("metal-7:\n  a:\n", "line 2, column 5: the value of a of node metal-7 must be text"),
        ("metal-7:\n  a: ''\n", "line 2, column 6: the value of a of node metal-7 is empty"),
        ("7:\n  a: b\n", "line 1, column 1: a node's UUID or name must be text: put it in quotes"),
        ("metal-7:\n  1: b\n", "line 2, column 3: a driver_info key of node metal-7 must be text"),
        ("m: {a: b}\nm: {a: c}\n", "line 2, column 1: node m is there twice: put both into one"),
        (f"{UUID}: {{a: b}}\n{UUID.upper()}: {{a: c}}\n", "line 2, column 1: node"),
        ("m:\n  a: b\n  a: c\n", "line 3, column 3: node m has a twice: remove one"),
        (f"m:\n  a: 'half {CANARY}\n", "this is not YAML"),
        (f"m:\n  a: %{CANARY}\n", "line 2, column 6: this is not YAML"),
        (f"m:\n  a: *{CANARY}\n", "line 2, column 6: this is not YAML"),
        (f"m:\n  a: `{CANARY}\n", "line 2, column 6: this is not YAML"),
        (f"m:\n  {CANARY}\n", "this is not YAML|must hold driver_info"),
        ("m: {a: b}\n---\nn: {a: b}\n", "this is not YAML"),
        (f"m: {{a: {CANARY}\xff}}".encode("latin-1"), "this is not YAML"),
        (b"\x00\x01\x02", "this is not YAML"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_without_repeating_it(
    path: Path, content: str | bytes, says: str
) -> None:
    put(path, content)

    with pytest.raises(SecretsError) as caught:
        Credentials(path)

    message = str(caught.value)
    assert message.startswith(f"credentials file {path}")
    assert re.search(says, message)
    assert "\n" not in message
    assert CANARY not in str(caught.getrepr(chain=True))
    assert caught.value.__context__ is None


def test_a_missing_file_is_told(path: Path) -> None:
    with pytest.raises(SecretsError) as caught:
        Credentials(path)

    assert str(caught.value) == (
        f"credentials file {path}: No such file or directory: let ephyrad's user read it, or name"
        " another file in [migration] credentials_file"
    )


def test_a_file_that_changes_is_read_again(path: Path) -> None:
    credentials = Credentials(put(path, "m: {a: old}"))
    before = credentials.for_node(UUID, "m")

    put(path, "m: {a: new}", newer=1)

    assert dict(credentials.for_node(UUID, "m")) == {"a": "new"}
    assert dict(before) == {"a": "old"}


def test_a_file_that_is_replaced_is_read_again(path: Path) -> None:
    credentials = Credentials(put(path, "m: {a: old}"))

    put(path.with_name("new"), "m: {a: new}").rename(path)

    assert dict(credentials.for_node(UUID, "m")) == {"a": "new"}


def test_a_file_that_does_not_change_is_read_once(path: Path) -> None:
    credentials = Credentials(put(path, "m: {a: old}"))

    # The same size, time and place: nothing tells that it is another content.
    put(path, "m: {a: new}")

    assert dict(credentials.for_node(UUID, "m")) == {"a": "old"}


@pytest.mark.parametrize("trouble", ["damage", "mode", "removal"])
def test_what_was_read_stays_in_use_when_the_file_becomes_unusable(
    path: Path, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    caplog.set_level(logging.INFO)
    credentials = Credentials(put(path, "m: {a: old}"))
    match trouble:
        case "damage":
            put(path, f"m: {{a: *{CANARY}", newer=1)
        case "mode":
            path.chmod(0o644)
        case _:
            path.unlink()

    seen = [dict(credentials.for_node(UUID, "m")) for _ in range(3)]

    assert seen == [{"a": "old"}] * 3
    (told,) = caplog.records
    assert told.levelno == logging.ERROR
    assert told.getMessage().endswith("; what was read before stays in use")
    assert CANARY not in caplog.text

    path.touch()
    path.chmod(0o600)
    put(path, "m: {a: new}", newer=2)
    assert dict(credentials.for_node(UUID, "m")) == {"a": "new"}


def test_values_are_not_shown(path: Path) -> None:
    credentials = Credentials(put(path, f"m: {{b: {CANARY}, a: {CANARY}}}"))
    found = credentials.for_node(UUID, "m")

    assert repr(found) == str(found) == "Values(a, b)"
    assert repr(credentials) == f"Credentials({str(path)!r})"
    assert (found["a"], found.get("c"), "b" in found, len(found)) == (CANARY, None, True, 2)
