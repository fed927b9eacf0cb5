# SPDX-License-Identifier: Apache-2.0
"""The broker to which CI sends its messages, and who is believed there."""

from datetime import timedelta
from pathlib import Path

import pytest
from oslo_config import cfg

from ephyrad.bus.mailbox_settings import MailboxSettings
from ephyrad.conf import opts, reclaim_amqp
from ephyrad.conf.errors import ConfigurationError
from ephyrad.reclaim.letter import Trust

URL = "rabbit://ephyra:canary@ci.example.com/ci"


def conf_of(directory: Path, keys: str = "", **options: str) -> cfg.ConfigOpts:
    lines = ["[reclaim]", f"hmac_key_files = {keys}", "[reclaim_amqp]"]
    lines += [f"{name} = {value}" for name, value in options.items()]
    (directory / "conf").write_text("\n".join(lines))
    conf = cfg.ConfigOpts()
    opts.register(conf)
    conf([], project="ephyrad", default_config_files=[str(directory / "conf")])
    return conf


def test_by_default_nothing_is_read_and_nobody_is_believed_unsigned(tmp_path: Path) -> None:
    conf = conf_of(tmp_path)

    assert reclaim_amqp.mailbox(conf) is None
    assert reclaim_amqp.trust(conf) == Trust(signed=True, window=timedelta(hours=1))


def test_what_the_options_come_to(tmp_path: Path) -> None:
    conf = conf_of(
        tmp_path,
        transport_url=URL,
        require_signature="false",
        window="60",
        exchange="jenkins",
        exchange_type="direct",
        queue="q",
        routing_keys="run.COMPLETED, ephyra",
        dead_letter_queue="d",
        prefetch="7",
        look_seconds="2",
    )

    assert reclaim_amqp.trust(conf) == Trust(signed=False, window=timedelta(minutes=1))
    found = reclaim_amqp.mailbox(conf)
    assert found == MailboxSettings(
        transport_url=URL,
        exchange="jenkins",
        exchange_type="direct",
        queue="q",
        routing_keys=("run.COMPLETED", "ephyra"),
        dead_letters="d",
        prefetch=7,
        look_seconds=2,
    )
    assert "canary" not in repr(found)


def test_a_broker_of_which_nobody_could_be_believed(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"hmac_key_files of \[reclaim\] names no key"):
        reclaim_amqp.trust(conf_of(tmp_path, transport_url=URL))

    assert reclaim_amqp.trust(conf_of(tmp_path, "/etc/key", transport_url=URL)) == Trust()


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("queue", "amq.x", "queue = amq.x: it must have 1 to 200 bytes, and not begin with amq."),
        ("queue", "x" * 201, "it must have 1 to 200 bytes"),
        ("dead_letter_queue", "ephyra.reclaim", "that is the queue which is read, too"),
    ],
)
def test_names_that_cannot_be(tmp_path: Path, option: str, value: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        reclaim_amqp.mailbox(conf_of(tmp_path, transport_url=URL, **{option: value}))
