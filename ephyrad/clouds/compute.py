# SPDX-License-Identifier: Apache-2.0
"""What Nova and placement say of an Ironic node."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ephyrad.clouds.decode import DecodeError, server_facts
from ephyrad.clouds.environment.reading import next_of, taking_apart
from ephyrad.clouds.errors import Answer, is_absence, words_of
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Service
from ephyrad.migration.facts import ComputeFacts, ProviderFacts, ServerFacts
from ephyrad.migration.flavors import Flavors, flavor_facts
from ephyrad.migration.identity import Account
from ephyrad.migration.outcomes import Outcome

_SERVERS = "/servers/detail"
_FLAVORS = "/flavors/detail"
_PROVIDERS = "/resource_providers"
_NODE = "OS-EXT-SRV-ATTR:hypervisor_hostname"

WITH_SPECS = (2, 61)
"""The first API version in which flavors are listed with their extra specs."""

# No node has this UUID.
_NONE = "00000000-0000-0000-0000-000000000000"


class Compute:
    """Nova and placement of one cloud.

    A node of Ironic's is Nova's hypervisor and placement's provider of the same UUID (observed).
    """

    def __init__(self, nova: Service, placement: Service, page_size: int) -> None:
        self._nova = nova
        self._placement = placement
        self._page_size = page_size

    def refusal(self) -> str | None:
        """Return the words of the first of the two that refuses these credentials.

        :raises CloudReadError: one could not be asked.
        """
        servers = self._nova.ask(_SERVERS, _on_node(_NONE) | {"limit": 1})
        if servers.status == 403:
            return f"{self._nova.label}: {words_of(servers)}"
        if any(node is not None for _, node in self._placed(servers)):
            return f"{self._nova.label} ignores the filter by node, which is an administrator's"
        path = _provider(_NONE, "inventories")
        inventories = self._placement.ask(path)
        if inventories.status == 403:
            return f"{self._placement.label}: {words_of(inventories)}"
        if not is_absence(inventories, _NONE):
            self._placement.read(path, inventories)
        return None

    def facts(self, uuid: str, *, who: bool = True, offer: bool = True) -> ComputeFacts:
        """Return the servers on a node and who has an allocation, and its inventory.

        The servers are those that Nova lists for the node in all projects. Not among them are one
        that is being scheduled (its allocation is there before Nova names its node: observed), a
        soft-deleted one, and those of a cell that is down: placement's consumers count as well, and
        are read after the servers, so that none can slip between.

        :raises CloudReadError: one could not be asked.
        """
        instances: tuple[str, ...] = ()
        if who:
            placed = self._placed(self._nova.ask(_SERVERS, _on_node(uuid)))
            instances = tuple(server for server, node in placed if node == uuid)
        provider = self._provider_facts(uuid, who=who, offer=offer)
        return ComputeFacts(instances=instances, provider=provider)

    def flavors(self) -> Flavors:
        """Return what every flavor demands, by one paged list; none where it lists no extra specs.

        :raises CloudReadError: they could not be read whole.
        """
        if self._nova.version() < WITH_SPECS:
            return ()
        # Without is_public=None, an administrator is shown the public ones only.
        asked: dict[str, str | int] = {"is_public": "None", "limit": self._page_size}
        with taking_apart(self._nova, _FLAVORS):
            pages = self._nova.pages(_FLAVORS, "flavors", asked, onward=next_of("flavors"))
            return [flavor_facts(raw["name"], raw["extra_specs"]) for page in pages for raw in page]

    def server(self, uuid: str) -> ServerFacts | None:
        """Return a server of any project.

        :raises CloudReadError: Nova could not be asked.
        """
        path = _server(uuid)
        body = self._nova.find(uuid, path)
        if body is None:
            return None
        try:
            found = server_facts(body["server"])
        except (DecodeError, KeyError, TypeError) as error:
            raise _unreadable(self._nova, path, error) from error
        if found.uuid != uuid:
            raise _unreadable(self._nova, path, ValueError(f"server {found.uuid!r:.80}"))
        return found

    def servers(self) -> Sequence[ServerFacts]:
        """Return every server of every project, by one paged list.

        :raises CloudReadError: they could not be read whole.
        """
        asked: dict[str, str | int] = {"all_tenants": 1, "limit": self._page_size}
        try:
            with taking_apart(self._nova, _SERVERS):
                pages = self._nova.pages(_SERVERS, "servers", asked, onward=next_of("servers"))
                return [server_facts(raw) for page in pages for raw in page]
        except DecodeError as error:
            raise _unreadable(self._nova, _SERVERS, error) from error

    def providers(self) -> Sequence[Account]:
        """Return every resource provider; placement gives them in one list, without pages.

        :raises CloudReadError: they could not be read whole.
        """
        with taking_apart(self._placement, _PROVIDERS):
            body = self._placement.get(_PROVIDERS)
            return [Account(raw["uuid"], raw["name"]) for raw in body["resource_providers"]]

    def delete_server(self, uuid: str) -> Outcome:
        """Have a server of any project deleted; Nova answers once it shows it as deleting."""
        return self._nova.delete(uuid, _server(uuid))

    def _placed(self, answer: Answer) -> list[tuple[str, str | None]]:
        """Return each server with the node it is on.

        Nova lets every server that is being scheduled pass the filter by node, and shows it without
        a node (observed on 2023.1; nova/objects/build_request.py, _pass_regex_filters).
        """
        body = self._nova.read(_SERVERS, answer)
        try:
            return [(server["id"], server[_NODE]) for server in body["servers"]]
        except (KeyError, TypeError) as error:
            raise _unreadable(self._nova, _SERVERS, error) from error

    def _provider_facts(self, uuid: str, *, who: bool, offer: bool) -> ProviderFacts | None:
        held = self._of_provider(uuid, "inventories") if offer else {}
        # There is no provider that has the one and not the other.
        taken = self._of_provider(uuid, "allocations") if who and held is not None else {}
        if held is None or taken is None:
            return None
        try:
            return ProviderFacts(
                inventory={name: (each["total"], each["reserved"]) for name, each in held.items()},
                consumers=tuple(taken),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise _unreadable(self._placement, _provider(uuid, "..."), error) from error

    def _of_provider(self, uuid: str, part: str) -> dict[str, Any] | None:
        """Return what a provider has, None where there is no such provider."""
        path = _provider(uuid, part)
        answer = self._placement.find(uuid, path)
        if answer is None:
            return None
        try:
            return dict(answer[part])
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable(self._placement, path, error) from error


def _on_node(uuid: str) -> dict[str, str | int]:
    # Not /os-hypervisors/detail: at 2.88 and above 2023.1 calls every compute node for it.
    return {"all_tenants": 1, "node": uuid}


def _server(uuid: str) -> str:
    return f"/servers/{quote(uuid, safe='')}"


def _provider(uuid: str, part: str) -> str:
    return f"{_PROVIDERS}/{uuid}/{part}"


def _unreadable(service: Service, path: str, error: Exception) -> CloudReadError:
    return CloudReadError(f"{service.label}: GET {path}: unexpected answer: {error!r}")
