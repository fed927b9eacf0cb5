# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of nodes of the old cloud, by the very checks before their first effect.

What nodes share is listed once; what is each node's own is read by a few threads.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from ephyrad.clouds.port import Cloud, CloudReadError
from ephyrad.engine.directories import Lists
from ephyrad.engine.look import Secrets
from ephyrad.engine.perform import Clouds
from ephyrad.migration import preflight, references
from ephyrad.migration.bmc import Bmc, bmc_of
from ephyrad.migration.document import Before, Document, capture
from ephyrad.migration.entries import Asked
from ephyrad.migration.facts import CloudName, CloudView, NewCloudFacts, NodeFacts, NodeRecords
from ephyrad.migration.findings import Finding, Judged, Weight
from ephyrad.migration.leaving import in_the_way, is_fit
from ephyrad.migration.mapping import Kind
from ephyrad.migration.migration import Migration, start
from ephyrad.migration.plan import planned
from ephyrad.migration.policy import Policy
from ephyrad.migration.preflight import Problem
from ephyrad.migration.sighting import Sighting
from ephyrad.migration.steps import Cause

_MANY = 50
"""From how many nodes on the records of all are listed, instead of read one by one."""
_ABREAST = 8
"""Of how many nodes the records are read at a time."""

# What is asked does not depend on it.
_ANY = Before(automated_clean=None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A node's judgement, and where its BMC is; `bmc` is None where that cannot be told."""

    judged: Judged
    bmc: Bmc | None = None


@dataclass(frozen=True, slots=True)
class _NewCloud:
    """What the new cloud has, listed once. `untold` says why it is not known what it has."""

    offer: NewCloudFacts | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    nodes: frozenset[str] = frozenset()
    addresses: Mapping[str, str] = field(default_factory=dict)
    untold: str = ""

    def known(self) -> NewCloudFacts:
        """Return what it offers.

        :raises CloudReadError: it is not known.
        """
        if self.offer is None:
            raise CloudReadError(self.untold)
        return self.offer


@dataclass(frozen=True, slots=True)
class NodePreflight:
    """Judges nodes. `troubles` of a run say why what a cloud shows cannot be believed."""

    clouds: Clouds
    secrets: Secrets
    clock: Callable[[], datetime]
    policy: Callable[[], Policy]
    known: Callable[[str], Migration | None]
    stopping: Callable[[], bool]

    def judge(
        self, nodes: Iterable[NodeFacts], troubles: Mapping[CloudName, str]
    ) -> Sequence[Judgement]:
        """Return the judgement of each of these nodes of the old cloud, in their order."""
        wanted = list(nodes)
        if not wanted:
            return []
        # Of this run: somebody mends what was found, and asks again at once.
        lists = Lists(self.clouds, self.clock)
        new = _listed(self.clouds.new, troubles.get(CloudName.NEW))
        run = _Run(self, lists, new, self.policy(), troubles.get(CloudName.OLD))
        found = run.judge_listed(wanted) if len(wanted) >= _MANY else {}
        left = [node for node in wanted if node.uuid not in found]
        with ThreadPoolExecutor(_ABREAST, "preflight") as pool:
            found |= {each.judged.node: each for each in pool.map(run.judge, left)}
        return [found[node.uuid] for node in wanted]


@dataclass(frozen=True, slots=True)
class _Run:
    by: NodePreflight
    lists: Lists
    new: _NewCloud
    policy: Policy
    old_trouble: str | None

    def judge_listed(self, nodes: Sequence[NodeFacts]) -> dict[str, Judgement]:
        """Return the judgements of those nodes whose records the old cloud lists."""
        wanted = {node.uuid: node for node in nodes}
        found: dict[str, Judgement] = {}
        if self.old_trouble is not None:
            return found
        # The others are read one by one, which tells why.
        with suppress(CloudReadError):
            for records in self.by.clouds.old.every_record():
                node = wanted.get(str(records.node["uuid"]))
                if self.by.stopping():
                    break
                if node is not None:
                    found[node.uuid] = self._judged(node, records, self.by.clock())
        return found

    def judge(self, node: NodeFacts) -> Judgement:
        """Read and judge one node."""
        if self.by.stopping():
            return _unknown(node, "ephyrad is stopping")
        if self.old_trouble is not None:
            return _unknown(node, self.old_trouble)
        at = self.by.clock()
        try:
            records = self.by.clouds.old.records(node.uuid)
        except CloudReadError as error:
            return _unknown(node, str(error))
        if records is None:
            return _unknown(node, "the old cloud has no record of it any more")
        return self._judged(node, records, at)

    def _judged(self, node: NodeFacts, records: NodeRecords, at: datetime) -> Judgement:
        secrets = self.by.secrets(node.uuid, node.name)
        seen = Sighting(at, CloudView(node, records=records), CloudView(None), secrets=secrets)
        document = capture(records, _ANY, secrets)
        found = tuple(self._findings(seen, records.facts or node, records, document))
        info = document.node.get("driver_info") or {}
        bmc = bmc_of(str(document.node.get("driver")), info)
        return Judgement(Judged(node.uuid, node.name, found), bmc)

    def _findings(
        self, seen: Sighting, old: NodeFacts, records: NodeRecords, document: Document
    ) -> Iterator[Finding]:
        if not is_fit(old):
            yield _of_state(old)
        try:
            offer = self.new.known()
            seen = self._with_new_cloud(seen, old, document)
            migration = self.by.known(old.uuid) or _asked(old, seen.at)
            plan = planned(migration, records, _ANY, seen, self.policy)
            offer = self._offer(offer, plan.document)
        except CloudReadError as error:
            yield _unjudged(old.uuid, str(error))
            yield from map(_problem, preflight.old_record(old))
            yield from map(_problem, preflight.secrets(document))
        else:
            yield from map(_problem, in_the_way(plan, seen, self.policy, old, offer))

    def _with_new_cloud(self, seen: Sighting, old: NodeFacts, document: Document) -> Sighting:
        found = self.by.clouds.new.node(old.uuid) if old.uuid in self.new.nodes else None
        policy = self.policy
        served = policy.old_compute and policy.new_compute
        return replace(
            seen,
            new=CloudView(found),
            directories=self.lists.of(references.wanted(document, policy.names)),
            flavors=self.lists.flavors() if served else {},
        )

    def _offer(self, offer: NewCloudFacts, document: Document) -> NewCloudFacts:
        """Return what the new cloud has of what a document names."""
        key = CloudName.NEW, Kind.IMAGE
        images = frozenset(preflight.images(document).values())
        known = self.lists.of([key])[key] if images else None
        return replace(
            offer,
            images=frozenset(each for each in images if known and known.find(each)),
            node_by_name=self.new.names.get(document.name or ""),
            addresses=self.new.addresses,
        )


def _listed(new: Cloud, trouble: str | None) -> _NewCloud:
    if trouble is not None:
        return _NewCloud(untold=trouble)
    try:
        nodes = new.nodes()
        return _NewCloud(
            offer=new.new_cloud_facts(None, (), ()),
            names={node.name: node.uuid for node in nodes if node.name},
            nodes=frozenset(node.uuid for node in nodes),
            addresses=new.addresses(),
        )
    except CloudReadError as error:
        return _NewCloud(untold=str(error))


def _asked(node: NodeFacts, at: datetime) -> Migration:
    """Return the migration that the node would have if it were asked for now."""
    return start(node.uuid, Asked(at, node.name, "preflight"))


def _problem(problem: Problem) -> Finding:
    return Finding(Weight.PROBLEM, problem.cause, problem.text, problem.common)


def _of_state(node: NodeFacts) -> Finding:
    error = f" ({node.last_error})" if node.last_error else ""
    words = f"it is {node.provision_state} in the old cloud"
    cure = "bring it to manageable or available there"
    return Finding(
        Weight.PROBLEM,
        Cause.UNFIT,
        f"{words}{error}: {cure}",
        f"{words}, a state that leads nowhere: {cure}",
    )


def _unknown(node: NodeFacts, why: str) -> Judgement:
    return Judgement(Judged(node.uuid, node.name, (_unjudged(node.uuid, why),)))


def _unjudged(node: str, why: str) -> Finding:
    text = f"{why}; {_cure(why)}"
    return Finding(Weight.UNJUDGED, Cause.UNREACHABLE, text, text.replace(node, "UUID"))


def _cure(why: str) -> str:
    if "HTTP 403" in why or "HTTP 401" in why:
        return "see that ephyrad's user has the role admin there, then ask again"
    return "ask again when that is over"
