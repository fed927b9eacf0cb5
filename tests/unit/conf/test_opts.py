# SPDX-License-Identifier: Apache-2.0
import pytest
from oslo_config import cfg, types

from ephyrad.conf import opts

OURS = [(group.name, option) for group, options in opts.groups() for option in options]

# What SIGHUP may change; see ephyrad.conf.settings.renewed.
MUTABLE = {
    "kinds",
    "deletions",
    "match_projects",
    "match_users",
    "sweep_interval",
    "max_in_flight",
    "clean_on_new",
    "mapping_file",
    "drain_timeout",
    "clean_timeout",
    "verify_timeout",
    "provide_timeout",
    "removal_timeout",
    "offer_timeout",
    "retry_for",
    "look_again",
    "look_again_held",
    "unknown_settles",
}


@pytest.mark.parametrize(("group", "option"), OURS)
def test_every_option_has_help(group: str, option: cfg.Opt) -> None:
    assert option.help


def test_every_number_has_bounds() -> None:
    numbers = [o.type for _, o in OURS if isinstance(o.type, types.Integer | types.Float)]

    assert numbers
    assert [number for number in numbers if number.min is None or number.max is None] == []


def test_what_may_change_says_so() -> None:
    assert {option.dest for _, option in OURS if option.mutable} == MUTABLE


def test_the_sample_shows_each_option_once() -> None:
    for _, options in opts.list_opts():
        names = [option.dest for option in options]
        assert sorted(names) == sorted(set(names))


def test_passwords_are_secret() -> None:
    words = ("password", "secret", "transport_url")
    shown = [option for _, options in opts.list_opts() for option in options]

    open_ones = {o.dest for o in shown if o.dest.endswith(words) and not o.secret}

    assert open_ones == set()
