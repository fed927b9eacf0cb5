# SPDX-License-Identifier: Apache-2.0
"""`openstack` has the commands of `ephyra` that ask the daemon, the same classes, and no other."""

import argparse
import ssl
from importlib.metadata import entry_points
from types import SimpleNamespace
from typing import Any

import pytest
from keystoneauth1.exceptions import EndpointNotFound, Unauthorized

from ephyrad.cli.app import COMMANDS, LOCAL
from ephyrad.cli.command import AskDaemon
from ephyrad.cli.errors import CommandError
from ephyrad.osc import plugin


class Session:
    """Answers as keystoneauth's does."""

    verify: bool | str = True

    def __init__(self, endpoint: str | None, error: Exception | None = None) -> None:
        self.endpoint = endpoint
        self.error = error
        self.wanted: dict[str, Any] = {}

    def get_token(self) -> str:
        if self.error:
            raise self.error
        return "a token"

    def get_endpoint(self, **wanted: Any) -> str | None:
        self.wanted = wanted
        return self.endpoint


def made(session: Session, *words: str, verify: bool = True) -> Any:
    options = plugin.build_option_parser(argparse.ArgumentParser()).parse_args(words)
    return plugin.make_client(
        SimpleNamespace(
            session=session,
            region_name="RegionOne",
            interface="public",
            verify=verify,
            _cli_options=SimpleNamespace(config=vars(options)),
        )
    )


def test_its_commands_are_those_of_ephyra_that_ask_the_daemon() -> None:
    wanted = {
        f"ephyra_{name.replace(' ', '_')}": place
        for name, place in COMMANDS.items()
        if name not in LOCAL
    }

    found = {point.name: point.value for point in entry_points(group="openstack.ephyra.v1")}

    assert found == wanted, "see [entry_points] of setup.cfg"
    for point in entry_points(group="openstack.ephyra.v1"):
        assert issubclass(point.load(), AskDaemon), point.name


def test_the_daemon_is_found_in_the_catalogue() -> None:
    session = Session("https://ephyrad.example:6390/")

    line = made(session)._line

    assert line.place == "https://ephyrad.example:6390"
    assert line.headers == {"X-Auth-Token": "a token"}
    assert session.wanted["service_type"] == "bare-metal-migration"
    assert "a token" not in repr(line)


def test_an_endpoint_that_is_named_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_EPHYRA_ENDPOINT", "https://one.example")

    assert made(Session(None))._line.place == "https://one.example"
    named = made(Session(None), "--ephyra-endpoint", "https://two.example/ephyra")._line
    assert (named.place, named.prefix) == ("https://two.example/ephyra", "/ephyra")


def test_insecure_is_as_insecure_as_openstack_is() -> None:
    assert made(Session("https://e"))._line.context.verify_mode is ssl.CERT_REQUIRED
    assert made(Session("https://e"), verify=False)._line.context.verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize(
    ("session", "words"),
    [
        (Session(None), "ephyra: Keystone's catalogue has no service of the type bare-metal-mig"),
        (Session(None, EndpointNotFound("none")), "ephyra: Keystone gives no token: none"),
        (Session(None, Unauthorized("bad login")), "ephyra: Keystone gives no token: bad login"),
        (Session("http://plain"), "'http://plain' is no URL of ephyrad's API: it is https://HOST"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(session: Session, words: str) -> None:
    with pytest.raises(CommandError) as caught:
        made(session)

    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)
