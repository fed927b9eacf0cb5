# SPDX-License-Identifier: Apache-2.0
"""The environment of one cloud, put together of the collections that it has."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast

from ephyrad.clouds.connect import Services
from ephyrad.clouds.environment.aggregates import Aggregates
from ephyrad.clouds.environment.deploy_templates import deploy_templates
from ephyrad.clouds.environment.flavors import Flavors
from ephyrad.clouds.environment.images import GlanceImages
from ephyrad.clouds.environment.keypairs import Keypairs
from ephyrad.clouds.environment.pace import Pace
from ephyrad.clouds.environment.placement_names import resource_classes, traits
from ephyrad.clouds.environment.port import Collection, Images
from ephyrad.clouds.environment.runbooks import Runbooks
from ephyrad.clouds.identity import Identity
from ephyrad.clouds.port import CloudReadError, CloudSetupError, NotInCatalogueError
from ephyrad.clouds.service import Service
from ephyrad.clouds.settings import CloudSettings
from ephyrad.environment.kinds import Kind
from ephyrad.migration.facts import CloudName


@dataclass(frozen=True, slots=True)
class _Offer:
    """A kind, and what a cloud that has it needs: a service, of an API version at least.

    `make` is given that service, all services, and the settings.
    """

    kind: Kind
    service: Callable[[Services], Service | None]
    since: tuple[int, int]
    make: Callable[[Service, Services, CloudSettings], Collection]


_OFFERS = (
    _Offer(
        Kind.RESOURCE_CLASS,
        lambda services: services.placement,
        (1, 7),
        lambda placement, _services, _settings: resource_classes(placement),
    ),
    _Offer(
        Kind.TRAIT,
        lambda services: services.placement,
        (1, 6),
        lambda placement, _services, _settings: traits(placement),
    ),
    _Offer(
        Kind.FLAVOR,
        lambda services: services.nova,
        (2, 61),
        lambda nova, _services, settings: Flavors(nova, settings.page_size),
    ),
    _Offer(
        Kind.IMAGE,
        lambda services: services.glance,
        (0, 0),
        lambda glance, _services, settings: GlanceImages(
            glance,
            pace=Pace(settings.image_bandwidth),
            inspects=settings.inspect_images,
            page_size=settings.page_size,
        ),
    ),
    _Offer(
        Kind.KEYPAIR,
        lambda services: services.nova,
        (2, 35),
        lambda nova, services, settings: Keypairs(
            nova,
            partial(_users, services, settings),
            page_size=settings.page_size,
            per_sweep=settings.users_per_sweep,
            at_once=settings.users_at_once,
        ),
    ),
    _Offer(
        Kind.AGGREGATE,
        lambda services: services.nova,
        (2, 1),
        lambda nova, _services, _settings: Aggregates(nova),
    ),
    _Offer(
        Kind.DEPLOY_TEMPLATE,
        lambda services: services.ironic,
        (1, 55),
        lambda ironic, _services, settings: deploy_templates(ironic, settings.page_size),
    ),
    _Offer(
        Kind.RUNBOOK,
        lambda services: services.ironic,
        (1, 92),
        lambda ironic, _services, settings: Runbooks(ironic, settings.page_size),
    ),
)


_BY_KIND = {offer.kind: offer for offer in _OFFERS}


class OpenStackEnvironment:
    """A cloud's environment; :class:`~ephyrad.clouds.environment.port.EnvironmentCloud`.

    It shares the services, and so the tokens and connections, of the cloud's
    :class:`~ephyrad.clouds.gateway.OpenStackCloud`. Any number of threads may call it.
    """

    def __init__(self, settings: CloudSettings, services: Services) -> None:
        """Ask nothing of the cloud; `services` are what `connect` makes of `settings`."""
        self._settings = settings
        self._services = services
        self._made: dict[Kind, Collection] = {}

    @property
    def name(self) -> CloudName:
        """Which of the two clouds it is."""
        return self._settings.name

    @property
    def collections(self) -> Mapping[Kind, Collection]:
        """Each kind that the cloud has, in the order in which they are carried.

        Where a service could not be asked, its kinds are among them, and reading them tells why.
        """
        return _Collections(self._collection)

    @property
    def images(self) -> Images | None:
        """The cloud's images, None where it has no Glance."""
        return cast("Images | None", self.collections.get(Kind.IMAGE))

    def _collection(self, offer: _Offer) -> Collection | None:
        service = offer.service(self._services)
        if service is None or not _may_have(service, offer.since):
            return None
        if offer.kind not in self._made:
            made = offer.make(service, self._services, self._settings)
            # Of two that were made at once, all threads use the same.
            self._made.setdefault(offer.kind, made)
        return self._made[offer.kind]


class _Collections(Mapping[Kind, Collection]):
    """Asks a service whether it has a kind when that kind is looked for: another may be dead."""

    def __init__(self, of: Callable[[_Offer], Collection | None]) -> None:
        self._of = of

    def __getitem__(self, kind: Kind) -> Collection:
        offer = _BY_KIND.get(kind)
        found = None if offer is None else self._of(offer)
        if found is None:
            raise KeyError(kind)
        return found

    def __iter__(self) -> Iterator[Kind]:
        return (kind for kind in Kind if kind in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _users(services: Services, settings: CloudSettings) -> Iterator[str]:
    identity = Identity(services.keystone, settings.page_size)
    return (user.id for user in identity.users())


def _may_have(service: Service, since: tuple[int, int]) -> bool:
    """Say whether a service is there and knows an API version, as far as it can be asked."""
    try:
        return service.opened().version >= since
    except NotInCatalogueError:
        return False
    except (CloudReadError, CloudSetupError):
        return True
