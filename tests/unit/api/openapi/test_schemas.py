# SPDX-License-Identifier: Apache-2.0
"""Schemas follow from types as answers are written."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest

from ephyrad.api.openapi.schemas import Schemas
from ephyrad.api.plain import plain


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf,
    of a tree."""

    at: datetime
    colour: str
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    leaves: tuple[Leaf, ...]
    first: Leaf | None = None


WORDS: Mapping[tuple[type, str], type[enum.StrEnum]] = {
    (Leaf, "colour"): Colour,
    (Leaf, "once"): Colour,
}


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (str, {"type": "string"}),
        (bool, {"type": "boolean"}),
        (float, {"type": "number"}),
        (int | None, {"type": ["integer", "null"]}),
        (Any, {}),
        (Sequence[int], {"type": "array", "items": {"type": "integer"}}),
        (Mapping[str, Any], {"type": "object", "additionalProperties": {}}),
        (
            dict[str, tuple[str, ...]],
            {
                "type": "object",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
        ),
        (
            {"count": int},
            {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]},
        ),
        (str | int, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        (Colour | None, {"type": ["string", "null"], "enum": ["red", "blue", None]}),
    ],
)
def test_a_type_has_its_schema(kind: Any, schema: Mapping[str, Any]) -> None:
    assert Schemas({}).of(kind) == schema


def test_a_dataclass_stands_once_under_its_name() -> None:
    schemas = Schemas(WORDS)

    assert schemas.of(Tree) == {"$ref": "#/components/schemas/Tree"}
    assert list(schemas.named) == ["Tree", "Leaf"]
    assert schemas.named["Leaf"]["description"] == "A leaf, of a tree."
    assert schemas.named["Leaf"]["properties"]["colour"]["enum"] == ["red", "blue"]
    assert schemas.named["Leaf"]["required"] == ["at", "colour", "once"]


def test_what_is_written_fits() -> None:
    schemas = Schemas(WORDS)
    leaf = Leaf(datetime(2026, 1, 2, tzinfo=UTC), "red")
    whole = {**schemas.of(Tree), "components": {"schemas": schemas.named}}
    valid = jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid

    assert valid(plain(Tree((leaf,))))
    assert valid(plain(Tree((), leaf)))
    assert not valid(plain(Tree((Leaf(leaf.at, "green"),))))
    assert not valid({"leaves": []})


def test_a_type_that_is_no_answers_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot have the type"):
        Schemas({}).of(bytes)
