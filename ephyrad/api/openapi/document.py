# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document of the HTTP API, and the route that serves it."""

import functools
import re
from typing import Any

import flask

from ephyrad.api.openapi.routes import ROUTES, WORDS, Route
from ephyrad.api.openapi.schemas import Schema, Schemas

VERSION = "1.0"
"""Of the API, not of ephyrad: the first number is that of the paths, /v1."""

_ANY = (400, 503)
_PARAMETER = re.compile(r"{(\w+)}")
_TEXT = {"text/plain": {"schema": {"type": "string"}}}
_ERROR: Schema = {
    "description": "Why a request is not served: a word for machines, and one line for people.",
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
            "required": ["code", "message"],
        }
    },
    "required": ["error"],
}


def add_route(app: flask.Flask) -> None:
    """Serve the document."""

    @app.get("/v1/openapi.json")
    def openapi() -> Schema:
        return document()


@functools.cache
def document() -> Schema:
    """Return the document, as plain JSON values."""
    schemas = Schemas(WORDS)
    paths: dict[str, dict[str, Any]] = {}
    for name, route in ROUTES.items():
        method, path = name.split()
        paths.setdefault(path, {})[method.lower()] = _operation(schemas, name, route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ephyrad",
            "version": VERSION,
            "description": "Carries bare-metal nodes from an old OpenStack cloud to a new one."
            " Answers may get more fields in later versions.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [
            {"url": "/", "description": "The daemon's unix socket, which needs no user."},
            {
                "url": "https://{host}:{port}",
                "description": "Over TCP, where [api] bind_host is set: as a user.",
                "variables": {"host": {"default": "localhost"}, "port": {"default": "6390"}},
            },
        ],
        "security": [{}, {"keystone": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR, **dict(sorted(schemas.named.items()))},
            "responses": {
                "Refused": {
                    "description": "It is not served.",
                    "content": _json({"$ref": "#/components/schemas/Error"}),
                }
            },
            "securitySchemes": {
                "keystone": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Auth-Token",
                    "description": "Of the new cloud's Keystone; over TCP, where it says who asks.",
                },
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "A user of ephyrad's own; over TCP, where a file has them.",
                },
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Of a sender of messages of CI.",
                },
            },
        },
    }


def _operation(schemas: Schemas, name: str, route: Route) -> Schema:
    method, path = name.split()
    parameters = [
        {"name": each, "in": "path", "required": True, "schema": {"type": "string"}}
        for each in _PARAMETER.findall(path)
    ]
    found: Schema = {"operationId": _operation_id(method, path), "summary": route.says}
    if parameters or route.query:
        found["parameters"] = [*parameters, *route.query]
    if route.body is not None:
        found["requestBody"] = {
            "required": bool(route.body.get("required", True)),
            "content": _json(route.body),
        }
    if 401 in route.refuses:
        found["security"] = [{"token": []}, {}]
    return {**found, "responses": _responses(schemas, route)}


def _responses(schemas: Schemas, route: Route) -> Schema:
    content = _TEXT if route.answers is bytes else _json(schemas.of(route.answers))
    refused = {"$ref": "#/components/responses/Refused"}
    return {
        "200": {"description": route.says, "content": content},
        **{str(code): refused for code in sorted({*route.refuses, *_ANY})},
        **{str(code): {"description": route.says, "content": content} for code in route.also},
        "default": refused,
    }


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _operation_id(method: str, path: str) -> str:
    """Return a name that is unique, and stays: getNodesNodeHistory."""
    words = re.findall(r"[a-z]+", path.removeprefix("/v1"))
    return method.lower() + "".join(word.title() for word in words)
