# SPDX-License-Identifier: Apache-2.0
"""docs/operating.rst and the README tell operators what the program really does."""

import re
import textwrap
from pathlib import Path

import pytest

from ephyrad.conf.load import load
from ephyrad.migration.facts import CloudName
from ephyrad.migration.steps import Cause

ROOT = Path(__file__).parents[3]
OPERATING = (ROOT / "docs/operating.rst").read_text()
README = (ROOT / "README.rst").read_text()
MINIMAL = ROOT / "docs/minimal.conf"


def test_every_cause_of_a_hold_is_documented_and_no_other() -> None:
    table = OPERATING.partition("\nHolds\n=====\n")[2].partition("\n====")[0]

    documented = re.findall(r"^   \* - ``([a-z-]+)``$", table, re.MULTILINE)

    assert documented == [cause.value for cause in Cause]


def test_the_minimal_configuration_works() -> None:
    _, settings = load(["--config-file", str(MINIMAL)])

    assert settings.old_cloud.name is CloudName.OLD
    for bus in (settings.old_bus, settings.new_bus):
        assert bus is not None
        assert bus.shared_topics == ()


def test_the_readme_shows_the_minimal_configuration() -> None:
    assert textwrap.indent(MINIMAL.read_text(), "   ") in README


@pytest.mark.parametrize("text", [README, OPERATING], ids=["README.rst", "docs/operating.rst"])
def test_every_file_of_the_checkout_that_is_named_is_there(text: str) -> None:
    named = re.findall(r"(?<![\w/])((?:docs(?!/_build)|etc|tests|tools)/[\w./-]*\w)", text)

    assert [name for name in named if not (ROOT / name).exists()] == []
    assert named
