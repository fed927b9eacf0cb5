# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from tests.lab.agent.behaviour import Behaviour, behaviour


def test_nothing_wanted_is_the_default() -> None:
    assert behaviour({}) == Behaviour()


def test_what_is_wanted_differs_from_the_default_only_there() -> None:
    found = behaviour({"clean_seconds": 30, "fail": "clean", "boot": False})

    assert found == Behaviour(clean_seconds=30, fail="clean", boot=False)


@pytest.mark.parametrize(
    "wanted",
    [
        [],
        {"cleaning_seconds": 3},
        {"fail": "everything"},
        {"boot": "no"},
        {"clean_seconds": -1},
        {"deploy_seconds": "3"},
        {"boot_seconds": True},
    ],
)
def test_what_can_not_be_understood_is_refused(wanted: Any) -> None:
    with pytest.raises(ValueError, match=r"seconds|fail|boot"):
        behaviour(wanted)
