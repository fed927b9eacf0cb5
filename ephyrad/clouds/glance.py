# SPDX-License-Identifier: Apache-2.0
"""Which images a cloud has."""

from collections.abc import Iterable
from urllib.parse import quote

from ephyrad.clouds.decode import DecodeError, each, image
from ephyrad.clouds.errors import words_of
from ephyrad.clouds.port import CloudReadError, CloudSetupError
from ephyrad.clouds.service import Service
from ephyrad.migration.identity import Account


class Glance:
    """The Glance of one cloud; a cloud whose catalogue has none has no images."""

    def __init__(self, service: Service, page_size: int) -> None:
        self._service = service
        self._page_size = page_size

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
        return frozenset(ident for ident in wanted if self._is_active(ident))

    def listed(self) -> tuple[Account, ...]:
        """Return the active images, hidden ones and those of other projects included, by two lists.

        :raises CloudReadError: they could not be read whole.
        """
        if not self._is_there():
            return ()
        return tuple(image for hidden in ("false", "true") for image in self._list(hidden))

    def _list(self, hidden: str) -> list[Account]:
        params: dict[str, str | int] = {"os_hidden": hidden, "limit": self._page_size}
        params |= {"visibility": "all", "member_status": "all", "status": "active"}
        pages = self._service.pages("/images", "images", params)
        try:
            return each("image", image, (one for page in pages for one in page))
        except DecodeError as error:
            raise CloudReadError(f"{self._service.label}: {error}") from error

    def _is_there(self) -> bool:
        try:
            self._service.opened()
        except CloudSetupError:
            return False
        return True

    def _is_active(self, ident: str) -> bool:
        path = f"/images/{quote(ident, safe='')}"
        answer = self._service.ask(path)
        # Glance says 404 in HTML, as a proxy would; a mistaken one only makes a node wait.
        if answer.status == 404:
            return False
        return self._service.read(path, answer).get("status") == "active"
