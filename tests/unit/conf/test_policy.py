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


@pytest.mark.parametrize(
    "text", ["][", '"ephyrad:node:hold": "rule:a"\n"a": "rule:ephyrad:node:hold"\n']
)
def test_a_file_that_breaks_while_it_runs_lets_nobody_in(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = policy(tmp_path, '"ephyrad:node:hold": "role:member"\n')
    assert found.allows("ephyrad:node:hold", ANN)

    (tmp_path / "policy.yaml").write_text(text)
    os.utime(tmp_path / "policy.yaml", (1, 1 << 33))

    assert [found.allows("ephyrad:node:hold", ANN) for _ in range(3)] == [False] * 3
    assert found.takes("ephyrad:node:hold") == "a policy file that can be used, see the log"
    said = [each.getMessage() for each in caplog.records if each.name == "ephyrad.conf.policy"]
    assert said == [
        f"policy file {tmp_path / 'policy.yaml'} cannot be used: only the socket is served"
    ]


def test_a_file_that_is_mended_counts_again(tmp_path: Path) -> None:
    found = policy(tmp_path, '"ephyrad:node:hold": "role:member"\n')
    file = tmp_path / "policy.yaml"
    for at, (text, may) in enumerate([("][", False), ('"operator": "role:member"\n', True)]):
        file.write_text(text)
        os.utime(file, (1, (1 << 33) + at))

        assert [found.allows("ephyrad:node:hold", ANN) for _ in range(2)] == [may] * 2


def test_a_rule_that_is_not_there_is_refused() -> None:
    boss = Caller("boss", frozenset({"admin"}))

    assert not OsloPolicy.defaults().allows("ephyrad:unknown", boss)
