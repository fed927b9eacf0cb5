# SPDX-License-Identifier: Apache-2.0
"""The rollout file: YAML, read into a declaration, each mistake with its line and column.

docs/rollout.rst has every key. What a value may be is in :mod:`ephyrad.conf.rollout_values`, what
does not go together in :mod:`ephyrad.conf.rollout_sense`.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import yaml

from ephyrad.conf import rollout_values as values
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.marked_yaml import (
    WHOLE,
    Gathering,
    Mistake,
    Mistakes,
    Reader,
    compose,
    find,
    mistake,
    record,
    table,
    text,
)
from ephyrad.conf.rollout_sense import nonsense
from ephyrad.migration.direction import Direction
from ephyrad.migration.facts import CloudName
from ephyrad.rollout.declaration import (
    ApprovalGate,
    BootGate,
    Budget,
    CommandGate,
    Deadlines,
    Declaration,
    Drain,
    DrainRule,
    Floor,
    Gate,
    Limits,
    PrometheusGate,
    Rate,
    ReclaimRule,
    Selection,
    WaveRule,
    Window,
)
from ephyrad.rollout.selection import IDLE
from ephyrad.rollout.spelled import DAYS

LARGEST = 1024 * 1024
"""Bytes that a file may have."""

_MOST_TOLD = 20
_FIELDS = {
    "name": "names",
    "uuid": "uuids",
    "resource_class": "resource_classes",
    "conductor_group": "conductor_groups",
    "owner": "owners",
    "trait": "traits",
}


def read(content: bytes | str, name: str) -> Declaration:
    """Return what a rollout file declares; `name` is what messages call it.

    :raises ConfigurationError: a line for each mistake, the first place first.
    """
    title = f"rollout file {name}"
    try:
        root = compose(content, LARGEST)
        declared = _declaration(root)
        _must_make_sense(root, declared)
    except Mistakes as error:
        raise ConfigurationError("\n".join(_told(title, error.found))) from error
    return declared


def _must_make_sense(root: yaml.Node, declared: Declaration) -> None:
    gathering = Gathering()
    for path, what in nonsense(declared):
        with gathering.part():
            raise mistake(find(root, *path), what)
    gathering.end()


def _told(title: str, found: list[Mistake]) -> list[str]:
    lines = [each.told(title) for each in found[:_MOST_TOLD]]
    more = len(found) - len(lines)
    return [*lines, f"{title}: {more} more mistakes: correct these first"] if more else lines


def _declaration(root: yaml.Node) -> Declaration:
    readers: Mapping[str, Reader] = {
        "name": values.word,
        "nodes": _selections,
        "exclude": _selections,
        "direction": _direction,
        "order": partial(values.several, read=_order_key, each="a key of order"),
        "waves": partial(values.several, read=_wave, each="a wave"),
        "limits": _limits,
        "floors": _floors,
        "windows": partial(values.several, read=_window, each="a window"),
        "drain": partial(values.several, read=_drain, each="a rule of drain"),
        "reclaim": partial(values.several, read=_reclaim, each="a rule of reclaim"),
        "deadlines": _deadlines,
        "budget": _budget,
        "gates": partial(table, read=_gate, key=values.word, says="gate {key}"),
    }
    found = record(root, WHOLE, readers, needed=("name", "nodes"))
    for key in ("drain", "reclaim"):
        if key in found:
            found[f"{key}s"] = found.pop(key)
    return Declaration(**found)


def _selections(node: yaml.Node, what: str) -> tuple[Any, ...]:
    if isinstance(node, yaml.SequenceNode):
        return values.several(node, what, _selection, f"a selection of {what}")
    return (_selection(node, what),)


def _selection(node: yaml.Node, what: str) -> Selection:
    if isinstance(node, yaml.ScalarNode) and node.value:
        raise mistake(node, f"{what} must hold keys and values: say name: {node.value}")
    readers = dict.fromkeys(_FIELDS, values.patterns) | {"trait": values.traits}
    families = dict.fromkeys(("extra.", "properties."), values.values)
    found = record(node, what, readers, families=families)
    if not found:
        raise mistake(node, f'{what} names nothing: say name: "*" if every node is meant')
    keys = {key: wanted for key, wanted in found.items() if key not in _FIELDS}
    for key in keys:
        if key in families:
            raise mistake(find(node, key), f"{what} has {key} without a key: name it after the dot")
    fields = {_FIELDS[key]: wanted for key, wanted in found.items() if key in _FIELDS}
    return Selection(**fields, keys=keys)


def _direction(node: yaml.Node, what: str) -> Direction:
    return Direction(values.one_of(*Direction)(node, what))


def _order_key(node: yaml.Node, what: str) -> str:
    return IDLE if getattr(node, "value", None) == IDLE else values.node_key(node, what)


def _wave(node: yaml.Node, what: str) -> WaveRule:
    readers: Mapping[str, Reader] = {
        "name": values.word,
        "size": values.amount,
        "gates": partial(values.several, read=text, each="a gate of a wave"),
        "wait_for_owners": values.truth,
    }
    found = record(node, what, readers, needed=("name",))
    if "wait_for_owners" in found:
        found["waits_for_owners"] = found.pop("wait_for_owners")
    return WaveRule(**found)


def _limits(node: yaml.Node, what: str) -> Limits:
    readers: Mapping[str, Reader] = {
        "in_flight": values.count,
        "starts": _rate,
        "per": partial(table, read=values.count, key=_limit_key),
    }
    found = record(node, what, readers)
    if "per" in found:
        found["by_value"] = found.pop("per")
    return Limits(**found)


def _limit_key(node: yaml.Node, what: str) -> str:
    found = values.node_key(node, what)
    if found == "name":
        raise mistake(node, f"{what} is name, which no two nodes share: use in_flight of limits")
    return found


def _rate(node: yaml.Node, what: str) -> Rate:
    readers: Mapping[str, Reader] = {"count": values.count, "per": values.duration}
    found = record(node, what, readers, needed=readers)
    return Rate(found["count"], found["per"])


def _floors(node: yaml.Node, what: str) -> tuple[Floor, ...]:
    found = record(node, what, dict.fromkeys(CloudName, partial(table, read=values.amount)))
    return tuple(
        Floor(CloudName(cloud), resource_class, amount)
        for cloud, floors in found.items()
        for resource_class, amount in floors.items()
    )


def _window(node: yaml.Node, what: str) -> Window:
    readers: Mapping[str, Reader] = {
        "days": values.days,
        "from": values.start,
        "to": values.end,
        "zone": values.zone,
    }
    found = record(node, what, readers, needed=("from", "to"))
    every = frozenset(range(len(DAYS)))
    zone = found.get("zone", "UTC")
    return Window(found.get("days", every), found["from"], found["to"], zone)


def _drain(node: yaml.Node, what: str) -> DrainRule:
    readers: Mapping[str, Reader] = {
        "nodes": _selection,
        "policy": lambda below, label: Drain(values.one_of(*Drain)(below, label)),
        "notice": values.duration,
    }
    return DrainRule(**record(node, what, readers, needed=("policy",)))


def _reclaim(node: yaml.Node, what: str) -> ReclaimRule:
    readers: Mapping[str, Reader] = {
        "job": values.patterns,
        "result": values.patterns,
        "nodes": _selection,
    }
    found = record(node, what, readers, needed=("job", "nodes"))
    results = tuple(each.upper() for each in found.get("result", ()))
    return ReclaimRule(found["job"], found["nodes"], results)


def _deadlines(node: yaml.Node, what: str) -> Deadlines:
    readers = {"drain": values.duration, "rollout": values.duration}
    return Deadlines(**record(node, what, readers))


def _budget(node: yaml.Node, what: str) -> Budget:
    readers: Mapping[str, Reader] = {"held": values.amount, "in_a_row": values.count}
    return Budget(**record(node, what, readers))


def _gate(node: yaml.Node, what: str) -> Gate:
    readers: Mapping[str, Reader] = {
        "command": _command,
        "prometheus": _prometheus,
        "boot": _boot,
        "approval": _approval,
        "within": values.duration,
    }
    found = record(node, what, readers)
    within = found.pop("within", None)
    if len(found) != 1:
        kinds = ", ".join(each for each in readers if each != "within")
        raise mistake(node, f"{what} must have one of {kinds}, and no other of them: correct it")
    [(kind, gate)] = found.items()
    if kind != "command":
        if within:
            raise mistake(
                find(node, "within"), f"within of {what} belongs into its {kind}: move it"
            )
        return gate  # type: ignore[no-any-return]
    if not within:
        raise mistake(node, f"{what} has no within: say how long its command may take, as 1h")
    return CommandGate(gate, within)


def _command(node: yaml.Node, what: str) -> tuple[Any, ...]:
    if isinstance(node, yaml.ScalarNode) and node.value:
        says = f"{what} must be a list of words: say [{', '.join(node.value.split())}]"
        raise mistake(node, says)
    words = values.several(node, what, text, f"a word in {what}")
    program = str(words[0])
    if not program.startswith("/"):
        cure = f"say where it is, as /usr/local/bin/{program.rpartition('/')[2]}"
        raise mistake(find(node, 0), f"{what}: {program} is no absolute path: {cure}")
    return words


def _prometheus(node: yaml.Node, what: str) -> PrometheusGate:
    readers: Mapping[str, Reader] = {
        "url": values.url,
        "query": text,
        "at_least": values.number,
        "at_most": values.number,
        "within": values.duration,
    }
    found = record(node, what, readers, needed=("url", "query", "within"))
    low, high = found.get("at_least"), found.get("at_most")
    if low is None and high is None:
        raise mistake(node, f"{what} has no bound: add at_least or at_most")
    if low is not None and high is not None and low > high:
        says = f"at_least of {what} is over its at_most, so nothing could pass: correct one"
        raise mistake(find(node, "at_least"), says)
    return PrometheusGate(**found)


def _boot(node: yaml.Node, what: str) -> BootGate:
    readers: Mapping[str, Reader] = {
        "image": text,
        "flavor": text,
        "network": text,
        "within": values.duration,
        "port": values.port,
    }
    return BootGate(**record(node, what, readers, needed=("image", "flavor", "within")))


def _approval(node: yaml.Node, what: str) -> ApprovalGate:
    record(node, what, {})
    return ApprovalGate()
