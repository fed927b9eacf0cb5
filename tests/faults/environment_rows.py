# SPDX-License-Identifier: Apache-2.0
"""Every method of every collection, how it is called, and the calls to the APIs that it makes."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ephyrad.clouds.environment.port import Collection
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Outcome
from tests.faults.troubles import SECRET


@dataclass(frozen=True)
class Row:
    """A method of a collection, and the calls that it makes, in their order.

    `there`: the item is there before. `has_secret`: its POST and its PATCH have the secret.
    `again`: the calls that it makes once more, for another user or to take back what was refused;
    `undo`: what takes back what was begun.
    """

    kind: Kind
    method: str
    calls: tuple[str, ...]
    there: bool = True
    has_secret: bool = False
    again: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        return self.method in ("create", "amend", "delete")

    def __str__(self) -> str:
        return f"{self.kind} {self.method}"


def act(row: Row, collection: Collection, item: Item) -> Any:
    """Call the method about an item that :data:`ITEMS` made."""
    match row.method:
        case "items":
            return collection.items()
        case "item":
            return collection.item(item.key)
        case "create":
            return collection.create(item)
        case "amend":
            return collection.amend(AMENDED[row.kind](item), item)
        case "delete":
            return collection.delete(item.key)
        case "doubt":
            return collection.doubt()
        case _:
            raise AssertionError(row.method)


def outcome_of(row: Row, collection: Collection, item: Item) -> Outcome:
    """Call a method that changes something."""
    outcome: Outcome = act(row, collection, item)
    return outcome


def _name(kind: Kind) -> Item:
    name = f"CUSTOM_FAULTS_{uuid.uuid4().hex[:8].upper()}"
    return Item(kind, name, name, {})


def _steps(kind: Kind, number: str, **more: Any) -> Item:
    step = {"interface": "bios", "step": "apply", "args": {"password": SECRET}, number: 1}
    name = _name(kind).name
    return Item(kind, str(uuid.uuid4()), name, {"name": name, "steps": [step], **more})


def _keypair() -> Item:
    name = f"faults-{uuid.uuid4().hex[:8]}"
    fields = {"user_id": "admin", "name": name, "type": "ssh", "public_key": _KEY}
    return Item(Kind.KEYPAIR, f"admin/{name}", name, fields)


def _flavor() -> Item:
    key = f"faults-{uuid.uuid4().hex[:8]}"
    fields = {"name": key, "ram": 8, "vcpus": 1, "disk": 3, "is_public": False}
    return Item(Kind.FLAVOR, key, key, {**fields, "extra_specs": {"a": "b"}, "access": ["admin"]})


def _aggregate() -> Item:
    name = f"faults-{uuid.uuid4().hex[:8]}"
    fields = {"availability_zone": "zone-1", "metadata": {"a": "b"}}
    return Item(Kind.AGGREGATE, name, name, fields)


def _image() -> Item:
    fields = {
        "name": "faults",
        "owner": "admin",
        "visibility": "private",
        "disk_format": "raw",
        "container_format": "bare",
        "status": "active",
    }
    return Item(Kind.IMAGE, str(uuid.uuid4()), "faults", fields)


_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG9MXtxBpusWPNjxhRWLFEw8xPNY0TLaXDWWhtrdeaas faults"

ITEMS: dict[Kind, Callable[[], Item]] = {
    Kind.RESOURCE_CLASS: lambda: _name(Kind.RESOURCE_CLASS),
    Kind.TRAIT: lambda: _name(Kind.TRAIT),
    Kind.FLAVOR: _flavor,
    Kind.IMAGE: _image,
    Kind.KEYPAIR: _keypair,
    Kind.AGGREGATE: _aggregate,
    Kind.DEPLOY_TEMPLATE: lambda: _steps(Kind.DEPLOY_TEMPLATE, "priority"),
    Kind.RUNBOOK: lambda: _steps(Kind.RUNBOOK, "order", traits=["CUSTOM_A"]),
}
"""What makes an item of a kind, as it is to be created in a simulated cloud."""


def _with(**fields: Any) -> Callable[[Item], Item]:
    return lambda item: replace(item, fields={**item.fields, **fields})


def _restepped(number: str, **fields: Any) -> Callable[[Item], Item]:
    step = {"interface": "bios", "step": "apply", "args": {"password": SECRET}, number: 2}
    return _with(steps=[step], **fields)


AMENDED: dict[Kind, Callable[[Item], Item]] = {
    Kind.RESOURCE_CLASS: lambda item: item,
    Kind.TRAIT: lambda item: item,
    Kind.FLAVOR: _with(description="new", extra_specs={"c": "d"}, access=["service"]),
    Kind.AGGREGATE: _with(availability_zone="zone-2", metadata={"c": "d"}),
    Kind.IMAGE: _with(visibility="shared", members=["p1"], accepted=["p1"]),
    Kind.KEYPAIR: _with(public_key=f"{_KEY}-2"),
    Kind.DEPLOY_TEMPLATE: _restepped("priority"),
    Kind.RUNBOOK: _restepped("order", traits=["CUSTOM_B"]),
}
"""What makes of it another one that is to be there in its place."""


def _of(
    kind: Kind,
    where: str,
    one: str,
    *,
    create: tuple[str, ...],
    amend: tuple[str, ...] = (),
    has_secret: bool = False,
) -> list[Row]:
    return [
        Row(kind, "items", (f"GET {where}",)),
        Row(kind, "item", (f"GET {one}",)),
        Row(kind, "create", create, there=False, has_secret=has_secret),
        Row(kind, "amend", amend, has_secret=has_secret),
        Row(kind, "delete", (f"DELETE {one}",)),
        Row(kind, "doubt", ()),
    ]


def _at(service: str, rows: list[Row]) -> list[Row]:
    def asked(calls: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"{service} {call}" for call in calls)

    return [
        replace(row, calls=asked(row.calls), again=asked(row.again), undo=asked(row.undo))
        for row in rows
    ]


_TRAITS, _CLASSES = "/traits", "/resource_classes"
_TEMPLATES, _RUNBOOKS = "/v1/deploy_templates", "/v1/runbooks"
_IMAGES = "/v2/images"
_KEYS = "compute GET /os-keypairs"
_FLAVOR, _AGGREGATES = "/flavors/{flavor}", "/os-aggregates"
_AGGREGATE = f"{_AGGREGATES}/{{number}}"
_ACCESS, _SPECS = f"GET {_FLAVOR}/os-flavor-access", f"{_FLAVOR}/os-extra_specs"

_FLAVORS = [
    Row(Kind.FLAVOR, "items", ("GET /flavors/detail", _ACCESS)),
    Row(Kind.FLAVOR, "item", (f"GET {_FLAVOR}", _ACCESS)),
    Row(
        Kind.FLAVOR,
        "create",
        ("POST /flavors", f"POST {_SPECS}", f"POST {_FLAVOR}/action"),
        there=False,
        again=(f"POST {_SPECS}",),
        undo=(f"DELETE {_FLAVOR}",),
    ),
    Row(
        Kind.FLAVOR,
        "amend",
        (
            f"PUT {_FLAVOR}",
            f"DELETE {_SPECS}/{{name}}",
            f"POST {_SPECS}",
            f"POST {_FLAVOR}/action",
        ),
        again=(f"POST {_SPECS}", f"POST {_FLAVOR}/action"),
    ),
    Row(Kind.FLAVOR, "delete", (f"GET {_FLAVOR}", _ACCESS, f"DELETE {_FLAVOR}")),
    Row(Kind.FLAVOR, "doubt", (f"GET {_AGGREGATES}",)),
]
_OF_AGGREGATES = [
    Row(Kind.AGGREGATE, "items", (f"GET {_AGGREGATES}",)),
    Row(Kind.AGGREGATE, "item", (f"GET {_AGGREGATES}",)),
    Row(
        Kind.AGGREGATE,
        "create",
        (f"POST {_AGGREGATES}", f"GET {_AGGREGATES}", f"POST {_AGGREGATE}/action"),
        there=False,
        undo=(f"DELETE {_AGGREGATE}",),
    ),
    Row(
        Kind.AGGREGATE,
        "amend",
        (f"GET {_AGGREGATES}", f"PUT {_AGGREGATE}", f"POST {_AGGREGATE}/action"),
    ),
    Row(Kind.AGGREGATE, "delete", (f"GET {_AGGREGATES}", f"DELETE {_AGGREGATE}")),
    Row(Kind.AGGREGATE, "doubt", ()),
]

ROWS = [
    *_at(
        "placement",
        _of(
            Kind.RESOURCE_CLASS,
            _CLASSES,
            f"{_CLASSES}/{{name}}",
            create=(f"PUT {_CLASSES}/{{name}}",),
        ),
    ),
    *_at(
        "placement",
        _of(Kind.TRAIT, _TRAITS, f"{_TRAITS}/{{name}}", create=(f"PUT {_TRAITS}/{{name}}",)),
    ),
    *_at("compute", [*_FLAVORS, *_OF_AGGREGATES]),
    Row(Kind.IMAGE, "items", (f"image GET {_IMAGES}",), again=(f"image GET {_IMAGES}",)),
    Row(Kind.IMAGE, "item", (f"image GET {_IMAGES}/{{image}}",)),
    Row(Kind.IMAGE, "create", (f"image POST {_IMAGES}",), there=False),
    Row(
        Kind.IMAGE,
        "amend",
        (
            f"image PATCH {_IMAGES}/{{image}}",
            f"image GET {_IMAGES}/{{image}}/members",
            f"image POST {_IMAGES}/{{image}}/members",
            f"image PUT {_IMAGES}/{{image}}/members/{{member}}",
        ),
    ),
    Row(
        Kind.IMAGE,
        "delete",
        (f"image GET {_IMAGES}/{{image}}", f"image DELETE {_IMAGES}/{{image}}"),
    ),
    Row(Kind.IMAGE, "doubt", ("image GET /v2/tasks",)),
    Row(
        Kind.KEYPAIR,
        "items",
        ("identity GET /v3/domains", "identity GET /v3/users", _KEYS),
        again=("identity GET /v3/domains", _KEYS),
    ),
    Row(Kind.KEYPAIR, "item", (_KEYS,)),
    Row(Kind.KEYPAIR, "create", ("compute POST /os-keypairs",), there=False),
    Row(
        Kind.KEYPAIR,
        "amend",
        (_KEYS, "compute DELETE /os-keypairs/{name}", "compute POST /os-keypairs"),
        again=("compute POST /os-keypairs",),
    ),
    Row(Kind.KEYPAIR, "delete", (_KEYS, "compute DELETE /os-keypairs/{name}")),
    Row(Kind.KEYPAIR, "doubt", ()),
    *_at(
        "baremetal",
        _of(
            Kind.DEPLOY_TEMPLATE,
            _TEMPLATES,
            f"{_TEMPLATES}/{{ident}}",
            create=(f"POST {_TEMPLATES}",),
            amend=(f"PATCH {_TEMPLATES}/{{ident}}",),
            has_secret=True,
        ),
    ),
    *_at(
        "baremetal",
        _of(
            Kind.RUNBOOK,
            _RUNBOOKS,
            f"{_RUNBOOKS}/{{ident}}",
            create=(f"POST {_RUNBOOKS}", f"PUT {_RUNBOOKS}/{{ident}}/traits"),
            amend=(
                f"PATCH {_RUNBOOKS}/{{ident}}",
                f"PUT {_RUNBOOKS}/{{ident}}/traits",
            ),
            has_secret=True,
        ),
    ),
]
