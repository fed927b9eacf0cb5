# SPDX-License-Identifier: Apache-2.0
"""What serving over TCP needs, and the one line that says what lacks."""

from pathlib import Path

import bcrypt
import pytest
from oslo_config import cfg

from ephyrad.api.settings import HttpBasicSettings
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.keystone import token_middleware
from ephyrad.conf.load import load
from ephyrad.conf.tcp import tcp_settings
from tests.harness.authority import issue
from tests.unit.conf.writing import write

BIND = "[api]\nbind_host = 127.0.0.1\n"
HASH = bcrypt.hashpw(b"word", bcrypt.gensalt(4)).decode()
TOKENS = """
[keystone_authtoken]
www_authenticate_uri = https://keystone.example
auth_type = password
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    issue(tmp_path)
    (tmp_path / "key.pem").chmod(0o600)
    users = tmp_path / "htpasswd"
    users.write_text(f"# operators\nann:{HASH}\n\nbob:{HASH}\n")
    users.chmod(0o640)
    return tmp_path


def tls(place: Path) -> str:
    return f"{BIND}cert_file = {place}/certificate.pem\nkey_file = {place}/key.pem\n"


def basic(place: Path) -> str:
    return f"{tls(place)}auth_strategy = http_basic\nhttp_basic_auth_user_file = {place}/htpasswd\n"


def settings(place: Path, text: str) -> object:
    conf, _ = load(write(place, text))
    return tcp_settings(conf)


def test_there_is_the_socket_alone_unless_an_address_is_named(place: Path) -> None:
    assert settings(place, f"[api]\ncert_file = {place}/missing\n") is None


def test_users_of_a_file_have_the_roles_that_are_named(place: Path) -> None:
    conf, found = load(write(place, f"{basic(place)}http_basic_roles = ann:admin,bob:reader\n"))

    tcp = found.api.tcp
    assert tcp
    assert tcp.http_basic == HttpBasicSettings(
        place / "htpasswd", {"ann": "admin", "bob": "reader"}
    )
    assert (tcp.host, tcp.port, tcp.metrics_public) == ("127.0.0.1", 6390, False)
    assert conf.api.auth_strategy == "http_basic"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("", "needs [api] cert_file: without TLS and a user nobody is served over TCP"),
        ("cert_file = /missing\nkey_file = /missing", "needs [api] auth_strategy: "),
        ("auth_strategy = noauth", "noauth"),
        ("auth_strategy = http_basic\ncert_file = PLACE/certificate.pem", "needs [api] key_file: "),
        (
            "auth_strategy = keystone\ncert_file = /missing\nkey_file = PLACE/key.pem",
            "[api] cert_file: /missing: No such file or directory; correct the path",
        ),
        (
            "auth_strategy = keystone\ncert_file = PLACE/certificate.pem\nkey_file = PLACE/ca.pem",
            "others may use this key: `chmod o= PLACE/ca.pem`",
        ),
        (
            "auth_strategy = keystone\ncert_file = PLACE/ca.pem\nkey_file = PLACE/key.pem",
            "cannot be used (KEY_VALUES_MISMATCH): both must be PEM, the key without a password",
        ),
        (
            "auth_strategy = keystone\ncert_file = PLACE/key.pem\nkey_file = PLACE/key.pem",
            "certificate PLACE/key.pem and key PLACE/key.pem cannot be used",
        ),
    ],
)
def test_what_lacks_is_named_in_one_line(place: Path, lines: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(place, BIND + lines.replace("PLACE", str(place)))

    assert words.replace("PLACE", str(place)) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        (None, 0, "cannot be read: "),
        (f"ann:{HASH}\n", 0o644, "may be used by others: `chmod o= "),
        ("ann:$apr1$x$y\n", 0o600, "line 1: its hash is not bcrypt's; make it with `htpasswd -B`"),
        (f"ann:{HASH}\nbob\n", 0o600, "line 2: its hash is not bcrypt's"),
    ],
)
def test_a_file_of_users_that_cannot_be_used_is_named(
    place: Path, content: str | None, mode: int, words: str
) -> None:
    users = place / "htpasswd"
    users.unlink()
    if content is not None:
        users.write_text(content)
        users.chmod(mode)

    with pytest.raises(ConfigurationError) as caught:
        settings(place, basic(place))

    assert "[api] http_basic_auth_user_file: the user file" in str(caught.value)
    assert words in str(caught.value)
    assert HASH not in str(caught.value)


def test_a_role_that_there_is_not_is_named(place: Path) -> None:
    with pytest.raises(ConfigurationError, match="ann:root is no role; there are reader, operator"):
        settings(place, f"{basic(place)}http_basic_roles = ann:root\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "[keystone_authtoken] www_authenticate_uri is missing: "),
        (TOKENS.replace("auth_type = password", ""), "[keystone_authtoken] auth_type is missing: "),
        (TOKENS.replace("= password", "= pasword"), "[keystone_authtoken] auth_type = pasword: "),
        (TOKENS, "[keystone_authtoken] auth_type = password: "),
    ],
)
def test_how_tokens_are_examined_is_checked_at_the_start(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "ephyrad.conf"
    path.write_text(text)
    conf = cfg.ConfigOpts()
    conf([f"--config-file={path}"], project="ephyrad")

    with pytest.raises(ConfigurationError) as caught:
        token_middleware(conf)(lambda *_: [])

    assert f"{path}: {words}" in str(caught.value)
    assert "\n" not in str(caught.value)
