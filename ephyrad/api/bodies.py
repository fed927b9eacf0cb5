# SPDX-License-Identifier: Apache-2.0
"""What requests may say: decoded and checked field by field."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from ephyrad.engine.answers import Complaint, OperationError

LONGEST_IDENT = 255
LONGEST_ITEM = 1000
LONGEST_REASON = 1000
_WHICH: tuple[Literal["all", "strays"], ...] = ("all", "strays")


def decode(content: bytes) -> object:
    """Return the JSON value of a body.

    :raises OperationError: it is no JSON, or says two things of one field.
    """
    try:
        return json.loads(content, object_pairs_hook=_each_once)
    except ValueError as error:
        raise _invalid(f"the body is no JSON: {error}") from error
    except RecursionError as error:
        raise _invalid("the body is nested too deeply") from error


def _each_once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise _invalid(f"the body has the field {json.dumps(twice)} twice")
    return found


def nothing(content: bytes) -> None:
    """Expect an empty body or an empty object.

    :raises OperationError: the body says something.
    """
    if content:
        _object(decode(content), ())


def wanted_nodes(body: object) -> tuple[str, ...] | Literal["all", "strays"]:
    """Return the nodes of {"nodes": ["...", ...]}, or which of {"all": true}, {"strays": true}.

    :raises OperationError: the body is none of them.
    """
    fields = _object(body, ("nodes", "all", "strays"))
    if len(fields) != 1:
        raise _invalid('the body needs "nodes", "all" or "strays": one of them')
    for which in _WHICH:
        if which in fields:
            if fields[which] is not True:
                raise _invalid(f'"{which}" can only be true; to name nodes use "nodes"')
            return which
    return _idents(fields["nodes"])


def named_nodes(body: object) -> tuple[str, ...]:
    """Return the nodes of {"nodes": ["...", ...]}.

    :raises OperationError: the body is something else.
    """
    return _idents(_object(body, ("nodes",)).get("nodes"))


def hold_reason(body: object) -> str:
    """Return the reason of {"reason": "..."}.

    :raises OperationError: the body is something else.
    """
    return reason(_object(body, ("reason",)).get("reason"))


def reason(value: object) -> str:
    """Return a reason in one line.

    :raises OperationError: it is no text, or has nothing in it, or too much.
    """
    text = _one_line(value) if isinstance(value, str) else ""
    if not 0 < len(text) <= LONGEST_REASON:
        raise _invalid(f'"reason" must be a text of 1 to {LONGEST_REASON} characters')
    return text


def file(body: object) -> tuple[str, str]:
    """Return the name and the text of {"file": "...", "text": "..."}.

    :raises OperationError: the body is something else.
    """
    fields = _object(body, ("file", "text"))
    name, text = fields.get("file"), fields.get("text")
    if not isinstance(name, str) or not isinstance(text, str):
        raise _invalid('the body needs "file", the name of a file, and "text", what is in it')
    return _one_line(name)[:LONGEST_ITEM], text


def wanted_items(body: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the kinds and names of {"kinds": [...], "names": [...]}; {"all": true} names none.

    :raises OperationError: the body is neither, or names nothing.
    """
    fields = _object(body, ("kinds", "names", "all"))
    if fields == {"all": True}:
        return (), ()
    if not fields or "all" in fields:
        raise _invalid('the body needs "kinds" or "names" or both, or only "all", which is true')
    return _texts(fields, "kinds"), _texts(fields, "names")


def _texts(fields: Mapping[str, Any], field: str) -> tuple[str, ...]:
    values = fields.get(field, [])
    if not isinstance(values, list) or (field in fields and not values):
        raise _invalid(f'"{field}" must be a list of one or more texts')
    return tuple(_text(value, f'"{field}"[{at}]') for at, value in enumerate(values))


def _text(value: object, place: str) -> str:
    if isinstance(value, str) and 0 < len(value) <= LONGEST_ITEM:
        return value
    raise _invalid(f"{place} must be a text of 1 to {LONGEST_ITEM} characters")


def _one_line(text: str) -> str:
    """Return the text without what would move the cursor or the log on."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _object(body: object, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise _invalid("the body must be a JSON object")
    for name in body:
        if name not in known:
            may = " or ".join(json.dumps(field) for field in known) or "nothing"
            raise _invalid(f"the body has an unknown field {json.dumps(name)}; it may have {may}")
    return body


def _idents(nodes: object) -> tuple[str, ...]:
    if not isinstance(nodes, list) or not nodes:
        raise _invalid('"nodes" must be a list of one or more UUIDs or names')
    return tuple(_ident(node, f'"nodes"[{at}]') for at, node in enumerate(nodes))


def _ident(value: object, place: str) -> str:
    if isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_IDENT:
        return value.strip()
    raise _invalid(f"{place} must be a UUID or a name of 1 to {LONGEST_IDENT} characters")


def _invalid(message: str) -> OperationError:
    return OperationError(Complaint.INVALID, message)
