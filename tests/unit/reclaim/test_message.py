# SPDX-License-Identifier: Apache-2.0
"""What messages come to, in the formats that are really sent."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ephyrad.reclaim.message import decode
from ephyrad.reclaim.nomination import MOST, Ignored, MessageError, Nomination
from tests.unit.reclaim.samples import (
    AS_JSON,
    MQ_QUEUED,
    Json,
    cd_event,
    in_binary_mode,
    in_structured_mode,
    jenkins,
    mq_notifier,
)

INSTANCE = "0b5e5c8e-6a53-4c4f-8d0f-0c3c2b9f5d11"
ID = "c0ffee00-0000-4000-8000-000000000411"


def plain(body: object) -> Nomination | Ignored:
    return decode(AS_JSON, json.dumps(body).encode())


@pytest.mark.parametrize("mode", [in_binary_mode, in_structured_mode])
@pytest.mark.parametrize("old", [False, True], ids=["0.5", "0.4"])
@pytest.mark.parametrize(
    ("subject", "label", "result"),
    [
        ("pipelinerun", "gpu-nightly", "SUCCESS"),
        ("taskrun", "burn-in", "FAILURE"),
        ("testsuiterun", "hardware", "FAIL"),
    ],
)
def test_what_has_finished_nominates_by_its_name(
    mode: Any, subject: str, label: str, result: str, *, old: bool
) -> None:
    found = decode(*mode(cd_event(subject, old=old)))

    assert found == Nomination("/ci/tekton", ID, label=label, result=result)


def test_custom_data_names_nodes_and_instances() -> None:
    event = cd_event(nodes=["rack1-07", "rack1-07"], instances=[INSTANCE.upper()], build="b7")

    found = decode(*in_binary_mode(event))

    assert found == Nomination("/ci/tekton", ID, ("rack1-07",), (INSTANCE,), "b7", "SUCCESS")


def test_custom_data_of_somebody_else_does_not_matter() -> None:
    event = cd_event() | {"customData": "PHhtbC8+", "customDataContentType": "application/xml"}

    assert decode(*in_binary_mode(event)) == Nomination(
        "/ci/tekton", ID, label="gpu-nightly", result="SUCCESS"
    )


def test_data_may_be_in_base64() -> None:
    event = cd_event()
    headers, content = in_structured_mode(event)
    body = json.loads(content)
    del body["data"]
    body["data_base64"] = base64.b64encode(json.dumps(event).encode()).decode()

    assert isinstance(decode(headers, json.dumps(body).encode()), Nomination)


@pytest.mark.parametrize(
    "kind", ["dev.cdevents.pipelinerun.started.0.3.0", "dev.cdevents.build.finished.0.3.0", "x"]
)
def test_other_events_are_of_no_use(kind: str) -> None:
    event = cd_event()
    event["context"]["type"] = kind

    found = decode(*in_structured_mode(event))

    assert isinstance(found, Ignored)
    assert found.reason.startswith(f"its type is {kind}: only dev.cdevents.pipelinerun.finished")


@pytest.mark.parametrize("name", ["id", "source", "type"])
def test_headers_cannot_say_other_than_the_signed_body(name: str) -> None:
    headers, content = in_binary_mode(cd_event())
    headers[f"ce-{name}"] = "dev.cdevents.taskrun.finished.0.3.0"

    with pytest.raises(MessageError, match=f"context.{name} of the body is"):
        decode(headers, content)


def without(event: Json, *path: str) -> Json:
    below = event
    for step in path[:-1]:
        below = below[step]
    del below[path[-1]]
    return event


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (without(cd_event(), "context"), "context of data must be a JSON object"),
        (without(cd_event(), "subject"), "subject of data must be a JSON object"),
        (without(cd_event(), "context", "specversion"), "of CDEvents None: send 0.4 or 0.5"),
        (cd_event(nodes="rack1-07"), "customData.ephyra.nodes must be a list"),
        (cd_event(instances=["web-1"]), "'web-1', which is no UUID of an instance"),
    ],
)
def test_events_that_cannot_be_read(event: Json, says: str) -> None:
    whole = {"id": ID, "source": "/ci/tekton", "type": "dev.cdevents.pipelinerun.finished.0.3.0"}
    body = json.dumps(whole | {"specversion": "1.0", "data": event})

    with pytest.raises(MessageError, match=says):
        decode({"content-type": "application/cloudevents+json"}, body.encode())


def test_other_versions_and_batches_are_refused() -> None:
    headers, content = in_binary_mode(cd_event())

    with pytest.raises(MessageError, match=r"ce-specversion is '0.3': send CloudEvents 1.0"):
        decode(headers | {"ce-specversion": "0.3"}, content)
    with pytest.raises(MessageError, match="batches of CloudEvents are not taken"):
        decode({"content-type": "application/cloudevents-batch+json"}, b"[]")


def test_a_finalized_build_nominates_by_its_whole_name() -> None:
    sent = jenkins(EPHYRA_NODES="rack1-07, rack1-08", EPHYRA_INSTANCES=INSTANCE, BRANCH="main")

    assert plain(sent) == Nomination(
        source="https://jenkins.example.com/",
        id="job/metal/job/burn-in/18/@3107",
        nodes=("rack1-07", "rack1-08"),
        instances=(INSTANCE,),
        label="metal/burn-in",
        result="SUCCESS",
    )


@pytest.mark.parametrize("phase", ["QUEUED", "STARTED", "COMPLETED", "NONE"])
def test_a_build_that_still_runs_is_of_no_use(phase: str) -> None:
    assert plain(jenkins(phase)) == Ignored(
        f"the build is {phase}: nodes are empty when it is FINALIZED"
    )


def test_a_jenkins_without_a_url_cannot_be_told_from_others() -> None:
    sent = without(jenkins(), "build", "full_url")

    with pytest.raises(MessageError, match="set the Jenkins URL in its System configuration"):
        plain(sent)


def test_a_build_that_mq_notifier_tells_of_nominates_by_its_parameters() -> None:
    sent = mq_notifier(EPHYRA_NODES="rack1-07, rack1-08", EPHYRA_INSTANCES=INSTANCE, WHY="a=b")

    assert plain(sent) == Nomination(
        source="https://jenkins.example.com/",
        id="job/metal/job/burn-in/18/@81234",
        nodes=("rack1-07", "rack1-08"),
        instances=(INSTANCE,),
        label="metal/burn-in",
        result="SUCCESS",
    )


def test_parameters_may_come_as_the_readme_of_mq_notifier_has_them() -> None:
    sent = mq_notifier() | {"parameters": {"EPHYRA_NODES": "rack1-07"}}

    assert isinstance(found := plain(sent), Nomination)
    assert found.nodes == ("rack1-07",)


def test_a_jenkins_below_a_path_is_told_whole() -> None:
    sent = mq_notifier() | {"url": "https://ci.example.com/jenkins/job/metal/job/job/7/"}

    assert isinstance(found := plain(sent), Nomination)
    assert (found.source, found.id) == (
        "https://ci.example.com/jenkins/",
        "job/metal/job/job/7/@81234",
    )


def test_a_build_without_a_result_has_none() -> None:
    assert isinstance(found := plain(mq_notifier(status="")), Nomination)
    assert found.result == ""


@pytest.mark.parametrize(
    "sent",
    [
        mq_notifier("STARTED", EPHYRA_NODES="rack1-07"),
        mq_notifier("DELETED") | {"status": "DELETED"},
        MQ_QUEUED,
        {"state": "TASK_COMPLETED", "listener_type": "executor", "task_duration": 7},
    ],
    ids=lambda sent: str(sent["state"]),
)
def test_what_else_mq_notifier_tells_is_of_no_use(sent: Json) -> None:
    assert plain(sent) == Ignored(
        f"it tells of something {sent['state']}: nodes are empty when a build is COMPLETED"
    )


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (mq_notifier() | {"url": "job/metal/job/burn-in/18/"}, "set the Jenkins URL in its System"),
        (mq_notifier() | {"url": "https://ci.example.com/job/x/"}, "set the Jenkins URL"),
        (mq_notifier() | {"url": 7}, "url must be a text"),
        (mq_notifier() | {"state": 7}, "state must be a text"),
        (mq_notifier() | {"parameters": "EPHYRA_NODES=a"}, "parameters must be a list of texts"),
        (mq_notifier() | {"parameters": [["a"]]}, "parameters must be a list of texts"),
        (mq_notifier() | {"parameters": {"EPHYRA_NODES": ["a"]}}, "EPHYRA_NODES must be a text"),
        (mq_notifier(EPHYRA_INSTANCES="web-1"), "'web-1', which is no UUID of an instance"),
        (without(mq_notifier(), "build_job_name"), "build_job_name must be a text"),
    ],
)
def test_what_mq_notifier_would_not_send(sent: Json, says: str) -> None:
    with pytest.raises(MessageError, match=says):
        plain(sent)


def test_the_plain_message() -> None:
    body = {"source": "ci", "id": "7", "nodes": ["a"], "instances": [INSTANCE], "build": "b"}

    assert plain(body | {"result": "Success"}) == Nomination(
        "ci", "7", ("a",), (INSTANCE,), "b", "SUCCESS"
    )
    assert plain({"source": "ci", "id": "7"}) == Ignored(
        "it names no node, no instance and no build"
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ([], "the body must be a JSON object"),
        ({"id": "7", "nodes": ["a"]}, "source must be a text of 1 to 1000 printable"),
        ({"source": "ci", "id": 7, "nodes": ["a"]}, "id must be a text"),
        ({"source": "ci", "id": "a\nb", "nodes": ["a"]}, "id must be a text"),
        ({"source": "ci", "id": "\ud800", "nodes": ["a"]}, "id must be a text"),
        ({"source": "ci", "id": "x" * 1001, "nodes": ["a"]}, "id must be a text"),
        ({"source": "ci", "id": "7", "nodes": ["a"] * (MOST + 1)}, "nodes must be a list of 1000"),
        ({"source": "ci", "id": "7", "nodes": [["a"]]}, r"nodes\[0\] must be a text"),
        ({"source": "ci", "id": "7", "node": "a"}, 'has an unknown field "node": it has source'),
    ],
)
def test_plain_messages_that_cannot_be_read(body: object, says: str) -> None:
    with pytest.raises(MessageError, match=says):
        plain(body)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json(content: bytes) -> None:
    with pytest.raises(MessageError, match=r"no JSON|nested too deeply"):
        decode(AS_JSON, content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below),
    max_leaves=8,
)
MODES = [in_binary_mode, in_structured_mode, lambda event: (AS_JSON, json.dumps(event).encode())]


@given(
    value=JSON,
    path=st.sampled_from(
        ["context", "subject", "customData", "build", "name", "content", "state", "parameters"]
    ),
    mode=st.sampled_from(MODES),
)
def test_whatever_stands_in_it_there_is_an_answer(value: object, path: str, mode: Any) -> None:
    whole = jenkins(EPHYRA_NODES="a") | cd_event(nodes=["a"])
    headers, content = mode(whole)
    body = json.loads(content)
    inner = body.get("data", body)
    if path == "content":
        inner["subject"]["content"] = value
    else:
        inner[path] = value

    try:
        found = decode(headers, json.dumps(body).encode())
    except MessageError:
        return
    assert isinstance(found, Nomination | Ignored)
