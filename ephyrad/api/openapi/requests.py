# SPDX-License-Identifier: Apache-2.0
"""What requests may say, as schemas. What is taken is decided by :mod:`ephyrad.api.bodies`."""

from ephyrad.api.bodies import LONGEST_IDENT, LONGEST_ITEM, LONGEST_REASON
from ephyrad.api.openapi.schemas import Schema, words
from ephyrad.api.reclaim import MOST_SHOWN, SHOWN
from ephyrad.environment.kinds import Kind
from ephyrad.migration.states import State
from ephyrad.reclaim.authentic import SIGNATURE
from ephyrad.reclaim.nomination import LONGEST, MOST


def _object(*required: str, **fields: Schema) -> Schema:
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


def _text(longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"\S"}


def _texts(longest: int) -> Schema:
    return {"type": "array", "items": _text(longest), "minItems": 1}


def _list(items: Schema) -> Schema:
    return {"type": ["array", "null"], "items": items, "maxItems": MOST}


_NODES = _texts(LONGEST_IDENT)
_TRUE: Schema = {"const": True}
_SAID = _text(LONGEST)
_MAYBE: Schema = {**_SAID, "type": ["string", "null"]}

NOTHING: Schema = _object()
NODES = _object("nodes", nodes=_NODES)
WANTED: Schema = {
    "oneOf": [NODES, _object("all", all=_TRUE), _object("strays", strays=_TRUE)],
}
REASON = _object("reason", reason=_text(LONGEST_REASON))
FILE = _object("file", "text", file={"type": "string"}, text={"type": "string"})
ITEMS: Schema = {
    "anyOf": [
        {
            **_object(
                kinds={"type": "array", "items": words(Kind), "minItems": 1},
                names={
                    "type": "array",
                    "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_ITEM},
                    "minItems": 1,
                },
            ),
            "minProperties": 1,
        },
        _object("all", all=_TRUE),
    ]
}
PLAIN = _object(
    "source",
    "id",
    source=_SAID,
    id=_SAID,
    nodes=_list(_SAID),
    instances=_list({"type": "string", "format": "uuid"}),
    build=_MAYBE,
    result=_MAYBE,
)
CLOUD_EVENT: Schema = {
    "type": "object",
    "description": "A CloudEvent 1.0 in structured mode, with one of CDEvents.",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": _SAID,
        "source": _SAID,
        "type": _SAID,
        "data": {"type": "object"},
    },
    "required": ["specversion", "id", "source", "type"],
}
JENKINS: Schema = {
    "type": "object",
    "description": "What the Notification plugin of Jenkins sends.",
    "properties": {
        "name": _SAID,
        "build": {
            "type": "object",
            "properties": {"phase": _SAID, "url": _SAID, "full_url": _SAID},
            "required": ["phase"],
        },
    },
    "required": ["build"],
}


def _query(name: str, schema: Schema, says: str) -> Schema:
    return {"name": name, "in": "query", "description": says, "schema": schema}


def _repeated(name: str, items: Schema, says: str) -> Schema:
    array = {"type": "array", "items": items}
    return {**_query(name, array, says), "style": "form", "explode": True}


_YES_OR_NO: Schema = {"type": "string", "enum": ["true", "false"]}
_WORDS: Schema = {"type": "string", "pattern": r"\S"}

STATES = _repeated("state", words(State), "Only nodes in these states.")
HELD = _repeated("held", _YES_OR_NO, "Only nodes that are held, or only those that are not.")
CHOSEN = _repeated("node", _WORDS, "Only these nodes, by UUID or by name.")
BMC = _repeated("bmc", _YES_OR_NO, "Also try whether the nodes' BMCs answer.")
KINDS = _repeated("kind", words(Kind), "Only items of these kinds.")
NAMES = _repeated("name", {"type": "string"}, "Only these items, by name or by key.")
ROLLOUT = _query("rollout", {"type": "string"}, "Only this rollout.")
LIMIT = _query(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MOST_SHOWN, "default": SHOWN},
    "How many messages.",
)
SIGNED: Schema = {
    "name": SIGNATURE.title(),
    "in": "header",
    "description": "Instead of a token: t=SECONDS,id=ID,v1=HMAC.",
    "schema": {"type": "string"},
}
