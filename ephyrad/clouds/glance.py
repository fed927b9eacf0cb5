# SPDX-License-Identifier: Apache-2.0
"""Which images a cloud has."""

from collections.abc import Iterable
from urllib.parse import quote

from ephyrad.clouds.errors import words_of
from ephyrad.clouds.port import CloudSetupError
from ephyrad.clouds.service import Service


class Glance:
    """The Glance of one cloud; a cloud whose catalogue has none has no images."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def refusal(self) -> str | None:
        """Return Glance's words where it refuses these credentials.

        :raises CloudReadError: it could not be asked.
        """
        if not self._is_there():
            return None
        path = "/images"
        answer = self._service.ask(path, {"limit": 1})
        if answer.status == 403:
            return f"{self._service.label}: {words_of(answer)}"
        self._service.read(path, answer)
        return None

    def active(self, images: Iterable[str]) -> frozenset[str]:
        """Return those of these image ids that are there and active.

        Each is asked for by itself: a list leaves out hidden and community images.

        :raises CloudReadError: it could not be asked.
        """
        wanted = set(images)
        if not wanted or not self._is_there():
            return frozenset()
        return frozenset(image for image in wanted if self._is_active(image))

    def _is_there(self) -> bool:
        try:
            self._service.opened()
        except CloudSetupError:
            return False
        return True

    def _is_active(self, image: str) -> bool:
        path = f"/images/{quote(image, safe='')}"
        answer = self._service.ask(path)
        # Glance says 404 in HTML, as a proxy would; a mistaken one only makes a node wait.
        if answer.status == 404:
            return False
        return self._service.read(path, answer).get("status") == "active"
