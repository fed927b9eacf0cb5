# SPDX-License-Identifier: Apache-2.0
"""A declaration as its file spells it: what changed in it is told in the operator's words."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ephyrad.rollout.declaration import (
    Amount,
    ApprovalGate,
    BootGate,
    CommandGate,
    Declaration,
    Gate,
    Limits,
    PrometheusGate,
    Selection,
    Window,
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def spelled(declared: Declaration) -> dict[str, Any]:
    """Return the file's keys with their values; below them, without those that say nothing."""
    floors: dict[str, dict[str, int | str]] = {}
    for floor in declared.floors:
        floors.setdefault(floor.cloud.value, {})[floor.resource_class] = _amount(floor.amount)
    budget, deadlines = declared.budget, declared.deadlines
    return {
        "name": declared.name,
        "nodes": [_selection(each) for each in declared.nodes],
        "exclude": [_selection(each) for each in declared.exclude],
        "direction": declared.direction.value,
        "order": list(declared.order),
        "waves": [
            _saying(
                name=each.name,
                size=_amount(each.size) if each.size else None,
                gates=list(each.gates),
                wait_for_owners=each.waits_for_owners or None,
            )
            for each in declared.waves
        ],
        "limits": _limits(declared.limits),
        "floors": floors,
        "windows": [_window(each) for each in declared.windows],
        "drain": [
            _saying(
                nodes=_selection(each.nodes),
                policy=each.policy.value,
                notice=_duration(each.notice),
            )
            for each in declared.drains
        ],
        "reclaim": [
            _saying(job=list(each.jobs), result=list(each.results), nodes=_selection(each.nodes))
            for each in declared.reclaims
        ],
        "deadlines": _saying(
            drain=_duration(deadlines.drain), rollout=_duration(deadlines.rollout)
        ),
        "budget": _saying(
            held=_amount(budget.held) if budget.held else None, in_a_row=budget.in_a_row
        ),
        "gates": {name: _gate(each) for name, each in declared.gates.items()},
    }


def _selection(selection: Selection) -> dict[str, Any]:
    return _saying(
        name=list(selection.names),
        uuid=list(selection.uuids),
        resource_class=list(selection.resource_classes),
        conductor_group=list(selection.conductor_groups),
        owner=list(selection.owners),
        trait=list(selection.traits),
        **{key: list(values) for key, values in selection.keys.items()},
    )


def _limits(limits: Limits) -> dict[str, Any]:
    starts = limits.starts
    return _saying(
        in_flight=limits.in_flight,
        starts={"count": starts.count, "per": _duration(starts.span)} if starts else None,
        per=dict(limits.by_value),
    )


def _window(window: Window) -> dict[str, Any]:
    days = [DAYS[each] for each in sorted(window.days)]
    times = {"from": f"{window.start:%H:%M}", "to": f"{window.end:%H:%M}"}
    return {"days": days, **times, "zone": window.zone}


def _gate(gate: Gate) -> Mapping[str, Any]:
    within = None if isinstance(gate, ApprovalGate) else _duration(gate.within)
    match gate:
        case CommandGate(command):
            return {"command": list(command), "within": within}
        case PrometheusGate(url, query, at_least=low, at_most=high):
            asked = _saying(url=url, query=query, at_least=low, at_most=high, within=within)
            return {"prometheus": asked}
        case BootGate(image, flavor, network=network, port=port):
            asked = _saying(image=image, flavor=flavor, network=network, within=within, port=port)
            return {"boot": asked}
        case ApprovalGate():
            return {"approval": {}}


def _amount(amount: Amount) -> int | str:
    if amount.percent is None:
        return amount.count or 0
    return f"{amount.percent:.6f}".rstrip("0").rstrip(".") + "%"


def _duration(span: timedelta | None) -> str | None:
    if span is None:
        return None
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def _saying(**values: Any) -> dict[str, Any]:
    """Return the values that say something: neither None nor empty."""
    return {key: value for key, value in values.items() if value not in (None, [], {})}
