# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from tests.fakes.operations import FakeOperations
from tests.unit.api.asking import ask, error


def test_every_node_is_looked_at(path: Path, operations: FakeOperations) -> None:
    body = ask(path, "GET", "/v1/preflight").body

    assert body["ready"] == len(operations.old_cloud)
    assert body["findings"] == []
    assert body["services"] == {
        "old cloud": ["Ironic 1.82"],
        "new cloud": ["Ironic 1.115", "no Glance"],
    }


def test_nodes_are_chosen_and_their_bmcs_tried(path: Path, operations: FakeOperations) -> None:
    name, uuid = next(iter(operations.old_cloud.items()))

    body = ask(path, "GET", f"/v1/preflight?node={name}&bmc=true").body

    assert [(each["node"], each["name"]) for each in body["findings"][0]["nodes"]] == [(uuid, name)]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("nodes=a", "unknown query parameter 'nodes'; there are node and bmc"),
        ("bmc=yes", "bmc=yes: it is true or false"),
        ("node=", "a node is named by nothing: give its UUID or its name"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(path: Path, query: str, words: str) -> None:
    answer = ask(path, "GET", f"/v1/preflight?{query}")

    assert (answer.status, answer.body) == (400, error("invalid", words))
