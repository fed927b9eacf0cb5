# SPDX-License-Identifier: Apache-2.0
"""Which networks a cloud has."""

from collections.abc import Mapping
from typing import Any

from ephyrad.clouds.decode import DecodeError, account, each
from ephyrad.clouds.port import CloudReadError, CloudSetupError
from ephyrad.clouds.service import Service
from ephyrad.migration.identity import Account


class Neutron:
    """The Neutron of one cloud, read only; a cloud whose catalogue has none has no networks.

    To be asked by a project-scoped administrator: 2026.2 shows a system-scoped one an empty list,
    and no error (observed; 2023.1 shows it all).
    """

    def __init__(self, service: Service, page_size: int) -> None:
        self._service = service
        self._page_size = page_size

    def networks(self) -> tuple[Account, ...]:
        """Return the networks of all projects.

        :raises CloudReadError: they could not be read whole.
        """
        try:
            self._service.opened()
        except CloudSetupError:
            return ()
        path, key = "/networks", "networks"
        pages = self._service.pages(path, key, {"limit": self._page_size}, onward=_onward)
        try:
            return tuple(each("network", account, (one for page in pages for one in page)))
        except DecodeError as error:
            raise CloudReadError(f"{self._service.label}: {error}") from error


def _onward(body: Mapping[str, Any]) -> object:
    links = body.get("networks_links", [])
    if not isinstance(links, list) or not all(isinstance(link, dict) for link in links):
        raise DecodeError(f"networks_links: a list of objects was expected, not {links!r:.80}")
    return next((link.get("href") for link in links if link.get("rel") == "next"), None)
