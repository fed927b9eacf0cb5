# SPDX-License-Identifier: Apache-2.0
"""What is made of a transport URL; nothing is connected."""

import ssl
from typing import Any

import pytest
from oslo_config import cfg

from ephyrad.bus.settings import BusSettings
from ephyrad.migration.facts import CloudName


def made(query: str = "", vhost: str = "", **changes: Any) -> tuple[Any, Any]:
    """The options in force and our own connection."""
    from ephyrad.bus.broker import _connection, open_line

    conf = cfg.ConfigOpts()
    conf([])
    url = f"rabbit://user:p%40ss@host:5000/{vhost}{query}"
    line = open_line(BusSettings(cloud=CloudName.OLD, transport_url=url, **changes), conf)
    return line.transport.conf.oslo_messaging_rabbit, _connection(
        line, line.url.hosts[0], "", 0, {}
    )


@pytest.mark.parametrize(
    ("query", "changes", "expected"),
    [
        ("", {}, 100),
        ("", {"prefetch": 7}, 7),
        ("?rabbit_qos_prefetch_count=150", {"prefetch": 7}, 150),
    ],
)
def test_prefetch_is_limited_and_the_query_wins(
    query: str, changes: dict[str, Any], expected: int
) -> None:
    options, _ = made(query, **changes)

    assert options.rabbit_qos_prefetch_count == expected


def test_two_clouds_differ_on_one_configuration() -> None:
    from ephyrad.bus.broker import open_line

    conf = cfg.ConfigOpts()
    conf([])
    lines = [
        open_line(BusSettings(cloud=cloud, transport_url=f"rabbit://host/?{query}"), conf)
        for cloud, query in (
            (CloudName.OLD, "heartbeat_rate=5"),
            (CloudName.NEW, "rabbit_quorum_queue=true"),
        )
    ]

    options = [line.transport.conf.oslo_messaging_rabbit for line in lines]

    assert [one.heartbeat_rate for one in options] == [5, 3]
    assert [one.rabbit_quorum_queue for one in options] == [False, True]


@pytest.mark.parametrize(("vhost", "expected"), [("", "/"), ("/", "/"), ("a%2Fb", "a/b")])
def test_our_own_connection_goes_where_oslo_messaging_goes(vhost: str, expected: str) -> None:
    _, connection = made(vhost=vhost)

    info = connection.info()
    assert (info["hostname"], info["port"], info["userid"]) == ("host", 5000, "user")
    assert (info["password"], info["virtual_host"]) == ("p@ss", expected)
    assert not info["ssl"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?ssl=true", True),
        (
            "?ssl=true&ssl_ca_file=/etc/ca.pem",
            {
                "ca_certs": "/etc/ca.pem",
                "cert_reqs": ssl.CERT_REQUIRED,
                "server_hostname": "host",
            },
        ),
        ("?ssl=true&ssl_cert_file=/c&ssl_key_file=/k", {"certfile": "/c", "keyfile": "/k"}),
    ],
)
def test_our_own_connection_trusts_as_oslo_messaging_does(query: str, expected: object) -> None:
    _, connection = made(query)

    assert connection.ssl == expected
