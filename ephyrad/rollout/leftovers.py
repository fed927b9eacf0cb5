# SPDX-License-Identifier: Apache-2.0
"""What still stands in the cloud that nodes leave, why, and what is to be done about it.

What could not be read is None here: nothing is said of it, and whoever asks has to be told so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import ServerFacts
from ephyrad.migration.identity import Account
from ephyrad.migration.migration import Migration
from ephyrad.migration.mirror import bears_a_mark
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Declaration
from ephyrad.rollout.selection import belongs, excluded

_Nodes = Mapping[str, Candidate]


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that is left, in words what is said of it alone."""

    id: str
    name: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Leftover:
    """Things that are left for the same reason, with the cure in words. `kind` is for machines."""

    kind: str
    text: str
    cure: str
    things: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the clouds showed. The cloud that nodes leave was read before the other, so that a node
    on its way is in one of them at least. `declared` is the rollout's, None where all are meant.
    """

    direction: Direction
    declared: Declaration | None
    migrations: Mapping[str, Migration]
    leaving: _Nodes | None
    entering: _Nodes | None
    servers: Sequence[ServerFacts] | None
    providers: Sequence[Account] | None


_TEXTS = {
    "held": (
        "held",
        (
            "see `ephyra node show NODE`, mend what holds it, then `ephyra release NODE`; or have"
            " it go back with `ephyra node abort NODE`"
        ),
    ),
    "waiting": (
        "waits for its owner to delete the instance",
        "ask its owner; a rollout's `drain` may give notice",
    ),
    "under-way": ("on its way", "let it arrive: see `ephyra node show NODE`"),
    "going-back": ("aborted, and on its way back", "let it arrive: see `ephyra node show NODE`"),
    "went-back": ("aborted, and back where it was", "ask for it again when it may go"),
    "returned": ("carried back here", "ask for it again when it may go"),
    "arrived": (
        "arrived, but the old cloud has a record of its UUID again",
        (
            "find out who made that record; have the old Ironic let go of its BMC (maintenance),"
            " then delete it there"
        ),
    ),
    "stray": (
        "bears ephyrad's mark and is not in its journal",
        (
            "see `ephyra node strays`; take it on with `ephyra migrate --strays`, or leave it to"
            " the ephyrad whose it is"
        ),
    ),
    "excluded": ("excluded by the rollout's file", "take it out of `exclude`, or retire it"),
    "not-selected": (
        "fits none of the rollout's nodes",
        "name it in a rollout, ask with `ephyra migrate NODE`, or retire it",
    ),
    "maintenance": (
        "in maintenance, and nobody asked for it",
        "repair it and end its maintenance, then ask for it; or retire it",
    ),
    "not-begun": (
        "of the rollout, and not begun with",
        "see `ephyra rollout show`; where it is over, start another one",
    ),
    "not-asked": (
        "nobody asked for it",
        "ask with `ephyra migrate NODE` or a rollout, or retire it",
    ),
    "instances": (
        "an instance that the old Nova has",
        "have its owner delete it: the old cloud cannot be switched off before",
    ),
    "orphans": (
        "a provider of the old placement whose node is no more in the old Ironic",
        (
            "see whether somebody has an allocation on it (`openstack resource provider show"
            " --allocations UUID`), then `openstack resource provider delete UUID` in the old cloud"
        ),
    ),
    "hosts": (
        "a provider of the old placement that is no node: a compute host",
        "empty it, and take its compute service away",
    ),
    "both": (
        "in both clouds' Ironic, and not on its way",
        (
            "find out which record counts; one BMC must not have two Ironics: set maintenance on"
            " the other one, then delete it"
        ),
    ),
    "neither": (
        "in the journal, and in neither cloud's Ironic",
        (
            "find out who deleted it, or whether ephyrad's user may no longer see it; enroll it"
            " anew where the machine is still needed"
        ),
    ),
}


def leftovers(seen: Seen) -> Sequence[Leftover]:
    """Return what is left, by kind; none: as far as was read, nothing."""
    things: dict[str, list[Thing]] = {kind: [] for kind in _TEXTS}
    for kind, thing in (*_nodes(seen), *_instances(seen), *_of_placement(seen), *_records(seen)):
        things[kind].append(thing)
    words = seen.direction.words
    return [
        Leftover(kind, words(text), words(_way(cure, seen)), tuple(_by_name(things[kind])))
        for kind, (text, cure) in _TEXTS.items()
        if things[kind]
    ]


def _way(cure: str, seen: Seen) -> str:
    if seen.direction is Direction.FORWARD:
        return cure
    return cure.replace("`ephyra migrate NODE`", "`ephyra node return NODE`")


def _nodes(seen: Seen) -> Iterator[tuple[str, Thing]]:
    for node in (seen.leaving or {}).values():
        kind, words = _why(seen, node)
        yield kind, Thing(node.uuid, node.facts.name, "; ".join(filter(None, (words, shown(node)))))


def _why(seen: Seen, node: Candidate) -> tuple[str, str]:
    """Return why a node is in the cloud that nodes leave: the kind, and words of its own."""
    journey = seen.migrations.get(node.uuid)
    if journey is None:
        return _unasked(seen, node), ""
    if journey.hold is not None and not journey.over:
        return "held", f"{journey.hold.cause}: {journey.hold.reason}"
    if journey.over:
        return _after(seen, journey), ""
    if journey.direction is not seen.direction:
        return "returned", "on its way back here"
    if journey.aborting:
        return "going-back", ""
    if not journey.in_flight and (journey.was_in_use or node.in_use):
        return "waiting", ""
    return "under-way", str(journey.state)


def _after(seen: Seen, journey: Migration) -> str:
    same = journey.direction is seen.direction
    if journey.finished:
        return "arrived" if same else "returned"
    # It went back to where it came from: here, or there with a record here that nobody expects.
    return "went-back" if same else "arrived"


def _unasked(seen: Seen, node: Candidate) -> str:
    declared = seen.declared
    if bears_a_mark(node.facts):
        return "stray"
    if declared is not None and excluded(declared, node):
        return "excluded"
    if declared is not None and not belongs(declared, node):
        return "not-selected"
    if node.facts.maintenance:
        return "maintenance"
    return "not-asked" if declared is None else "not-begun"


def shown(node: Candidate) -> str:
    """Return in words how Ironic shows a node."""
    facts = node.facts
    parts = [facts.provision_state.value]
    if facts.instance_uuid:
        parts.append(f"instance {facts.instance_uuid}")
    if facts.maintenance:
        parts.append(f"in maintenance ({facts.maintenance_reason or 'no reason'})")
    if facts.retired:
        parts.append(f"retired ({facts.retired_reason or 'no reason'})")
    if facts.protected:
        parts.append("protected")
    return ", ".join(parts)


def _instances(seen: Seen) -> Iterator[tuple[str, Thing]]:
    names = {uuid: node.facts.name for uuid, node in (seen.leaving or {}).items()}
    for server in seen.servers or ():
        task = f" ({server.task})" if server.task else ""
        where = "on no node"
        if server.node is not None:
            where = f"on {names.get(server.node) or server.node}"
        words = f"{server.state}{task}, {where}, project {server.project}"
        yield "instances", Thing(server.uuid, None, words)


def _of_placement(seen: Seen) -> Iterator[tuple[str, Thing]]:
    """Give the providers that are no node's: a node's has its UUID as its name (observed)."""
    if seen.leaving is None:
        return
    for provider in seen.providers or ():
        if provider.id not in seen.leaving:
            kind = "orphans" if provider.name == provider.id else "hosts"
            yield kind, Thing(provider.id, provider.name, "")


def _records(seen: Seen) -> Iterator[tuple[str, Thing]]:
    if seen.leaving is None or seen.entering is None:
        return
    for uuid in seen.leaving.keys() & seen.entering.keys():
        journey = seen.migrations.get(uuid)
        if journey is None or journey.over:
            here, there = seen.leaving[uuid], seen.entering[uuid]
            words = seen.direction.words("{} in the old cloud, {} in the new cloud")
            yield "both", Thing(uuid, here.facts.name, words.format(shown(here), shown(there)))
    for uuid, journey in seen.migrations.items():
        if uuid not in seen.leaving and uuid not in seen.entering:
            yield "neither", Thing(uuid, journey.name, _as_known(journey))


def _as_known(journey: Migration) -> str:
    if journey.finished:
        return f"it arrived {journey.since:%F %T} UTC"
    return f"{journey.state} since {journey.since:%F %T} UTC"


def _by_name(things: Iterable[Thing]) -> Sequence[Thing]:
    return sorted(things, key=lambda each: (each.name or "", each.id))
