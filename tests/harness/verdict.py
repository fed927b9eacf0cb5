# SPDX-License-Identifier: Apache-2.0
"""What became of a node that was carried, read from both clouds without ephyrad's own code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tests.harness import belongings
from tests.harness.belongings import Belongings
from tests.lab import instances
from tests.lab.fleet import Node
from tests.lab.openstack_api import Api
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
    """Judges nodes of one lab."""

    def __init__(self, lab: Settings) -> None:
        self._lab = lab
        self._old_ironic = Api(lab, "old", "baremetal")
        self._old_placement = Api(lab, "old", "placement")
        self._new_ironic = Api(lab, "new", "baremetal")
        self._new_placement = Api(lab, "new", "placement")
        self._projects = _namesakes(lab)

    def judge(self, node: Node, before: Belongings) -> Verdict:
        """Judge a node by what the old cloud had of it before."""
        complaints = [*self._in_old(node), *self._in_new(node)]
        if self._new_ironic.find(f"/v1/nodes/{node.uuid}?fields=uuid") is None:
            return Verdict(node.name, tuple(complaints), {})
        after = belongings.read(self._lab, "new", node.uuid)
        wanted = self._in_new_words(before)
        complaints += belongings.differences(wanted, after)
        return Verdict(node.name, tuple(complaints), belongings.tally(wanted, after))

    def _in_new_words(self, before: Belongings) -> Belongings:
        """Return what a node had with the projects of the same names in the new cloud."""
        node = dict(before.node)
        for field in ("owner", "lessee"):
            node[field] = self._projects.get(node[field], node[field])
        return replace(before, node=node)

    def _in_old(self, node: Node) -> Iterator[str]:
        if self._old_ironic.find(f"/v1/nodes/{node.uuid}?fields=uuid") is not None:
            yield "the old cloud still has its record"
        if self._old_placement.find(f"/resource_providers/{node.uuid}") is not None:
            yield "the old placement still has its provider"

    def _in_new(self, node: Node) -> Iterator[str]:
        shown = self._new_ironic.get("/v1/nodes?fields=uuid,name,provision_state,power_state")
        mine = [one for one in shown["nodes"] if node.name == one["name"]]
        if [one["uuid"] for one in mine] != [node.uuid]:
            yield f"the new cloud has it {len(mine)} times: {mine}"
        elif mine[0]["provision_state"] != "available" or mine[0]["power_state"] is None:
            yield f"the new cloud shows {mine[0]}"
        if not instances.is_free(self._new_placement, node.uuid):
            yield "the new placement does not offer it"


def _namesakes(lab: Settings) -> dict[str, str]:
    """Return, for each project of the old cloud, the one of the same name in the new cloud."""
    old, new = (
        Api(lab, cloud, "identity").get("/projects")["projects"] for cloud in ("old", "new")
    )
    ids = {project["name"]: project["id"] for project in new}
    return {each["id"]: ids[each["name"]] for each in old if each["name"] in ids}
