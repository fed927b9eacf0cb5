# SPDX-License-Identifier: Apache-2.0
"""The secrets by which CI is believed, and the files that they are in."""

from datetime import timedelta
from pathlib import Path

import pytest
from oslo_config import cfg

from ephyrad.conf import opts, reclaim
from ephyrad.conf.errors import ConfigurationError
from ephyrad.reclaim.authentic import Credentials
from ephyrad.reclaim.fate import ReclaimPolicy


def conf_of(directory: Path, **options: str) -> cfg.ConfigOpts:
    lines = [f"{name} = {value}" for name, value in options.items()]
    (directory / "conf").write_text("\n".join(["[reclaim]", *lines]))
    conf = cfg.ConfigOpts()
    opts.register(conf)
    conf([], project="ephyrad", default_config_files=[str(directory / "conf")])
    return conf


def secret(directory: Path, name: str, content: bytes, mode: int = 0o640) -> Path:
    path = directory / name
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_without_options_nobody_is_believed(tmp_path: Path) -> None:
    found = reclaim.policy(conf_of(tmp_path))

    assert found == ReclaimPolicy()
    assert not found.credentials.any


def test_several_secrets_count(tmp_path: Path) -> None:
    one = secret(tmp_path, "one", b"  0123456789abcdef\n")
    other = secret(tmp_path, "other", b"\xff" * 32)

    found = reclaim.policy(
        conf_of(
            tmp_path,
            hmac_key_files=f"{one}, {other}",
            token_files=str(one),
            window="60",
            keep="3600",
            remember="86400",
        )
    )

    credentials = Credentials(
        (b"0123456789abcdef", b"\xff" * 32), (b"0123456789abcdef",), timedelta(minutes=1)
    )
    assert found == ReclaimPolicy(credentials, timedelta(hours=1), timedelta(days=1))


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        (b"0123456789abcde\n", 0o600, "it must have 16 to 4096 bytes: make one with `openssl"),
        (b"x" * 4097, 0o600, "it must have 16 to 4096 bytes"),
        (b"x" * 32, 0o644, "everybody may use it: chmod o= "),
    ],
)
def test_a_secret_that_is_none(tmp_path: Path, content: bytes, mode: int, says: str) -> None:
    path = secret(tmp_path, "key", content, mode)

    with pytest.raises(ConfigurationError) as raised:
        reclaim.policy(conf_of(tmp_path, token_files=str(path)))

    assert f"[reclaim] token_files = {path}: {says}" in str(raised.value)
    assert "x" * 16 not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "says"), [("key", "the path must begin with /"), ("/nowhere/key", "No such file")]
)
def test_a_file_that_is_not_there(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        reclaim.policy(conf_of(tmp_path, hmac_key_files=name))
