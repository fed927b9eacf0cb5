# SPDX-License-Identifier: Apache-2.0
"""The operator's policy file stands over the defaults, and is read again when it changes."""

import os
from pathlib import Path

import pytest
from oslo_config import cfg

from ephyrad.api.caller import Caller
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.policy import OsloPolicy

ANN = Caller("ann", frozenset({"member"}), claims={"project_id": "0a1b"})


def policy(tmp_path: Path, text: str) -> OsloPolicy:
    (tmp_path / "policy.yaml").write_text(text)
    (tmp_path / "ephyrad.conf").write_text("")
    conf = cfg.ConfigOpts()
    conf([f"--config-file={tmp_path / 'ephyrad.conf'}"], project="ephyrad")
    return OsloPolicy.of(conf)


def test_the_file_gives_a_role_to_a_project(tmp_path: Path) -> None:
    found = policy(tmp_path, '"operator": "rule:admin or (role:member and project_id:0a1b)"\n')

    assert found.allows("ephyrad:node:hold", ANN)
    assert found.allows("ephyrad:node:get", ANN)
    assert not found.allows("ephyrad:key:rotate", ANN)


def test_one_rule_can_be_another(tmp_path: Path) -> None:
    found = policy(tmp_path, '"ephyrad:node:hold": "user_id:7"\n"ephyrad:key:rotate": "!"\n')

    assert found.takes("ephyrad:node:hold") == "what the policy file says: user_id:7"
    assert found.takes("ephyrad:key:rotate") == "what nobody has"
    assert found.takes("ephyrad:node:get") == "the role reader"


def test_a_file_that_is_changed_counts_at_once(tmp_path: Path) -> None:
    found = policy(tmp_path, "{}\n")
    assert not found.allows("ephyrad:node:hold", ANN)

    (tmp_path / "policy.yaml").write_text('"ephyrad:node:hold": "role:member"\n')
    os.utime(tmp_path / "policy.yaml", (1, 1 << 33))

    assert found.allows("ephyrad:node:hold", ANN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("][", "policy.yaml"),
        ('"ephyrad:node:hold": "rule:oprator"\n', "ephyrad:node:hold"),
    ],
)
def test_a_file_that_cannot_work_is_refused_at_the_start(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        policy(tmp_path, text)

    assert "\n" not in str(caught.value)


def test_a_file_that_breaks_while_it_runs_lets_nobody_in(tmp_path: Path) -> None:
    found = policy(tmp_path, '"ephyrad:node:hold": "role:member"\n')

    (tmp_path / "policy.yaml").write_text("][")
    os.utime(tmp_path / "policy.yaml", (1, 1 << 33))

    assert not found.allows("ephyrad:node:hold", ANN)


def test_a_rule_that_is_not_there_is_refused() -> None:
    boss = Caller("boss", frozenset({"admin"}))

    assert not OsloPolicy.defaults().allows("ephyrad:unknown", boss)
