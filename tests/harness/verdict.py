# SPDX-License-Identifier: Apache-2.0
"""What became of a node that was carried, read from both clouds without ephyrad's own code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tests.harness import belongings
from tests.harness.belongings import Belongings
from tests.lab import instances
from tests.lab.fleet import Node
from tests.lab.openstack_api import Api
from tests.lab.ports import Cloud
from tests.lab.settings import Settings


@dataclass(frozen=True)
class Verdict:
    """`complaints`: all that is not as it must be; empty is right.

    `equal`: for the record's fields, the traits and each kind of other records, how many are equal
    in the new cloud, and how many there were; empty where the new cloud has no such node.
    """

    node: str
    complaints: tuple[str, ...]
    equal: Mapping[str, tuple[int, int]]


class Judge:
    """Judges nodes of one lab that were carried to the new cloud, or back to the old one."""

    def __init__(self, lab: Settings, arrived: Cloud = "new") -> None:
        """`arrived` is the cloud in which they are to be."""
        left: Cloud = "old" if arrived == "new" else "new"
        self._lab = lab
        self._left, self._arrived = left, arrived
        self._left_ironic = Api(lab, left, "baremetal")
        self._left_placement = Api(lab, left, "placement")
        self._ironic = Api(lab, arrived, "baremetal")
        self._placement = Api(lab, arrived, "placement")
        self._projects = _namesakes(lab)

    def judge(self, node: Node, before: Belongings) -> Verdict:
        """Judge a node by what the old cloud had of it before it was carried for the first time."""
        complaints = [*self._where_it_was(node), *self._where_it_is(node)]
        if self._ironic.find(f"/v1/nodes/{node.uuid}?fields=uuid") is None:
            return Verdict(node.name, tuple(complaints), {})
        after = belongings.read(self._lab, self._arrived, node.uuid)
        wanted = self._in_new_words(before) if self._arrived == "new" else before
        complaints += belongings.differences(wanted, after)
        return Verdict(node.name, tuple(complaints), belongings.tally(wanted, after))

    def _in_new_words(self, before: Belongings) -> Belongings:
        """Return what a node had with the projects of the same names in the new cloud."""
        node = dict(before.node)
        for field in ("owner", "lessee"):
            node[field] = self._projects.get(node[field], node[field])
        return replace(before, node=node)

    def _where_it_was(self, node: Node) -> Iterator[str]:
        if self._left_ironic.find(f"/v1/nodes/{node.uuid}?fields=uuid") is not None:
            yield f"the {self._left} cloud still has its record"
        if self._left_placement.find(f"/resource_providers/{node.uuid}") is not None:
            yield f"the {self._left} placement still has its provider"

    def _where_it_is(self, node: Node) -> Iterator[str]:
        shown = self._ironic.get("/v1/nodes?fields=uuid,name,provision_state,power_state")
        mine = [one for one in shown["nodes"] if node.name == one["name"]]
        if [one["uuid"] for one in mine] != [node.uuid]:
            yield f"the {self._arrived} cloud has it {len(mine)} times: {mine}"
        elif mine[0]["provision_state"] != "available" or mine[0]["power_state"] is None:
            yield f"the {self._arrived} cloud shows {mine[0]}"
        if not instances.is_free(self._placement, node.uuid):
            yield f"the {self._arrived} placement does not offer it"


def _namesakes(lab: Settings) -> dict[str, str]:
    """Return, for each project of the old cloud, the one of the same name in the new cloud."""
    old, new = (
        Api(lab, cloud, "identity").get("/projects")["projects"] for cloud in ("old", "new")
    )
    ids = {project["name"]: project["id"] for project in new}
    return {each["id"]: ids[each["name"]] for each in old if each["name"] in ids}
