# SPDX-License-Identifier: Apache-2.0
from importlib.metadata import version

import pytest

import ephyrad


def test_version_is_the_installed_one() -> None:
    assert ephyrad.__version__ == version("ephyrad")


def test_any_other_name_is_missing_by_name() -> None:
    with pytest.raises(AttributeError, match="'ephyrad' has no attribute 'nothing'"):
        _ = ephyrad.nothing
