# SPDX-License-Identifier: Apache-2.0
"""What comes of it that CI nominates a node: word to delete its instance, a wait, or a refusal.

CI is believed in one thing alone: that nobody needs the instance any more that was on the node when
its message came. All else is decided by what the rollout, the journal and the cloud show.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from ephyrad.migration.migration import Migration
from ephyrad.migration.states import State
from ephyrad.rollout import windows
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Declaration, Drain
from ephyrad.rollout.moves import GiveNotice
from ephyrad.rollout.rollout import Status
from ephyrad.rollout.selection import belongs, drain_of, fits
from ephyrad.rollout.standing import Standing, clouds
from ephyrad.rollout.windows import Zones


@dataclass(frozen=True, slots=True)
class Later:
    """It is kept, since this may change."""

    why: str


@dataclass(frozen=True, slots=True)
class Never:
    """It is of no use, and will be of none."""

    why: str


class Directory:
    """Finds nodes of the cloud that they leave by what CI may call them."""

    def __init__(self, nodes: Mapping[str, Candidate]) -> None:
        self.nodes = nodes
        self._names: dict[str, list[Candidate]] = defaultdict(list)
        self._instances: dict[str, Candidate] = {}
        for node in nodes.values():
            self._names[node.facts.name or ""].append(node)
            if node.facts.instance_uuid is not None:
                self._instances[node.facts.instance_uuid] = node

    def named(self, ident: str) -> Candidate | Never:
        """Return the node of a UUID or a name."""
        found = [self.nodes[ident]] if ident in self.nodes else self._names.get(ident, [])
        match found:
            case [node]:
                return node
            case []:
                return Never(f"no node {ident} is in the cloud that the rollout leaves")
            case _:
                return Never(f"{len(found)} nodes are named {ident}: send a UUID")

    def with_instance(self, instance: str) -> Candidate | Never:
        """Return the node that an instance is on."""
        found = self._instances.get(instance)
        return found or Never(f"no node has instance {instance}")


def of_job(
    standing: Standing,
    directory: Directory,
    job: str,
    result: str,
    said_at: datetime,
) -> Sequence[Candidate] | Never:
    """Return the nodes in use that a job which ended so stands for, by the rollout's rules.

    None of them has an instance that came after `said_at`.
    """
    declared = standing.rollout.declared
    rules = [
        rule
        for rule in declared.reclaims
        if any(fnmatchcase(job, each) for each in rule.jobs)
        and (not rule.results or any(fnmatchcase(result, each) for each in rule.results))
    ]
    if not rules:
        said = f"job {job} with result {result or '(none)'}"
        return Never(f"no rule of reclaim of rollout {declared.name} is for {said}")
    return [
        node
        for node in directory.nodes.values()
        if node.facts.instance_uuid is not None
        and came_since(node, said_at) is None
        and _is_reclaimed(declared, node)
        and any(fits(rule.nodes, node) for rule in rules)
    ]


def came_since(node: Candidate, said_at: datetime) -> Never | None:
    """Return why what is on a node cannot be what a message meant that was said at that time.

    The provision state of a node in use changed last when its instance came, or came back from
    rescue: what is not known to be older than the message was not meant.
    """
    instance, since = node.facts.instance_uuid, node.facts.provision_updated_at
    if instance is None or (since is not None and since <= said_at):
        return None
    when = "at a time that is not known" if since is None else f"at {since:%F %T} UTC"
    return Never(f"instance {instance} came on it {when}, and this was said at {said_at:%F %T} UTC")


def verdict(
    standing: Standing, zones: Zones, node: Candidate, instance: str | None, giver: str
) -> GiveNotice | Later | Never:
    """Decide on a node that CI named; `instance` was on it then, None where that is now."""
    shown = node.facts.instance_uuid
    if shown is None:
        return Never("no instance is on it")
    if instance is not None and shown != instance:
        return Never(f"instance {instance} was meant, and {shown} is on it")
    no = _not_of(standing, node)
    if no is not None:
        return no
    journey = standing.journey(node.uuid)
    if journey is None:
        return Later("its turn has not come: the rollout has not begun with it")
    waits = _not_yet(standing, journey) or _closed(standing, zones)
    if waits is not None:
        return waits
    if not node.facts.retired:
        return Later("it is not retired yet")
    known = journey.notice
    if known is not None and known.instance == shown and known.by != giver:
        return Never(f"instance {shown} is to be deleted already, by word of {known.by}")
    return GiveNotice(node.uuid, shown, standing.fleet.at)


def _not_of(standing: Standing, node: Candidate) -> Never | None:
    declared = standing.rollout.declared
    if not belongs(declared, node):
        return Never(f"it is not of rollout {declared.name}")
    policy = drain_of(declared, node).policy
    if policy is not Drain.RECLAIM:
        return Never(f"its drain policy is {policy}, and not {Drain.RECLAIM}")
    if standing.rollout.status is Status.STOPPING:
        return Never(f"rollout {declared.name} was stopped")
    return None


def _not_yet(standing: Standing, journey: Migration) -> Later | Never | None:
    if journey.over or journey.state is not State.ACTIVE:
        leaving, _ = clouds(standing.rollout.declared.direction)
        return Never(f"ephyrad has carried it on already: nothing in the {leaving} cloud is asked")
    if journey.aborting:
        return Never("it goes back to where it was")
    if journey.hold is not None:
        return Later(f"it is held: {journey.hold.reason}")
    if not (journey.touched and journey.was_in_use):
        return Later("it is not retired yet")
    return None


def _closed(standing: Standing, zones: Zones) -> Later | None:
    rollout = standing.rollout
    if not rollout.runs:
        return Later(f"rollout {rollout.name} is {rollout.status}")
    if not windows.is_open(rollout.declared.windows, standing.fleet.at, zones):
        return Later("no window is open")
    return None


def _is_reclaimed(declared: Declaration, node: Candidate) -> bool:
    return belongs(declared, node) and drain_of(declared, node).policy is Drain.RECLAIM
