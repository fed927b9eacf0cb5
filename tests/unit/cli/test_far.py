# SPDX-License-Identifier: Apache-2.0
"""`ephyra` and a daemon elsewhere: over TCP, with TLS, as a user of the daemon's own."""

from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest

from ephyrad.api.server import ApiServer
from ephyrad.api.settings import ApiSettings, HttpBasicSettings, TcpSettings
from tests.fakes.operations import FakeOperations
from tests.harness.authority import issue
from tests.unit.cli.conftest import Run

WORD = "ann's own word"


@pytest.fixture
def url(
    tmp_path: Path, operations: FakeOperations, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A daemon over TCP, and an environment in which ann asks it."""
    issue(tmp_path)
    (tmp_path / "key.pem").chmod(0o600)
    users = tmp_path / "htpasswd"
    users.write_text(f"ann:{bcrypt.hashpw(WORD.encode(), bcrypt.gensalt(4)).decode()}\n")
    users.chmod(0o600)
    (tmp_path / "word").write_text(f"{WORD}\n")
    basic = HttpBasicSettings(users, {"ann": "reader"})
    tcp = TcpSettings(
        "127.0.0.1", 0, tmp_path / "certificate.pem", tmp_path / "key.pem", basic, threads=2
    )
    server = ApiServer(ApiSettings(tmp_path / "other", tcp=tcp), operations)
    server.start()
    url = f"https://127.0.0.1:{server.port}"
    monkeypatch.setenv("EPHYRA_API_URL", url)
    monkeypatch.setenv("EPHYRA_API_CACERT", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("EPHYRA_API_USER", "ann")
    monkeypatch.setenv("EPHYRA_API_PASSWORD_FILE", str(tmp_path / "word"))
    monkeypatch.delenv("OS_CLOUD", raising=False)
    yield url
    server.stop()


def test_the_environment_names_daemon_and_user(
    ephyra: Run, url: str, operations: FakeOperations
) -> None:
    operations.migrate(["rack1"], by="ci")

    done = ephyra("node", "list", "-f", "value", "-c", "name")

    assert (done.status, done.out, done.err) == (0, "rack1\n", "")


def test_a_refusal_is_one_line(ephyra: Run, url: str, operations: FakeOperations) -> None:
    done = ephyra("migrate", "rack1")

    assert (done.status, done.out) == (1, "")
    assert done.err == (
        "ephyra: ann@http_basic may not do this: ephyrad:node:migrate takes the role operator; ask"
        " an administrator of the cloud for it\n"
    )
    assert list(operations.nodes()) == []


def test_a_socket_that_is_named_goes_first(ephyra: Run, url: str, path: Path) -> None:
    assert ephyra("--socket", str(path), "migrate", "rack1").status == 0


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (
            ["--api-cacert", "/etc/ssl/certs/ca-certificates.crt"],
            3,
            "URL is not trusted (unable to get local issuer certificate): nothing was asked;",
        ),
        (["--api-user", "bob"], 1, "name and password are wanted, as they stand in the file"),
        (["--api-url", "http://127.0.0.1"], 2, "'http://127.0.0.1' is no URL of ephyrad's API"),
        (["--api-url", "https://h:x"], 2, "'https://h:x' is no URL of ephyrad's API"),
        (["--api-url", "https://127.0.0.1:9"], 3, "nothing serves https://127.0.0.1:9: start"),
        (
            ["--api-password-file", "/missing"],
            2,
            "the password's file /missing cannot be read: [Errno 2]",
        ),
        (["--api-cacert", "/missing"], 2, "the CA's file /missing cannot be used: No such file"),
    ],
)
def test_what_goes_wrong_is_one_line(
    ephyra: Run, url: str, words: list[str], status: int, line: str
) -> None:
    done = ephyra(*words, "status")

    # The daemon lives in this process, and its log comes here too.
    said = [each for each in done.err.splitlines() if "was not let in" not in each]
    assert (done.status, done.out, len(said)) == (status, "", 1)
    assert said[0].replace(url, "URL").startswith(f"ephyra: {line}")
    assert WORD not in done.err


def test_nobody_asks_without_a_user(ephyra: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EPHYRA_API_USER")

    done = ephyra("status")

    assert (done.status, done.err) == (
        2,
        f"ephyra: who asks {url}? Name a user with --api-user, or a cloud with --os-cloud\n",
    )


def test_a_cloud_that_there_is_not_is_named(
    ephyra: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EPHYRA_API_USER")

    done = ephyra("--os-cloud", "no-such-cloud", "status")

    assert (done.status, done.err.count("\n")) == (1, 1)
    assert done.err.startswith("ephyra: cloud no-such-cloud of clouds.yaml: ")
