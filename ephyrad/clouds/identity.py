# SPDX-License-Identifier: Apache-2.0
"""The users and the projects of a cloud, as its Keystone lists them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ephyrad.clouds.decode import DecodeError, account, each
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Service
from ephyrad.migration.identity import Account


class Identity:
    """The Keystone of one cloud, read only.

    Lists are shown to system-scoped and to project-scoped administrators alike (observed on 2023.1
    and 2026.2). 2023.1 has no pages: it ignores `limit`, and with an operator's `list_limit` shows
    a part only, which it says by `truncated`.
    """

    def __init__(self, service: Service, page_size: int) -> None:
        self._service = service
        self._page_size = page_size

    def users(self) -> tuple[Account, ...]:
        """Return the users of all domains: a call for the domains, and at least one for each.

        Without a domain, Keystone leaves out those of domains that have a driver of their own, an
        LDAP for instance (server/flask/common.py, _get_domain_id_for_list_request).

        :raises CloudReadError: they could not be read whole.
        """
        domains = self._domains()
        return tuple(
            replace(user, domain=name)
            for ident, name in domains.items()
            for user in self._listed("users", {"domain_id": ident})
        )

    def projects(self) -> tuple[Account, ...]:
        """Return the projects of all domains: two calls, and more where there are many.

        :raises CloudReadError: they could not be read whole.
        """
        # In this order: only one whose domain is being deleted is without a domain then.
        projects = self._listed("projects", {})
        domains = self._domains()
        return tuple(
            replace(project, domain=domains[project.domain])
            for project in projects
            if project.domain in domains
        )

    def _domains(self) -> dict[str, str]:
        return {domain.id: domain.name for domain in self._listed("domains", {})}

    def _listed(self, key: str, params: Mapping[str, str]) -> list[Account]:
        try:
            return each(key.removesuffix("s"), account, self._all(key, params))
        except DecodeError as error:
            raise CloudReadError(f"{self._service.label}: {error}") from error

    def _all(self, key: str, params: Mapping[str, str]) -> Iterator[object]:
        asked: dict[str, str | int] = {**params, "limit": self._page_size}
        for page in self._service.pages(f"/{key}", key, asked, onward=_onward):
            yield from page


def _onward(body: Mapping[str, Any]) -> object:
    links = body.get("links")
    if not isinstance(links, dict):
        raise DecodeError(f"links: an object was expected, not {links!r:.80}")
    link = links.get("next")
    if link is None and body.get("truncated"):
        raise DecodeError("it shows a part of a list only (truncated): raise its list_limit")
    return link
