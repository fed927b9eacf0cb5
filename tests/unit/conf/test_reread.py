# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta
from pathlib import Path

import pytest

from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.load import load, reread
from tests.unit.conf.writing import write


def test_what_may_change_changes_and_the_rest_stays(tmp_path: Path) -> None:
    argv = write(tmp_path, "[migration]\nmax_in_flight = 3")
    conf, before = load(argv)
    write(
        tmp_path,
        f"[DEFAULT]\nsweep_interval = 5\nworkers = 2\nstate_dir = {tmp_path}\ndebug = true\n"
        "[migration]\nmax_in_flight = 4\nclean_on_new = true\ndrain_timeout = 60",
    )

    after = reread(argv, conf, before)

    assert after.max_in_flight == 4
    assert after.sweep_interval == timedelta(seconds=5)
    assert after.policy.clean_on_new
    assert after.policy.drain_timeout == timedelta(minutes=1)
    assert conf.debug
    assert after.workers == before.workers
    assert after.state_dir == before.state_dir
    assert after.old_cloud is before.old_cloud


def test_whether_there_is_a_nova_does_not_change(tmp_path: Path) -> None:
    argv = write(tmp_path, "")
    conf, before = load(argv)
    write(tmp_path, "", clouds="[old_cloud]\ncloud = a\ncompute = none\n[new_cloud]\ncloud = b\n")

    after = reread(argv, conf, before)

    assert after.policy.old_compute
    assert after.old_cloud.compute


def test_a_mistake_changes_nothing(tmp_path: Path) -> None:
    argv = write(tmp_path, "[migration]\nmax_in_flight = 3")
    conf, before = load(argv)
    write(tmp_path, "[DEFAULT]\ndebug = true\n[migration]\nmax_in_flight = 0")

    with pytest.raises(ConfigurationError, match="max_in_flight is not valid"):
        reread(argv, conf, before)

    assert not conf.debug
    assert conf.migration.max_in_flight == 3


def test_what_oslo_log_refuses_is_a_mistake(tmp_path: Path) -> None:
    argv = write(tmp_path, "")
    conf, before = load(argv)
    write(tmp_path, "[DEFAULT]\nlog_config_append = /nowhere/logging.conf")

    with pytest.raises(ConfigurationError, match=r"log_config_append = /nowhere/logging\.conf"):
        reread(argv, conf, before)
