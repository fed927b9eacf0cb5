# SPDX-License-Identifier: Apache-2.0
"""JSON schemas of the engine's answers, made from their types as `ephyrad.api.plain` writes them.

All fields of an answer are always there. More may come in later versions, so no schema forbids
them.
"""

import dataclasses
import enum
import inspect
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

Schema = dict[str, Any]

_SIMPLE: Mapping[object, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}
_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"


class Schemas:
    """Makes schemas. Those of dataclasses stand in `named` and are referred to by their names.

    `words`: what the text of a field can be, by the dataclass and the field, where its type says
    only that it is one.
    """

    def __init__(self, words: Mapping[tuple[type, str], type[enum.StrEnum]]) -> None:
        self.named: dict[str, Schema] = {}
        self._words = words

    def of(self, kind: Any) -> Schema:
        """Return the schema of a type; of an object where it is a mapping of names to types.

        :raises TypeError: nothing is known of such a type.
        """
        if isinstance(kind, Mapping):
            return _object({name: self.of(below) for name, below in kind.items()})
        origin, inner = typing.get_origin(kind), typing.get_args(kind)
        if origin in (types.UnionType, typing.Union):
            return _any_of(map(self.of, inner))
        if origin in (tuple, Sequence):
            return {"type": "array", "items": self.of(inner[0])}
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        if kind is Any:
            return {}
        if kind is datetime:
            return {"type": "string", "format": "date-time", "pattern": _TIME}
        if kind in _SIMPLE:
            return {"type": _SIMPLE[kind]}
        if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
            return words(kind)
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            return self._reference(kind)
        raise TypeError(f"an answer of the API cannot have the type {kind}")

    def _reference(self, kind: type[Any]) -> Schema:
        name = kind.__name__
        if name not in self.named:
            self.named[name] = {}
            hints = typing.get_type_hints(kind)
            fields = {
                field.name: self._field(kind, field.name, hints[field.name])
                for field in dataclasses.fields(kind)
            }
            self.named[name] = {"description": said(kind), **_object(fields)}
        return {"$ref": f"#/components/schemas/{name}"}

    def _field(self, kind: type[Any], name: str, hint: Any) -> Schema:
        known = self._words.get((kind, name))
        if known is None:
            return self.of(hint)
        return self.of(known if hint is str else known | None)


def words(kind: type[enum.StrEnum]) -> Schema:
    """Return the schema of one of the words of an enumeration."""
    return {"type": "string", "enum": [each.value for each in kind]}


def said(thing: object) -> str:
    """Return what a thing's docstring says, in one line."""
    return " ".join((inspect.getdoc(thing) or "").split())


def _object(fields: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(fields), "required": list(fields)}


def _any_of(kinds: Iterable[Schema]) -> Schema:
    """Put alternatives together; such as are told apart by `type` alone in one schema."""
    found = list(kinds)
    plain = [each for each in found if each != {"type": "null"}]
    if len(plain) == 1 and "type" in plain[0] and len(plain) < len(found):
        one = dict(plain[0])
        if "enum" in one:
            one["enum"] = [*one["enum"], None]
        return {**one, "type": [one["type"], "null"]}
    return {"anyOf": found}
