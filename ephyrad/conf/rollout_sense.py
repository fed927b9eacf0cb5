# SPDX-License-Identifier: Apache-2.0
"""What in a rollout file is readable but cannot be meant: what contradicts or can never count."""

from collections.abc import Iterator

from ephyrad.conf.marked_yaml import did_you_mean
from ephyrad.rollout.declaration import Declaration, Drain, DrainRule, Selection

Path = tuple[str | int, ...]
"""The way to a place of the file, by keys and indices from 0."""

Finding = tuple[Path, str]
"""Where, and what is wrong there, with the cure."""


def nonsense(declared: Declaration) -> Iterator[Finding]:
    """Yield what does not go together."""
    yield from _selections(declared)
    yield from _waves(declared)
    yield from _gates(declared)
    yield from _drains(declared)
    yield from _reclaims(declared)
    for index, key in enumerate(declared.order):
        if key in declared.order[:index]:
            yield ("order", index), f"order has {key} twice: remove one"
    for index, window in enumerate(declared.windows):
        if window in declared.windows[:index]:
            yield ("windows", index), "this window is there already: remove one"


def _selections(declared: Declaration) -> Iterator[Finding]:
    for index, selection in enumerate(declared.exclude):
        if selection in declared.nodes:
            says = "exclude names what nodes names, so that nothing of it is left: remove one"
            yield ("exclude", index), says


def _waves(declared: Declaration) -> Iterator[Finding]:
    names: set[str] = set()
    percent = 0.0
    ended = ""
    for index, wave in enumerate(declared.waves):
        if wave.name in names:
            yield ("waves", index, "name"), f"wave {wave.name} is there twice: rename one"
        names.add(wave.name)
        if ended:
            says = f"wave {wave.name} would never begin, as wave {ended} takes all that are left"
            yield ("waves", index), f"{says}: make that one smaller, or remove this one"
            continue
        percent += wave.size.percent or 0 if wave.size else 0
        if wave.size is None or percent >= 100:
            ended = wave.name


def _gates(declared: Declaration) -> Iterator[Finding]:
    for index, wave in enumerate(declared.waves):
        for place, name in enumerate(wave.gates):
            where: Path = ("waves", index, "gates", place)
            if name not in declared.gates:
                cure = did_you_mean(name, declared.gates) or "declare it in gates, or remove it"
                yield where, f"wave {wave.name} names the gate {name}, which gates has not: {cure}"
            if name in wave.gates[:place]:
                yield where, f"wave {wave.name} names the gate {name} twice: remove one"
    named = {name for wave in declared.waves for name in wave.gates}
    for name in declared.gates:
        if name not in named:
            says = f"no wave names the gate {name}: add it to gates of a wave, or remove it"
            yield ("gates", name), says


def _drains(declared: Declaration) -> Iterator[Finding]:
    longest = declared.deadlines.drain
    for index, rule in enumerate(declared.drains):
        yield from _drain(rule, ("drain", index))
        if rule.notice and longest and rule.notice >= longest:
            says = "notice is not over when drain of deadlines holds the node: shorten the one, or"
            yield ("drain", index, "notice"), f"{says} lengthen the other"
        before = [each.nodes for each in declared.drains[:index]]
        if Selection() in before:
            says = "a rule before this one has no nodes and so fits all: put that one last"
            yield ("drain", index), says
        elif rule.nodes in before:
            yield ("drain", index), "a rule before this one has the same nodes: remove one"


def _reclaims(declared: Declaration) -> Iterator[Finding]:
    uses = any(rule.policy is Drain.RECLAIM for rule in declared.drains)
    for index, rule in enumerate(declared.reclaims):
        where: Path = ("reclaim", index)
        if not uses:
            says = "reclaim is for nodes of drain policy reclaim, and no rule of drain has it"
            yield where, f"{says}: add one, as {{policy: reclaim}}, or remove this"
        if rule in declared.reclaims[:index]:
            yield where, "this rule of reclaim is there already: remove one"


def _drain(rule: DrainRule, where: Path) -> Iterator[Finding]:
    if rule.policy is not Drain.RELEASE:
        if rule.notice:
            says = f"notice is for policy release alone, and this is {rule.policy}: remove one"
            yield (*where, "notice"), says
        return
    if rule.notice is None:
        yield (*where, "policy"), "policy release has no notice: say how long before, as notice: 2d"
    if rule.nodes == Selection():
        says = 'policy release deletes instances, so it needs nodes: say {name: "*"} for all'
        yield (*where, "policy"), says
