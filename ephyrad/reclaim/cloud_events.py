# SPDX-License-Identifier: Apache-2.0
"""CloudEvents 1.0 that hold CDEvents 0.4 or 0.5.

The binding (cloudevents-binding.md of the CDEvents specification) wants the event's id, source and
type in both. In binary mode those of the CloudEvent are headers, which nobody signs: where they
differ from the body's, the message is refused.
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from ephyrad.reclaim.nomination import (
    Ignored,
    MessageError,
    Nomination,
    instances,
    maybe,
    nodes,
    table,
    text,
)

_FINISHED = re.compile(r"dev\.cdevents\.(pipelinerun|taskrun|testsuiterun)\.finished\.\d[\w.-]*")
_VERSION = re.compile(r"0\.[45]\b[\w.-]*")
_COMMON = ("id", "source", "type")
_NAMES = {"pipelinerun": "pipelineName", "taskrun": "taskName"}


def structured(event: Mapping[str, Any]) -> Nomination | Ignored:
    """Read a CloudEvent that is the whole body.

    :raises MessageError: it cannot be read.
    """
    _must_be_1_0(event.get("specversion"), "specversion")
    outer = {name: text(event.get(name), name) for name in _COMMON}
    data = event.get("data")
    if data is None and "data_base64" in event:
        data = _from_base64(event["data_base64"])
    return _cd_event(outer, data, "data")


def binary(headers: Mapping[str, str], body: object) -> Nomination | Ignored:
    """Read a CloudEvent whose attributes are headers; their names are in small letters.

    :raises MessageError: it cannot be read.
    """
    _must_be_1_0(headers.get("ce-specversion"), "the header ce-specversion")
    outer = {
        name: text(unquote(headers.get(f"ce-{name}", "")), f"the header ce-{name}")
        for name in _COMMON
    }
    return _cd_event(outer, body, "the body")


def _must_be_1_0(version: object, place: str) -> None:
    if version != "1.0":
        raise MessageError(f"{place} is {version!r:.40}: send CloudEvents 1.0")


def _from_base64(value: object) -> object:
    try:
        return json.loads(base64.b64decode(text(value, "data_base64"), validate=True))
    except (ValueError, RecursionError):
        raise MessageError("data_base64 is no JSON in base64: send data") from None


def _cd_event(outer: Mapping[str, str], body: object, place: str) -> Nomination | Ignored:
    found = _FINISHED.fullmatch(outer["type"])
    if found is None:
        return Ignored(
            f"its type is {outer['type']}: only dev.cdevents.pipelinerun.finished, taskrun.finished"
            " and testsuiterun.finished say that nodes are empty"
        )
    event = table(body, place)
    context = table(event.get("context"), f"context of {place}")
    for name in _COMMON:
        if context.get(name) != outer[name]:
            raise MessageError(
                f"context.{name} of {place} is {context.get(name)!r:.80}, and {name} of the"
                f" CloudEvent {outer[name]!r:.80}: CDEvents has the same in both"
            )
    # 0.5 renamed the field; its schemas still ask for the old one.
    version = context.get("specversion", context.get("version"))
    if not (isinstance(version, str) and _VERSION.fullmatch(version)):
        raise MessageError(f"context of {place} is of CDEvents {version!r:.40}: send 0.4 or 0.5")
    return _nomination(outer, event, found[1], place)


def _nomination(
    outer: Mapping[str, str], event: Mapping[str, Any], subject: str, place: str
) -> Nomination | Ignored:
    about = table(event.get("subject"), f"subject of {place}")
    content = table(about.get("content"), f"subject.content of {place}")
    ours = _ours(event.get("customData"), place)
    named = Nomination(
        source=outer["source"],
        id=outer["id"],
        nodes=nodes(ours.get("nodes"), "customData.ephyra.nodes"),
        instances=instances(ours.get("instances"), "customData.ephyra.instances"),
        label=maybe(ours.get("build"), "customData.ephyra.build") or _label(content, subject),
        result=maybe(content.get("outcome"), "subject.content.outcome").upper(),
    )
    if named.nodes or named.instances or named.label:
        return named
    return Ignored("it names no node, no instance and no pipeline, task or test suite")


def _ours(custom: object, place: str) -> Mapping[str, Any]:
    """Return what a producer told ephyrad; customData is anybody's, and may be no object."""
    ours = custom.get("ephyra") if isinstance(custom, dict) else None
    return {} if ours is None else table(ours, f"customData.ephyra of {place}")


def _label(content: Mapping[str, Any], subject: str) -> str:
    if subject == "testsuiterun":
        suite = content.get("testSuite")
        suite = suite if isinstance(suite, dict) else {}
        return maybe(suite.get("name", suite.get("id")), "subject.content.testSuite.name")
    name = _NAMES[subject]
    return maybe(content.get(name), f"subject.content.{name}")
