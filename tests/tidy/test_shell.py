# SPDX-License-Identifier: Apache-2.0
"""What is written for bash can be read by it, and by shellcheck where that is installed."""

import shutil
import subprocess

import pytest

from tests.tidy.source import ROOT, Source, checkout_sources


def _is_for_bash(source: Source) -> bool:
    first = source.text.partition("\n")[0]
    return source.path.endswith(".sh") or source.path == "devstack/settings" or "bash" in first


def _for_bash() -> list[str]:
    return [source.path for source in checkout_sources() if _is_for_bash(source)]


def _said(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_what_is_for_bash_is_found() -> None:
    assert {"devstack/plugin.sh", "devstack/settings", "test"} <= set(_for_bash())


@pytest.mark.parametrize("path", _for_bash())
def test_bash_can_read_it(path: str) -> None:
    assert _said("bash", "-n", path) == ""


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_objects_to_nothing() -> None:
    assert _said("shellcheck", "--shell=bash", "--severity=warning", *_for_bash()) == ""
