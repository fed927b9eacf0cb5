# SPDX-License-Identifier: Apache-2.0
"""What a simulated Nova answers and publishes of keys, flavors and aggregates is what both real
ones did, whose answers and notifications were recorded.
"""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ephyrad.migration.facts import CloudName
from ephyrad.testing.bus import Message
from tests.contract.environment_stage import SimulatedEnvironmentStage
from tests.contract.nova_story import tell
from tests.unit.clouds.samples import sample

PROJECT = "1f" * 16

# What ephyrad has no use for, and the simulation therefore has not.
WANTING = frozenset({"links", "created_at", "updated_at", "deleted_at", "deleted"})
# What another cloud numbers otherwise.
NUMBERED = frozenset({"id", "uuid"})


@pytest.fixture(params=list(CloudName))
def stage(request: pytest.FixtureRequest) -> SimulatedEnvironmentStage:
    stage = SimulatedEnvironmentStage(request.param)
    stage.simulated.accounts.add_project("story", ident=PROJECT)
    return stage


def recorded(stage: SimulatedEnvironmentStage) -> dict[str, Any]:
    shown: dict[str, Any] = sample(f"{stage.environment.name}-nova")
    return shown


def plain(value: Any) -> Any:
    """Return an answer without what differs from place to place and from time to time."""
    match value:
        case dict():
            return {key: _named(key, below) for key, below in value.items() if key not in WANTING}
        case list():
            return [plain(each) for each in value]
        case _:
            return value


def _named(key: str, value: Any) -> Any:
    if key in NUMBERED and value != "contract-story":
        return type(value)
    if key == "href":
        link = urlsplit(value)
        return link.path.rpartition("/")[2], parse_qs(link.query)
    return plain(value)


def test_answers(stage: SimulatedEnvironmentStage) -> None:
    def ask(method: str, path: str, body: object) -> Any:
        answer = stage.nova(method, path, body)
        assert answer.status < 300, answer.body
        return json.loads(answer.body) if answer.body else None

    answers = tell(ask, PROJECT)

    expected = recorded(stage)
    del expected["notifications"]
    assert plain(answers) == plain(expected)


def test_notifications(stage: SimulatedEnvironmentStage) -> None:
    published: dict[str, Message] = {}

    def listen(message: Message) -> None:
        published[str(message["event_type"])] = message

    stage.simulated.bus.listen(listen)

    tell(stage.said, PROJECT)

    for event_type, payload in recorded(stage)["notifications"].items():
        simulated = published[event_type]["payload"]
        assert simulated.keys() == payload.keys(), event_type
        assert simulated["nova_object.name"] == payload["nova_object.name"]
        data, real = (each["nova_object.data"] for each in (simulated, payload))
        assert {key: type(value) for key, value in data.items()} == {
            key: type(value) for key, value in real.items()
        }, event_type
