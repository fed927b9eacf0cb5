# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from tests.fakes.operations import FakeOperations
from tests.unit.api.asking import Answer, ask, error

SYNC = "/v1/environment/sync"
TEXT = "must be a text of 1 to 1000 characters"
NAMES = '"names" must be a list of one or more texts'
CHOOSE = 'the body needs "kinds" or "names" or both, or only "all", which is true'
KINDS = "it is resource-class, trait, flavor, image, keypair, aggregate, deploy-template or runbook"
DEBIAN: dict[str, object] = {
    "kind": "image",
    "key": "1f",
    "name": "debian",
    "todo": "create",
    "why": "create it in the new cloud",
    "cause": None,
    "left_behind": [],
}


def test_the_status_has_every_kind(path: Path) -> None:
    answer = ask(path, "GET", "/v1/environment")

    assert answer.status == 200
    assert [kind["kind"] for kind in answer.body["kinds"]][:3] == [
        "resource-class",
        "trait",
        "flavor",
    ]
    assert answer.body["problems"] == [
        {
            "kind": "keypair",
            "cause": "unknown-owner",
            "reason": "the new cloud has no user ann: create it there",
            "names": ["laptop"],
        }
    ]
    assert answer.body["transfers"] == []


def test_the_plan_can_be_narrowed(path: Path) -> None:
    everything = ask(path, "GET", "/v1/environment/plan").body["items"]
    images = ask(path, "GET", "/v1/environment/plan?kind=image&kind=flavor&name=debian").body

    assert [item["name"] for item in everything] == ["bm.gold", "debian", "laptop"]
    assert images == {"items": [DEBIAN]}


def test_a_sync_is_done_in_the_name_of_who_asks(path: Path, operations: FakeOperations) -> None:
    answer = ask(path, "POST", SYNC, '{"kinds": ["image"], "names": ["debian"]}').body

    assert [item["key"] for item in answer["asked"]] == ["1f"]
    assert operations.asked == [("image", "1f")]


def test_everything_is_synced_where_that_is_said(path: Path) -> None:
    answer = ask(path, "POST", SYNC, '{"all": true}').body

    assert (len(answer["asked"]), answer["in_step"], len(answer["problems"])) == (1, 1, 1)


def test_differences_have_both_values(path: Path) -> None:
    answer = ask(path, "GET", "/v1/environment/diff?kind=image")

    expected = {"kind": "image", "key": "1f", "name": "debian", "path": ""}
    assert answer.body == {"differences": [{**expected, "old": {"tags": []}, "new": None}]}


@pytest.mark.parametrize(
    ("method", "target", "body", "message"),
    [
        ("GET", "/v1/environment/plan?kind=picture", None, f"kind 'picture': {KINDS}"),
        (
            "GET",
            "/v1/environment/diff?key=1f",
            None,
            "unknown query parameter 'key'; there are kind and name",
        ),
        ("POST", SYNC, "{}", CHOOSE),
        ("POST", SYNC, '{"all": false}', CHOOSE),
        ("POST", SYNC, '{"all": true, "kinds": ["image"]}', CHOOSE),
        ("POST", SYNC, '{"kinds": ["picture"]}', f"kind 'picture': {KINDS}"),
        ("POST", SYNC, '{"names": []}', NAMES),
        ("POST", SYNC, '{"names": "debian"}', NAMES),
        ("POST", SYNC, '{"names": [7]}', f'"names"[0] {TEXT}'),
        ("POST", SYNC, '{"names": [""]}', f'"names"[0] {TEXT}'),
    ],
)
def test_what_is_asked_wrongly(
    path: Path, method: str, target: str, body: str | None, message: str
) -> None:
    assert ask(path, method, target, body) == Answer(400, error("invalid", message))


def test_a_cloud_that_cannot_be_read(path: Path, operations: FakeOperations) -> None:
    operations.unreadable = True

    assert ask(path, "GET", "/v1/environment/plan") == Answer(
        503, error("unavailable", "the old cloud: Glance: HTTP 503")
    )
