# SPDX-License-Identifier: Apache-2.0
"""The harness reads a journal as ephyrad writes it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ephyrad.journal.database import FILE_NAME
from ephyrad.journal.journal import Journal
from tests.harness.journal import reactions, under_way
from tests.unit.journal.samples import ASKED, DONE, INTENDED, NODE, NOON, Reversed, notification


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal.open(tmp_path, Reversed())) as made:
        yield made


def test_what_has_no_outcome_is_under_way(journal: Journal, tmp_path: Path) -> None:
    begun = journal.append(journal.begin(NODE, ASKED), [INTENDED])
    ((name, effect),) = under_way(tmp_path / FILE_NAME)
    journal.append(begun, [DONE])

    assert (name, "fence" in effect) == (ASKED.name, True)
    assert under_way(tmp_path / FILE_NAME) == []


def test_a_reaction_is_from_the_end_of_a_wait_to_the_next_effect(
    journal: Journal, tmp_path: Path
) -> None:
    end = {"previous_provision_state": "cleaning", "provision_state": "manageable"}
    other = {"previous_provision_state": "clean wait", "provision_state": "cleaning"}
    begun = journal.begin(NODE, ASKED)
    for number, (seconds, fields) in enumerate([(-9, end), (1, other), (2, end)]):
        at = NOON + timedelta(seconds=seconds)
        journal.receive([replace(notification(str(number)), at=at, fields=fields)])

    journal.append(begun, [replace(INTENDED, at=NOON + timedelta(seconds=5))])

    assert reactions(tmp_path / FILE_NAME) == [3.0]
