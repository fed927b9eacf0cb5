# SPDX-License-Identifier: Apache-2.0
"""Ironic's lists, page by page."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from ephyrad.testing.http.wire import Reply, Request, reply
from ephyrad.testing.refusals import ApiError

MAX_LIMIT = 1000
"""Ironic's [api]max_limit: a page has never more than this."""

Record = dict[str, Any]
Read = Callable[[int, str | None], list[Record]]


def page(
    request: Request,
    key: str,
    records: Sequence[Record] | Read,
    show: Callable[[Record], Record] = lambda record: record,
    *,
    name: str = "uuid",
) -> Reply:
    """Return the page that a request asks for, as a list under `key`.

    `records` are all of them, or a function that reads `limit` of those after a marker. `name` is
    the field that markers are values of. A full page has a link to the next one, even where
    nothing is there (ironic/api/controllers/v1/collection.py, has_next).
    """
    limit = _limit(request)
    marker = request.query.get("marker")
    found = records(limit, marker) if callable(records) else _slice(records, limit, marker, name)
    answer: dict[str, Any] = {key: [show(record) for record in found]}
    if found and len(found) == limit:
        more = {**request.query, "limit": limit, "marker": found[-1][name]}
        answer["next"] = f"{request.root}{request.path}?{urlencode(more)}"
    return reply(answer)


def _limit(request: Request) -> int:
    text = request.query.get("limit", "0")
    try:
        limit = int(text)
    except ValueError:
        raise ApiError(400, f"Expected an integer for limit: {text}") from None
    return min(limit, MAX_LIMIT) if limit > 0 else MAX_LIMIT


def _slice(
    records: Sequence[Record], limit: int, marker: str | None, name: str
) -> Sequence[Record]:
    if marker is None:
        return records[:limit]
    for at, record in enumerate(records, start=1):
        if record[name] == marker:
            return records[at : at + limit]
    raise ApiError(404, f"{marker} could not be found.")
