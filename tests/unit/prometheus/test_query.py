# SPDX-License-Identifier: Apache-2.0
"""Queries over real HTTP."""

import socket
import ssl
from pathlib import Path

import pytest

from ephyrad.prometheus import query
from ephyrad.prometheus.query import Answer, Prometheus, QueryError
from tests.harness import authority
from tests.unit.prometheus.serving import Behaviour, serving


def test_the_query_comes_as_it_was_written() -> None:
    behaviour = Behaviour(body=b'{"status": "success"}')
    with serving(behaviour) as url:
        answer = Prometheus().ask(url + "/", 'sum(rate(a{b="c+d&e"}[5m])) > 1', 5)

    assert answer == Answer(200, b'{"status": "success"}')
    assert behaviour.asked == ['/api/v1/query sum(rate(a{b="c+d&e"}[5m])) > 1']
    assert behaviour.agents[0].startswith("ephyrad/")


def test_a_server_below_a_path_is_asked_there() -> None:
    behaviour = Behaviour()
    with serving(behaviour) as url:
        Prometheus().ask(url + "/prometheus", "up", 5)

    assert behaviour.asked == ["/prometheus/api/v1/query up"]


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_an_error_is_an_answer_and_not_asked_again(status: int) -> None:
    behaviour = Behaviour(status=status, body=b"no")
    with serving(behaviour) as url:
        answer = Prometheus().ask(url, "up", 5)

    assert answer == Answer(status, b"no")
    assert len(behaviour.asked) == 1


def test_a_redirect_is_not_followed() -> None:
    elsewhere = Behaviour()
    with serving(elsewhere) as there, serving(Behaviour(302, location=there)) as url:
        answer = Prometheus().ask(url, "up", 5)

    assert answer.status == 302
    assert elsewhere.asked == []


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(QueryError) as caught:
            Prometheus().ask(f"http://127.0.0.1:{port}", "up", 5)

    assert str(caught.value) == f"http://127.0.0.1:{port}: Connection refused"


@pytest.mark.parametrize("behaviour", [Behaviour(hangs=True), Behaviour(drips=True)])
def test_a_server_that_does_not_come_to_an_end(behaviour: Behaviour) -> None:
    with serving(behaviour) as url, pytest.raises(QueryError, match="in time") as caught:
        Prometheus().ask(url, "up", 0.2)

    assert str(caught.value).startswith(url)


def test_an_answer_that_is_cut_off() -> None:
    with serving(Behaviour(cut=True)) as url, pytest.raises(QueryError, match="IncompleteRead"):
        Prometheus().ask(url, "up", 5)


def test_an_answer_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "LONGEST_ANSWER", 1 << 20)
    with (
        serving(Behaviour(body=b" " * (2 << 20))) as url,
        pytest.raises(QueryError, match="longer than 1 MiB: have the query give fewer values"),
    ):
        Prometheus().ask(url, "up", 5)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "the gate's url is none: give it as https://prometheus.example.org:9090"),
        ("prometheus:9090", "the gate's url is none: give it as"),
        ("ftp://prometheus", "the gate's url is none: give it as"),
        ("http://[::1", "the gate's url is none: Invalid IPv6 URL"),
        ("http://host:port", "the gate's url is none: Port could not be cast"),
        ("https://me:secret@host", "the gate's url has a user or password, which are not used"),
    ],
)
def test_what_is_no_url(url: str, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        Prometheus().ask(url, "up", 5)

    assert str(caught.value).startswith(words)
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("certificates")
    authority.issue(directory)
    return directory


@pytest.fixture(scope="module")
def tls(certificates: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "certificate.pem", certificates / "key.pem")
    return context


def test_a_server_that_the_system_does_not_trust(tls: ssl.SSLContext) -> None:
    behaviour = Behaviour()
    with serving(behaviour, tls) as url, pytest.raises(QueryError, match="it is not trusted: "):
        Prometheus().ask(url, "up", 5)

    assert behaviour.asked == []


def test_a_server_that_is_trusted(
    tls: ssl.SSLContext, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))
    with serving(Behaviour(), tls) as url:
        answer = Prometheus().ask(url, "up", 5)

    assert answer.status == 200


def test_a_server_by_another_name_than_its_certificate_has(
    tls: ssl.SSLContext, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))
    with serving(Behaviour(), tls) as url, pytest.raises(QueryError, match="it is not trusted: "):
        Prometheus().ask(url.replace("127.0.0.1", "localhost"), "up", 5)
