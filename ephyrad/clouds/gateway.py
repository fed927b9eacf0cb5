# SPDX-License-Identifier: Apache-2.0
"""The port's real implementation: one cloud behind openstacksdk."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from keystoneauth1.session import Session

from ephyrad.clouds.compute import Compute
from ephyrad.clouds.connect import Services, authenticate, connect
from ephyrad.clouds.glance import Glance
from ephyrad.clouds.identity import Identity
from ephyrad.clouds.ironic import Ironic
from ephyrad.clouds.neutron import Neutron
from ephyrad.clouds.port import CloudReadError, CloudSetupError, NotInCatalogueError, Verb
from ephyrad.clouds.service import Service
from ephyrad.clouds.settings import CloudSettings
from ephyrad.migration.effects import PartKind
from ephyrad.migration.facts import (
    CloudName,
    ComputeFacts,
    Fault,
    NewCloudFacts,
    NodeFacts,
    NodeRecords,
    ServerFacts,
    ServiceFacts,
)
from ephyrad.migration.flavors import Flavors
from ephyrad.migration.identity import Account
from ephyrad.migration.outcomes import Outcome, Refused
from ephyrad.rollout.candidate import Candidate


class OpenStackCloud:
    """A cloud's services; implements :class:`~ephyrad.clouds.port.Cloud`.

    Making one asks nothing of the cloud: tokens are fetched, endpoints found and API versions
    chosen at the first call of each service. Any number of threads may call it.
    """

    def __init__(
        self,
        settings: CloudSettings,
        clock: Callable[[], float] = time.monotonic,
        services: Services | None = None,
    ) -> None:
        """`clock` gives seconds; it ages the lists of drivers and conductors. `services` are what
        `connect` made of the settings, where others use them as well.

        :raises CloudSetupError: clouds.yaml cannot be used, or does not have the cloud.
        """
        self._settings = settings
        self._services = services or connect(settings)
        self._ironic = Ironic(self._services.ironic, settings.page_size)
        self._glance = Glance(self._services.glance, settings.page_size)
        self._neutron = Neutron(self._services.neutron, settings.page_size)
        self._identity = Identity(self._services.keystone, settings.page_size)
        self._compute: Compute | None = None
        if self._services.nova is not None and self._services.placement is not None:
            self._compute = Compute(
                self._services.nova, self._services.placement, settings.page_size
            )
        self._offer = _Kept(self._ask_offer, settings.drivers_kept, clock)

    @property
    def name(self) -> CloudName:
        return self._settings.name

    def check(self) -> None:
        for session in self._services.sessions:
            authenticate(self._settings, session)
        for service in (self._services.ironic, self._services.nova, self._services.placement):
            if service is not None:
                service.opened()
        refusal = self._ironic.refusal_to_show_all()
        if refusal is not None:
            raise CloudSetupError(_not_all_nodes(self._settings, self._services, refusal))
        refusal = self._compute.refusal() if self._compute is not None else None
        if refusal is None and self.name is CloudName.NEW:
            refusal = self._glance.refusal()
        if refusal is not None:
            raise CloudSetupError(_no_project(self._settings, self._services, refusal))

    def services(self) -> Sequence[ServiceFacts]:
        services = self._services
        asked = (
            *(services.keystone, services.ironic, services.nova, services.placement),
            *(services.glance, services.neutron),
        )
        return [self._reached(service) for service in asked if service is not None]

    def nodes(self) -> Sequence[NodeFacts]:
        return self._ironic.nodes()

    def candidates(self) -> Sequence[Candidate]:
        return self._ironic.candidates()

    def marked(self) -> Sequence[NodeFacts]:
        return self._ironic.marked()

    def node(self, ident: str) -> NodeFacts | None:
        return self._ironic.node(ident)

    def records(self, uuid: str) -> NodeRecords | None:
        return self._ironic.records(uuid)

    def every_record(self) -> Iterator[NodeRecords]:
        return self._ironic.every_record()

    def faults(self, uuid: str) -> tuple[Fault, ...] | None:
        return self._ironic.faults(uuid)

    def compute(self, uuid: str, *, who: bool = True, offer: bool = True) -> ComputeFacts | None:
        return None if self._compute is None else self._compute.facts(uuid, who=who, offer=offer)

    def server(self, uuid: str) -> ServerFacts | None:
        return None if self._compute is None else self._compute.server(uuid)

    def servers(self) -> Sequence[ServerFacts]:
        return () if self._compute is None else self._compute.servers()

    def providers(self) -> Sequence[Account]:
        return () if self._compute is None else self._compute.providers()

    def new_cloud_facts(
        self, name: str | None, addresses: Iterable[str], images: Iterable[str]
    ) -> NewCloudFacts:
        drivers, groups = self._offer.value()
        namesake = self._ironic.node(name) if name else None
        return NewCloudFacts(
            api_version=self._services.ironic.version(),
            drivers=drivers,
            conductor_groups=groups,
            images=self._glance.active(images),
            node_by_name=namesake.uuid if namesake is not None else None,
            addresses=self._ironic.owners_of(addresses),
        )

    def addresses(self) -> Mapping[str, str]:
        return self._ironic.addresses()

    def users(self) -> Sequence[Account]:
        return self._identity.users()

    def projects(self) -> Sequence[Account]:
        return self._identity.projects()

    def networks(self) -> Sequence[Account]:
        return self._neutron.networks()

    def image_names(self) -> Sequence[Account]:
        return self._glance.listed()

    def flavor_facts(self) -> Flavors:
        return () if self._compute is None else self._compute.flavors()

    def provision(self, uuid: str, verb: Verb) -> Outcome:
        return self._ironic.provision(uuid, verb)

    def set_maintenance(self, uuid: str, reason: str) -> Outcome:
        return self._ironic.set_maintenance(uuid, reason)

    def clear_maintenance(self, uuid: str) -> Outcome:
        return self._ironic.clear_maintenance(uuid)

    def patch_node(self, uuid: str, values: Mapping[str, Any]) -> Outcome:
        return self._ironic.patch_node(uuid, values)

    def power_off(self, uuid: str) -> Outcome:
        return self._ironic.power_off(uuid)

    def create_node(self, body: Mapping[str, Any]) -> Outcome:
        return self._ironic.create_node(body)

    def create_part(self, kind: PartKind, body: Mapping[str, Any]) -> Outcome:
        return self._ironic.create_part(kind, body)

    def set_traits(self, uuid: str, traits: Sequence[str]) -> Outcome:
        return self._ironic.set_traits(uuid, traits)

    def delete_node(self, uuid: str) -> Outcome:
        return self._ironic.delete_node(uuid)

    def delete_server(self, uuid: str) -> Outcome:
        if self._compute is None:
            return Refused(0, f"no Nova of the {self.name} cloud is configured")
        return self._compute.delete_server(uuid)

    def _reached(self, service: Service) -> ServiceFacts:
        name = service.label.removesuffix(f" of the {self.name} cloud")
        try:
            version = service.opened().version
        except NotInCatalogueError as error:
            trouble = None if service in self._may_lack() else str(error)
            return ServiceFacts(name, there=False, trouble=trouble)
        except (CloudReadError, CloudSetupError) as error:
            return ServiceFacts(name, there=True, trouble=str(error))
        trouble = self._hidden_networks() if service is self._services.neutron else None
        text = ".".join(map(str, version)) if any(version) else ""
        return ServiceFacts(name, there=True, version=text, trouble=trouble)

    def _may_lack(self) -> tuple[Service, ...]:
        return (self._services.glance, self._services.neutron)

    def _hidden_networks(self) -> str | None:
        """Return why Neutron shows no networks, where that is for the credentials' scope.

        2026.2 shows a system-scoped administrator none, and no error (observed; 2023.1 shows all).
        """
        session = next(reversed(self._services.sessions), None)
        if session is None or _scope(session) != _SYSTEM:
            return None
        try:
            if self._neutron.networks():
                return None
        except CloudReadError as error:
            return str(error)
        return _no_project(
            self._settings, self._services, f"Neutron of the {self.name} cloud shows no networks"
        )

    def _ask_offer(self) -> "_Offer":
        return self._ironic.drivers(), self._ironic.conductor_groups()


_SYSTEM = "system-scoped"

_Offer = tuple[Mapping[str, Mapping[str, frozenset[str]]], frozenset[str]]


class _Kept:
    """An answer that is asked again when it is too old."""

    def __init__(
        self, ask: Callable[[], _Offer], seconds: float, clock: Callable[[], float]
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._clock = clock
        self._kept: tuple[float, _Offer] | None = None
        self._lock = threading.Lock()

    def value(self) -> _Offer:
        with self._lock:
            if self._kept is None or self._clock() - self._kept[0] >= self._seconds:
                self._kept = self._clock(), self._ask()
            return self._kept[1]


def _not_all_nodes(settings: CloudSettings, services: Services, refusal: str) -> str:
    scope = _scope(services.sessions[0])
    return (
        f"{settings.group}: the credentials are {scope}, and Ironic of the {settings.name} cloud "
        f"hides the nodes of others from them, without an error ({refusal}); give them system "
        "scope (system_scope = all) and the role admin"
    )


def _no_project(settings: CloudSettings, services: Services, refusal: str) -> str:
    scope = _scope(services.sessions[-1])
    return (
        f"{settings.group}: {refusal}; this service is asked with credentials that are {scope} and "
        "wants those of an administrator scoped to a project: name them in project_cloud or in "
        f"[{settings.name}_cloud_project]"
    )


def _scope(session: Session) -> str:
    """Return what the session's token is scoped to, in words."""
    get_access = getattr(session.auth, "get_access", None)
    if get_access is None:
        return "without scope"
    access = get_access(session)
    if access.system_scoped:
        return _SYSTEM
    return f"scoped to project {access.project_name!r}" if access.project_scoped else "unscoped"
