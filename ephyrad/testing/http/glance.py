# SPDX-License-Identifier: Apache-2.0
"""Glance of a simulated cloud over HTTP."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from ephyrad.testing.glance import Glance as Images
from ephyrad.testing.glance import Record
from ephyrad.testing.http.versions import ApiVersions
from ephyrad.testing.http.wire import BYTES, Handler, Reply, Request, Routes, html, reply
from ephyrad.testing.refusals import ApiError

PATCH = "application/openstack-images-v2.1-json-patch"

_MOST = 1000
_USUAL = 25
_PIECE = 1 << 16

_TITLES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    410: "Gone",
    415: "Unsupported Media Type",
    500: "Internal Server Error",
}


class Glance:
    """What of Glance ephyrad asks for."""

    def __init__(self, images: Images, versions: ApiVersions) -> None:
        self._images = images
        self._newest = versions.glance
        self.routes = Routes()
        self.routes.add("GET", "/?", self._versions)
        self.routes.add("GET", "/v2/tasks", _worded(self._tasks))
        for method, path, handler in (
            ("GET", "", self._list),
            ("POST", "", self._create),
            ("GET", "/{image}", self._show),
            ("PATCH", "/{image}", self._patch),
            ("DELETE", "/{image}", self._delete),
            ("GET", "/{image}/file", self._download),
            ("PUT", "/{image}/file", self._upload),
            ("POST", "/{image}/actions/{verb}", self._act),
            ("GET", "/{image}/members", self._members),
            ("POST", "/{image}/members", self._add_member),
            ("PUT", "/{image}/members/{member}", self._set_member),
            ("DELETE", "/{image}/members/{member}", self._remove_member),
        ):
            self.routes.add(method, f"/v2/images{path}", _worded(handler))

    def lost(self, request: Request) -> Reply:
        """Return the answer to a request that has no route."""
        return html(404, "Not Found", "The resource could not be found.")

    def unauthorized(self) -> Reply:
        """Return the answer to a token that is none; keystonemiddleware's, in Glance's clothes."""
        return html(
            401,
            "Unauthorized",
            "This server could not verify that you are authorized to access the document you"
            " requested.",
        )

    def _versions(self, request: Request) -> Reply:
        links = [{"rel": "self", "href": f"{request.root}/v2/"}]
        shown = [
            {
                "id": f"v2.{minor}",
                "status": "CURRENT" if minor == self._newest else "SUPPORTED",
                "links": links,
            }
            for minor in range(self._newest, -1, -1)
        ]
        return reply({"versions": shown}, 300)

    def _list(self, request: Request) -> Reply:
        _scoped(request, "get_images")
        asked = request.query
        found = self._images.list_images(
            visibility=asked.get("visibility"), hidden=asked.get("os_hidden") == "true"
        )
        found = [each for each in found if asked.get("status") in (None, each["status"])]
        limit = min(int(asked.get("limit", _USUAL)), _MOST)
        page = _after(found, asked.get("marker"))[:limit]
        answer: dict[str, Any] = {"images": [_shown(each) for each in page]}
        answer |= {"first": "/v2/images", "schema": "/v2/schemas/images"}
        if page and len(page) == limit:
            more = {**asked, "marker": page[-1]["id"]}
            answer["next"] = f"/v2/images?{urlencode(more)}"
        return reply(answer)

    def _create(self, request: Request) -> Reply:
        project = _scoped(request, "add_image")
        return reply(_shown(self._images.create(json.loads(request.body), project)), 201)

    def _tasks(self, request: Request) -> Reply:
        _scoped(request, "tasks_api_access")
        return reply({"tasks": [], "first": "/v2/tasks", "schema": "/v2/schemas/tasks"})

    def _show(self, request: Request, image: str) -> Reply:
        return reply(_shown(self._images.show(image)))

    def _patch(self, request: Request, image: str) -> Reply:
        _scoped(request, "modify_image")
        if request.headers.get("CONTENT_TYPE") != PATCH:
            raise ApiError(415, "The media type is not supported.")
        return reply(_shown(self._images.patch(image, json.loads(request.body))))

    def _delete(self, request: Request, image: str) -> Reply:
        _scoped(request, "delete_image")
        self._images.delete(image)
        return Reply(204, b"", {})

    def _download(self, request: Request, image: str) -> Reply:
        _scoped(request, "download_image")
        content = self._images.content(image)
        if content is None:
            return Reply(204, b"", {})
        span = str(request.headers.get("HTTP_RANGE", ""))
        if not span:
            return Reply(200, content, BYTES)
        start = int(span.removeprefix("bytes=").partition("-")[0])
        ranged = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Reply(206, content[start:], {**BYTES, "Content-Range": ranged})

    def _upload(self, request: Request, image: str) -> Reply:
        _scoped(request, "upload_image")
        if request.source is None:
            raise ApiError(415, "The media type is not supported.")
        left = int(request.headers["CONTENT_LENGTH"])
        with request.lock:
            upload = self._images.take_in(image, left)
        try:
            while left and (part := request.source(min(left, _PIECE))):
                left -= len(part)
                with request.lock:
                    upload.take(part)
        except BaseException:
            with request.lock:
                upload.break_off()
            raise
        with request.lock:
            if left:
                upload.break_off()
                raise ApiError(500, "The server has either erred or is incapable of it.")
            upload.end()
        return Reply(204, b"", {})

    def _act(self, request: Request, image: str, verb: str) -> Reply:
        _scoped(request, verb)
        self._images.set_active(image, active=verb == "reactivate")
        return Reply(204, b"", {})

    def _members(self, request: Request, image: str) -> Reply:
        _scoped(request, "get_members")
        return reply({"members": self._images.members(image), "schema": "/v2/schemas/members"})

    def _add_member(self, request: Request, image: str) -> Reply:
        _scoped(request, "add_member")
        return reply(self._images.add_member(image, json.loads(request.body)["member"]))

    def _set_member(self, request: Request, image: str, member: str) -> Reply:
        _scoped(request, "modify_member")
        return reply(self._images.set_member(image, member, json.loads(request.body)["status"]))

    def _remove_member(self, request: Request, image: str, member: str) -> Reply:
        _scoped(request, "delete_member")
        self._images.remove_member(image, member)
        return Reply(204, b"", {})


def _worded(handler: Callable[..., Reply]) -> Handler:
    """Have refusals answered as Glance does, in HTML."""

    def answer(request: Request, **segments: str) -> Reply:
        try:
            return handler(request, **segments)
        except ApiError as error:
            return html(error.status, _TITLES[error.status], error.message)

    return answer


def _scoped(request: Request, rule: str) -> str:
    """Return the project of the token.

    A system-scoped one may ask for one image, though neither list nor change any (observed).
    """
    if request.token is None or request.token.project is None:
        raise ApiError(403, f"You are not authorized to complete {rule} action.")
    return request.token.project


def _after(records: list[Record], marker: str | None) -> list[Record]:
    if marker is None:
        return records
    for at, record in enumerate(records, start=1):
        if record["id"] == marker:
            return records[at:]
    raise ApiError(400, f"No image found with ID {marker}")


def _shown(record: Record) -> Record:
    place = f"/v2/images/{record['id']}"
    return {**record, "self": place, "file": f"{place}/file", "schema": "/v2/schemas/image"}
