# SPDX-License-Identifier: Apache-2.0
"""docs/environment.rst names every kind and every cause."""

import re
from pathlib import Path

from ephyrad.environment.kinds import Kind
from ephyrad.environment.problems import Cause

TEXT = (Path(__file__).parents[3] / "docs/environment.rst").read_text()
ROWS = set(re.findall(r"^``([a-z-]+)`` ", TEXT, re.MULTILINE))


def test_every_kind_and_every_cause_is_documented_and_no_other() -> None:
    assert {*Kind, *Cause} == ROWS
