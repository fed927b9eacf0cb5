# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from ephyrad.clouds.environment import mark
from ephyrad.clouds.environment.port import Collection
from ephyrad.clouds.port import CloudReadError
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Refused, Unknown
from tests.unit.clouds.canned import Canned, Reply
from tests.unit.clouds.samples import RELEASES, sample

PATH = "/compute/v2.1/os-aggregates"
RACK = Item(Kind.AGGREGATE, "rack", "rack", {"metadata": {"a": "b"}})


@pytest.fixture
def aggregates(server: Canned) -> Collection:
    return server.environment().collections[Kind.AGGREGATE]


def listed(*names: str) -> Reply:
    each: dict[str, object] = {"metadata": {}, "hosts": []}
    shown = [{"id": number, "name": name, **each} for number, name in enumerate(names, start=1)]
    return Reply(200, {"aggregates": shown})


@pytest.mark.parametrize("release", RELEASES)
def test_a_recorded_aggregate(server: Canned, aggregates: Collection, release: str) -> None:
    server.answer("GET", PATH, Reply(200, sample(f"{release}-nova")["aggregates"]))

    (item,) = aggregates.items()

    assert item == Item(
        Kind.AGGREGATE,
        "contract-story",
        "contract-story",
        {"availability_zone": "contract-zone-2", "metadata": {"a": "b"}},
    )


def test_hosts_are_named(server: Canned, aggregates: Collection) -> None:
    each = {"id": 1, "name": "rack", "metadata": {}, "hosts": ["b", "a"]}
    server.answer("GET", PATH, Reply(200, {"aggregates": [each]}))

    (item,) = aggregates.items()

    assert item.left_behind[0].startswith("its hosts a, b: ")


@pytest.mark.parametrize(
    "body", [{}, {"aggregates": None}, {"aggregates": [{}]}, {"aggregates": [{"metadata": 1}]}]
)
def test_an_answer_of_another_shape_cannot_be_read(
    server: Canned, aggregates: Collection, body: object
) -> None:
    server.answer("GET", PATH, Reply(200, body))

    with pytest.raises(CloudReadError, match="unexpected answer"):
        aggregates.items()


def test_an_aggregate_is_known_by_its_number(server: Canned, aggregates: Collection) -> None:
    server.answer("GET", PATH, listed("other", "rack"))
    server.answer("POST", f"{PATH}/2/action", Reply(200, {}))

    found = replace(RACK, fields={"metadata": {"gone": "x"}})
    assert aggregates.amend(RACK, found) == Done()

    (request,) = server.asked("POST", f"{PATH}/2/action")
    metadata = {"a": "b", "gone": None, "ephyrad:mark": mark.of(RACK)}
    assert request.json == {"set_metadata": {"metadata": metadata}}


def test_an_aggregate_that_is_not_shown_may_be_there(
    server: Canned, aggregates: Collection
) -> None:
    server.answer("POST", PATH, Reply(200, {}))
    server.answer("GET", PATH, listed("other"))

    assert aggregates.create(RACK) == Unknown("Nova does not show the aggregate any more")


def test_a_zone_of_hosts_with_instances_is_not_changed(
    server: Canned, aggregates: Collection
) -> None:
    words = "Cannot update aggregate 1. Reason: One or more hosts contain instances in this zone."
    server.answer("GET", PATH, listed("rack"))
    refused = Reply(400, {"badRequest": {"code": 400, "message": words}})
    server.answer("PUT", f"{PATH}/1", refused)

    outcome = aggregates.amend(replace(RACK, fields={"availability_zone": "z"}), RACK)

    assert outcome == Refused(400, words)
    assert [request for request in server.requests if request.method == "POST"][1:] == []
