# SPDX-License-Identifier: Apache-2.0
import logging
from typing import Any

import pytest

from ephyrad.bus.noise import LOGGERS, SeldomFilter, quiet


def record(template: str, at: float, *args: Any, level: int = logging.ERROR) -> logging.LogRecord:
    one = logging.LogRecord("driver", level, "file", 1, template, args, None)
    one.created = at
    return one


def test_one_like_it_passes_in_a_while() -> None:
    seldom = SeldomFilter(60)

    passed = [at for at in range(0, 200, 10) if seldom.filter(record("down: %s", at, at))]

    assert passed == [0, 60, 120, 180]


def test_brokers_and_templates_are_told_apart() -> None:
    seldom = SeldomFilter(60)
    template = "AMQP server on %(hostname)s:%(port)s is unreachable"

    passed = [
        seldom.filter(record(template, 0, {"hostname": "a", "port": 1})),
        seldom.filter(record(template, 1, {"hostname": "a", "port": 1})),
        seldom.filter(record(template, 1, {"hostname": "b", "port": 1})),
        seldom.filter(record("something else", 1)),
    ]

    assert passed == [True, False, True, True]


def test_debugging_is_not_touched() -> None:
    seldom = SeldomFilter(60)

    assert all(seldom.filter(record("same", at, level=logging.DEBUG)) for at in range(5))


def test_a_clock_that_was_set_back_hides_nothing() -> None:
    seldom = SeldomFilter(60)

    assert seldom.filter(record("same", 1000))
    assert seldom.filter(record("same", 10))


def test_texts_made_up_on_the_spot_do_not_pile_up() -> None:
    seldom = SeldomFilter(60)

    for number in range(5000):
        seldom.filter(record(f"text {number}", 0))

    assert len(seldom._passed) < 1000


def test_the_filter_is_put_on_once(monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("tests.bus.noise")

    quiet([logger.name])
    quiet([logger.name])

    assert len(logger.filters) == 1


def test_the_loggers_that_complain_are_known() -> None:
    from oslo_messaging._drivers import amqpdriver, impl_rabbit

    assert amqpdriver.LOG.name in LOGGERS
    assert impl_rabbit.LOG.name in LOGGERS
