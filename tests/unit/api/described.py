# SPDX-License-Identifier: Apache-2.0
"""Whether an answer is what the OpenAPI document says that it is, and has no field more."""

import functools
import json
import re
from typing import Any

import jsonschema_rs

from ephyrad.api.openapi.document import document


def check(method: str, target: str, status: int, body: object) -> None:
    """Fail where the document says something else of this answer."""
    operation = operation_of(method, target.partition("?")[0])
    # What is asked for where nothing is served is refused as everything else is.
    known = document()["paths"][operation[0]][operation[1]]["responses"] if operation else {}
    assert status < 400 or operation is None or str(status) in known or status not in _NAMED, (
        f"{method} {target}: a status that is not documented: {status}"
    )
    found = known.get(str(status), {"$ref": "#/components/responses/Refused"})
    errors = _validator(_schema(found)).iter_errors(body)
    assert [f"{method} {target}: {error}" for error in errors] == []


def operation_of(method: str, path: str) -> tuple[str, str] | None:
    """Return the path of the document and the method that this request is of."""
    fits = [each for each in document()["paths"] if re.fullmatch(_pattern(each), path)]
    # A path with fewer parameters is the one that is meant.
    for each in sorted(fits, key=lambda each: each.count("{")):
        if method.lower() in document()["paths"][each]:
            return each, method.lower()
    return None


_NAMED = {400, 401, 404, 409, 503}
"""Statuses that an operation has to name; any may answer others: 405, 411, 413, 415, 500."""


def _pattern(path: str) -> str:
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))


def _schema(response: dict[str, Any]) -> str:
    """Return the schema of a response, as JSON text, by which a validator can be remembered."""
    if "$ref" in response:
        response = document()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return json.dumps(response["content"]["application/json"]["schema"])


@functools.cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    whole = {**json.loads(schema), "components": document()["components"]}
    return jsonschema_rs.Draft202012Validator(_closed(whole), validate_formats=True)


def _closed(schema: Any) -> Any:
    """Return the schema of answers that have no field beside those that are named."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(below) for name, below in schema.items()}
    if isinstance(schema.get("properties"), dict) and "required" in schema:
        closed.setdefault("additionalProperties", False)
    return closed
