# SPDX-License-Identifier: Apache-2.0
"""Reads a message, whichever of the known formats it has."""

import json
from collections.abc import Mapping

from ephyrad.reclaim import cloud_events, jenkins, mq_notifier, plain
from ephyrad.reclaim.nomination import Ignored, MessageError, Nomination

_STRUCTURED = "application/cloudevents+json"
_BATCH = "application/cloudevents-batch+json"


def decode(headers: Mapping[str, str], content: bytes) -> Nomination | Ignored:
    """Return what a message nominates, or why nothing. Names of headers are in small letters.

    :raises MessageError: it cannot be read.
    """
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == _BATCH:
        raise MessageError("batches of CloudEvents are not taken: send each event by itself")
    try:
        body = json.loads(content)
    except ValueError as error:
        raise MessageError(f"the body is no JSON: {error}") from error
    except RecursionError as error:
        raise MessageError("the body is nested too deeply") from error
    if "ce-specversion" in headers:
        return cloud_events.binary(headers, body)
    if not isinstance(body, dict):
        raise MessageError("the body must be a JSON object")
    if media == _STRUCTURED:
        return cloud_events.structured(body)
    if jenkins.is_meant(body):
        return jenkins.read(body)
    return mq_notifier.read(body) if mq_notifier.is_meant(body) else plain.read(body)
