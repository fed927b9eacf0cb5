# SPDX-License-Identifier: Apache-2.0
"""When a generated file counts as stale, and how it is written anew."""

import subprocess
from pathlib import Path

import pytest

from tools.generated import is_stale, write

ZEN = ["this"]


def test_a_missing_file_is_stale_until_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "new" / "zen.txt"
    assert is_stale(file, ZEN)

    write(file, ZEN)

    assert file.read_text().startswith("The Zen of Python")
    assert not is_stale(file, ZEN)


def test_a_file_that_differs_is_stale(tmp_path: Path) -> None:
    file = tmp_path / "zen.txt"
    write(file, ZEN)

    file.write_text(file.read_text() + "\n")

    assert is_stale(file, ZEN)


def test_a_module_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "zen.txt"
    file.write_text("before")

    with pytest.raises(subprocess.CalledProcessError):
        write(file, ["a_module_that_is_not_there"])

    assert file.read_text() == "before"
