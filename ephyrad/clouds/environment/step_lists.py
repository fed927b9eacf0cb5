# SPDX-License-Identifier: Apache-2.0
"""What deploy templates and runbooks have in common: each is a list of steps that Ironic keeps.

Ironic shows a secret in a step's arguments to nobody, whatever its policy: in place of the value of
a key that is called like one, and in the midst of a text that reads like `password=...`, stands
`******` (ironic/api/controllers/v1/deploy_template.py and runbook.py; observed on 2023.1 and
2026.2). Only the older release shows what stands within lists. Ironic takes a literal `******`
without a word: it is on ephyrad never to write one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ephyrad.clouds.decode import DecodeError, Raw, each, string
from ephyrad.clouds.environment import mark
from ephyrad.clouds.errors import MASK
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Service
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Outcome, Refused

_MARK = "ephyrad"
"""The member of `extra` that is ephyrad's, whatever it holds."""

# Capital letters, and no hyphens, are kept as they are (observed on 2023.1 and 2026.2).
_UUID = re.compile(r"[0-9a-fA-F]{8}(-?)([0-9a-fA-F]{4}\1){3}[0-9a-fA-F]{12}")

_NOTE = "carried from the old cloud"


@dataclass(frozen=True, slots=True)
class Shape:
    """What Ironic calls a kind of step lists, and what else one has.

    `number` is the field by which its steps are ordered. `defaults` are those of what it has beside
    name, steps and `extra`: what counts as empty.
    """

    kind: Kind
    words: str
    path: str
    key: str
    number: str
    defaults: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


class StepLists:
    """The deploy templates, or the runbooks, of one cloud's Ironic. An item's key is its UUID."""

    def __init__(self, ironic: Service, page_size: int, shape: Shape) -> None:
        self._ironic = ironic
        self._page_size = page_size
        self._shape = shape

    @property
    def kind(self) -> Kind:
        """Which of the two they are."""
        return self._shape.kind

    def items(self) -> list[Item]:
        """Return every one with its steps, by one paged list."""
        params: dict[str, str | int] = {"detail": "true", "limit": self._page_size}
        pages = self._ironic.pages(self._shape.path, self._shape.key, params)
        found = (item for page in pages for item in self._decoded(page))
        # One that moves across a page's edge meanwhile may be listed twice.
        return list({item.key: item for item in found}.values())

    def item(self, key: str) -> Item | None:
        """Return the one of this UUID. Ironic finds one, too, in letters of another case."""
        if not _UUID.fullmatch(key):
            return None
        raw = self._ironic.find(key, self._at(key))
        found = None if raw is None else self._decoded([raw])[0]
        return found if found is not None and found.key == key else None

    def doubt(self) -> None:
        """Return None: who may not see them is refused (403, observed)."""

    def create(self, item: Item) -> Outcome:
        """Make it, with its UUID and the mark. One of that UUID or name is a refusal (409)."""
        trouble = self._trouble(item.fields.get("steps", []))
        if trouble is not None:
            return Refused(0, trouble)
        written = {name: value for name, value in self._written(item).items() if value is not None}
        body = {"uuid": item.key, **written, "extra": _marked(item)}
        return self._ironic.change("POST", self._shape.path, body)

    def amend(self, item: Item, found: Item) -> Outcome:
        """Make it equal, by one PATCH of what differs."""
        trouble = self._trouble(item.fields.get("steps", []))
        if trouble is not None:
            return Refused(0, trouble)
        wanted, there = self._written(item), self._written(found)
        values = {name: value for name, value in wanted.items() if value != there[name]}
        patch = self._operations({**values, "extra": _marked(item)}, item)
        return self._ironic.change("PATCH", self._at(item.key), patch)

    def delete(self, key: str) -> Outcome:
        """Delete it, which Ironic does whoever may need it."""
        return self._ironic.delete(key, self._at(key))

    def _operations(self, values: Mapping[str, Any], item: Item) -> list[dict[str, Any]]:
        """Return the JSON patch that sets these attributes; `add` replaces what is there."""
        return [{"op": "add", "path": f"/{name}", "value": value} for name, value in values.items()]

    def _at(self, key: str) -> str:
        return f"{self._shape.path}/{key}"

    def _written(self, item: Item) -> dict[str, Any]:
        """Return the attributes, but for `extra`, that one call sets, as Ironic takes them."""
        names = {"name": "", "steps": [], **self._shape.defaults}
        return {name: item.fields.get(name, default) for name, default in names.items()}

    def _decoded(self, raws: list[Any]) -> list[Item]:
        try:
            return each(self._shape.words, self._item, raws)
        except DecodeError as error:
            raise CloudReadError(f"{self._ironic.label}: {error}") from error

    def _item(self, raw: Raw) -> Item:
        key, name, extra = string(raw, "uuid"), string(raw, "name"), _extra(raw)
        fields: dict[str, Any] = {"name": name, "steps": sorted(_steps(raw), key=self._place)}
        own = {member: value for member, value in extra.items() if member != _MARK}
        if own:
            fields["extra"] = own
        fields |= self._more(raw)
        said, trouble = _digest(extra, key), self._trouble(fields["steps"])
        return Item(self.kind, key, name, fields, said, trouble)

    def _more(self, raw: Raw) -> dict[str, Any]:
        """Return what else it has that is not empty."""
        return {name: raw[name] for name in self._shape.defaults if raw.get(name)}

    def _place(self, step: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return where a step stands. No two are of one interface and name (observed: 400)."""
        number = step.get(self._shape.number)
        known = number if isinstance(number, int) else 0
        return known, str(step.get("interface")), str(step.get("step"))

    def _trouble(self, steps: Iterable[Mapping[str, Any]]) -> str | None:
        """Say why these steps must not be written, None where they may be."""
        hidden = [
            f"{step.get('interface')}.{step.get('step')}: {path}"
            for step in steps
            for path in _masked(step.get("args"), "")
        ]
        if not hidden:
            return None
        return (
            f"Ironic shows {MASK} in place of secrets in its steps ({', '.join(sorted(hidden))}), "
            f"to everybody: create the {self._shape.words} in the new cloud by hand, with the same "
            "UUID and name, from what it was made of"
        )


def _steps(raw: Raw) -> list[Mapping[str, Any]]:
    steps = raw.get("steps")
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise DecodeError("steps: a list of objects was expected")
    return steps


def _extra(raw: Raw) -> Mapping[str, Any]:
    extra = raw.get("extra")
    if extra is None:
        return {}
    if not isinstance(extra, dict):
        raise DecodeError(f"extra: an object was expected, not {extra!r:.80}")
    return extra


def _digest(extra: Mapping[str, Any], key: str) -> str | None:
    """Return what the mark in an `extra` says of the item of this key, None where it has none."""
    match extra.get(_MARK):
        case {"digest": str(digest)}:
            return mark.read(digest, key)
        case _:
            return None


def _marked(item: Item) -> dict[str, Any]:
    own = item.fields.get("extra", {})
    return {**own, _MARK: {"note": _NOTE, "digest": mark.of(item)}}


def _masked(value: object, path: str) -> Iterator[str]:
    """Give the paths below `path` at which a mask stands, or is a part of the text."""
    match value:
        case str() if MASK in value:
            yield path.removeprefix(".")
        case Mapping():
            for key, inner in value.items():
                yield from _masked(inner, f"{path}.{key}")
        case list():
            for number, inner in enumerate(value):
                yield from _masked(inner, f"{path}[{number}]")
