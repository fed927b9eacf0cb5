# SPDX-License-Identifier: Apache-2.0
"""Glance of a simulated cloud: whether an image is there."""

from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.http.versions import ApiVersions
from ephyrad.testing.http.wire import Reply, Request, Routes, html, reply


class Glance:
    """What of Glance ephyrad asks for."""

    def __init__(self, cloud: SimulatedCloud, versions: ApiVersions) -> None:
        self._cloud = cloud
        self._newest = versions.glance
        self.routes = Routes()
        self.routes.add("GET", "/?", self._versions)
        self.routes.add("GET", "/v2/images", self._list)
        self.routes.add("GET", "/v2/images/{image}", self._show)

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
        # A system-scoped token may ask for one image, though not list them (observed).
        if request.token is None or request.token.project is None:
            return html(403, "Forbidden", "You are not authorized to complete get_images action.")
        images = [_image(image) for image in sorted(self._cloud.images)]
        return reply({"images": images, "first": "/v2/images", "schema": "/v2/schemas/images"})

    def _show(self, request: Request, image: str) -> Reply:
        if image in self._cloud.images:
            return reply(_image(image))
        return html(404, "Not Found", f"No image found with ID {image}")


def _image(image: str) -> dict[str, str]:
    return {"id": image, "status": "active"}
