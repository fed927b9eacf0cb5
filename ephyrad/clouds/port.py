# SPDX-License-Identifier: Apache-2.0
"""The port through which ephyrad sees and changes a cloud.

Reads return facts or raise :class:`CloudReadError`. Effects return an outcome and never raise:
each may be called again for the same thing after a crash or a time-out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

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
from ephyrad.migration.outcomes import Outcome
from ephyrad.rollout.candidate import Candidate

Verb = Literal["manage", "provide"]


class CloudReadError(Exception):
    """A cloud could not be read; the message names the cloud, the call and the cause."""


class CloudSetupError(Exception):
    """A cloud cannot be used as configured; the message names the option and the cure."""


class NotInCatalogueError(CloudSetupError):
    """The service catalogue has no such service where it was looked for."""


class Cloud(Protocol):
    """One control plane: its Ironic and Keystone and, where there are, its Nova, placement,
    Glance and Neutron.
    """

    @property
    def name(self) -> CloudName:
        """Which of the two it is."""

    def check(self) -> None:
        """Authenticate, negotiate API versions and try the rights; done once at start.

        :raises CloudSetupError: it cannot be used as configured, for example because the
            credentials are project-scoped and the Ironic behind them shows only that project's
            nodes (observed on 2026.2: an empty list and no error).
        :raises CloudReadError: it could not be asked.
        """

    def services(self) -> Sequence[ServiceFacts]:
        """Return how each service is reached that nodes or ephyrad need here. Never raises.

        One that a cloud need not have, and is not in its catalogue, is not `there`.
        """

    def nodes(self) -> Sequence[NodeFacts]:
        """Return every node, by one paged list of the needed fields only.

        :raises CloudReadError: the cloud could not be read whole.
        """

    def candidates(self) -> Sequence[Candidate]:
        """Return every node with all that a rollout may select by, by one paged list.

        :raises CloudReadError: the cloud could not be read whole.
        """

    def marked(self) -> Sequence[NodeFacts]:
        """Return every node whose record bears ephyrad's mark, by one paged list.

        :raises CloudReadError: the cloud could not be read whole.
        """

    def node(self, ident: str) -> NodeFacts | None:
        """Return the node with this UUID or name, None where there is none (404).

        :raises CloudReadError: the cloud could not be read.
        """

    def records(self, uuid: str) -> NodeRecords | None:
        """Return all records of one node, None where there is no such node.

        :raises CloudReadError: the cloud could not be read.
        """

    def every_record(self) -> Iterator[NodeRecords]:
        """Give all records of every node, as :meth:`records` has them, by paged lists.

        What belongs to nodes is listed first, nodes are then given page by page.

        :raises CloudReadError: they could not be read whole; what was given before stands.
        """

    def faults(self, uuid: str) -> tuple[Fault, ...] | None:
        """Return the errors in the node's history, oldest first; None where there is no history.

        :raises CloudReadError: the cloud could not be read.
        """

    def compute(self, uuid: str, *, who: bool = True, offer: bool = True) -> ComputeFacts | None:
        """Return what Nova and placement say of the node; None where none is configured.

        Without `who`, neither servers nor consumers are asked for, and none is given; without
        `offer`, the same is true of the inventory.

        :raises CloudReadError: the cloud could not be read.
        """

    def server(self, uuid: str) -> ServerFacts | None:
        """Return a server of any project; None where there is none (404), or no Nova configured.

        :raises CloudReadError: the cloud could not be read.
        """

    def servers(self) -> Sequence[ServerFacts]:
        """Return every server of every project; none where the cloud has no Nova.

        :raises CloudReadError: they could not be read whole.
        """

    def providers(self) -> Sequence[Account]:
        """Return every resource provider of placement, by UUID and name; none without placement.

        A node's has its UUID as its name, too, and a compute host's its host name.

        :raises CloudReadError: they could not be read whole.
        """

    def new_cloud_facts(
        self, name: str | None, addresses: Iterable[str], images: Iterable[str]
    ) -> NewCloudFacts:
        """Return what preflight needs about a node that is to be created here.

        `addresses` are the MAC addresses and `images` the Glance ids that its document names.

        :raises CloudReadError: the cloud could not be read.
        """

    def addresses(self) -> Mapping[str, str]:
        """Return the UUID of the node that has each MAC address (small letters), by two lists.

        :raises CloudReadError: they could not be read whole.
        """

    def users(self) -> Sequence[Account]:
        """Return every user of Keystone, with the name of its domain.

        :raises CloudReadError: they could not be read whole.
        """

    def projects(self) -> Sequence[Account]:
        """Return every project of Keystone, with the name of its domain.

        :raises CloudReadError: they could not be read whole.
        """

    def networks(self) -> Sequence[Account]:
        """Return every network; none where the cloud has no Neutron.

        :raises CloudReadError: they could not be read whole.
        """

    def image_names(self) -> Sequence[Account]:
        """Return every active image, by id and name; none where the cloud has no Glance.

        :raises CloudReadError: they could not be read whole.
        """

    def flavor_facts(self) -> Flavors:
        """Return what every flavor demands, private ones too; none where the cloud has no Nova.

        A Nova below API 2.61 lists them without their extra specs, and so gives none either.

        :raises CloudReadError: they could not be read whole.
        """

    def provision(self, uuid: str, verb: Verb) -> Outcome:
        """Ask for a provision state change."""

    def set_maintenance(self, uuid: str, reason: str) -> Outcome:
        """Set maintenance, or only its reason where it is set already."""

    def clear_maintenance(self, uuid: str) -> Outcome:
        """Lift maintenance."""

    def patch_node(self, uuid: str, values: Mapping[str, Any]) -> Outcome:
        """Set attributes of a node in one PATCH; the value None removes one.

        `extra/NAME` is one member of an attribute.
        """

    def power_off(self, uuid: str) -> Outcome:
        """Ask for power off."""

    def create_node(self, body: Mapping[str, Any]) -> Outcome:
        """Create a node record in `enroll`."""

    def create_part(self, kind: PartKind, body: Mapping[str, Any]) -> Outcome:
        """Create one record that belongs to a node; `body` names its `node_uuid`."""

    def set_traits(self, uuid: str, traits: Sequence[str]) -> Outcome:
        """Replace the node's traits."""

    def delete_node(self, uuid: str) -> Outcome:
        """Delete a node record with all that belongs to it."""

    def delete_server(self, uuid: str) -> Outcome:
        """Have Nova delete a server of any project, whoever locked it; done when it is accepted."""
