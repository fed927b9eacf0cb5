# SPDX-License-Identifier: Apache-2.0
import pytest

from ephyrad.engine.answers import OperationError
from ephyrad.reclaim.nomination import Nomination
from tests.fakes.operations import FakeOperations
from tests.unit.cli.conftest import Run


def test_the_last_messages_are_shown_with_what_became_of_each_thing(
    ephyra: Run, operations: FakeOperations
) -> None:
    operations.reclaims.nominate(Nomination("ci", "7", ("rack1", "rack2")))
    operations.reclaims.nominate(Nomination("ci", "8", label="burn-in"))

    columns = [word for each in ("id", "kind", "name", "fate", "words") for word in ("-c", each)]
    shown = ephyra("reclaim", "list", "-f", "value", *columns)

    assert shown.out.splitlines() == [
        "8 build burn-in waits its turn has not come",
        "7 node rack1 waits its turn has not come",
        "7 node rack2 waits its turn has not come",
    ]
    assert shown.err == ""
    only = ephyra("reclaim", "list", "--limit", "1", "-f", "value", "-c", "id")
    assert only.out.splitlines() == ["8"]


def test_what_was_refused_is_said(ephyra: Run, operations: FakeOperations) -> None:
    with pytest.raises(OperationError):
        operations.reclaims.post({}, b"")

    shown = ephyra("reclaim", "list", "-f", "value")

    assert shown.out.strip() == ""
    assert shown.err == (
        "1 messages were refused since ephyrad started, the last one at 2026-01-02 03:04:00Z:"
        " it has no token\n"
    )
