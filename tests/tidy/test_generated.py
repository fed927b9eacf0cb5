# SPDX-License-Identifier: Apache-2.0
"""The generated files in the checkout are what the code prints now."""

import pytest

from tests.tidy.source import ROOT
from tools.generated import GENERATED, is_stale


@pytest.mark.parametrize("name", GENERATED)
def test_it_is_fresh(name: str) -> None:
    assert not is_stale(ROOT / name, GENERATED[name]), f"{name} is stale; run ./test genconfig"
