# SPDX-License-Identifier: Apache-2.0
"""What Ironic's controllers take of a request, and what they answer to what they do not take."""

import json
from collections.abc import Callable, Collection
from typing import Any

from ephyrad.testing.http.wire import Reply, Request, reply
from ephyrad.testing.refusals import ApiError

Answer = Callable[..., Reply]
"""Answers a request, given it, the minor version that it is for, and the segments of its path."""

Guard = Callable[[Answer], Answer]


def linked(request: Request, path: str, record: dict[str, Any]) -> dict[str, Any]:
    """Add the links that a list and its elements have, whatever fields are asked for."""
    place = f"{path}/{record.get('uuid')}"
    record["links"] = [
        {"href": f"{request.root}/v1/{place}", "rel": "self"},
        {"href": f"{request.root}/{place}", "rel": "bookmark"},
    ]
    return record


def only_arguments(request: Request, known: Collection[str]) -> None:
    """Refuse a request that has another argument."""
    unknown = sorted(set(request.query) - set(known))
    if unknown:
        raise ApiError(400, f"Unexpected arguments: {', '.join(unknown)}")


def json_of(request: Request) -> Any:
    """Return what a body is in JSON."""
    try:
        return json.loads(request.body)
    except ValueError as error:
        # No 400: so Ironic of both releases answers (observed).
        raise ApiError(500, str(error)) from error


def object_of(request: Request, what: str) -> dict[str, Any]:
    """Return the JSON object that a body is."""
    body = json_of(request)
    if not isinstance(body, dict):
        raise ApiError(400, f"Schema error for {what}: {body!r} is not of type 'object'")
    return body


def outside_the_api(status: int, title: str, description: str) -> Reply:
    """Return an error that is given before Ironic's controllers are reached."""
    inner = {"code": status, "title": title, "description": description}
    return reply({"error_message": json.dumps(inner)}, status)
