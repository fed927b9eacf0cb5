# SPDX-License-Identifier: Apache-2.0
"""Keystone of a simulated cloud: tokens for a password, and the service catalogue."""

import json
from collections.abc import Mapping
from typing import Any

from ephyrad.testing.http.tokens import Token, Tokens
from ephyrad.testing.http.wire import JSON, Reply, Request, Routes, reply

ADMIN = ("ephyrad", "simulated")
"""The user that each cloud has, and its password, which is no secret."""

PROJECT = "service"
"""The project that each cloud has."""

_UNAUTHORIZED = {
    "error": {
        "code": 401,
        "message": "The request you have made requires authentication.",
        "title": "Unauthorized",
    }
}
_DOMAIN = {"id": "default", "name": "Default"}


def unauthorized() -> Reply:
    """Return the 401 of Keystone and of keystonemiddleware."""
    return reply(_UNAUTHORIZED, 401)


class Keystone:
    """One Keystone with one user, an administrator of everything.

    `endpoints` are the URLs of the other services by their type.
    """

    def __init__(self, tokens: Tokens, endpoints: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._endpoints = endpoints
        self.routes = Routes()
        self.routes.add("GET", "/?", self._versions)
        self.routes.add("GET", "/v3/?", self._version)
        self.routes.add("POST", "/v3/auth/tokens", self._authenticate)

    def lost(self, request: Request) -> Reply:
        """Return the answer to a request that has no route."""
        title = "Not Found"
        return reply({"error": {"code": 404, "message": f"{title}.", "title": title}}, 404)

    def _versions(self, request: Request) -> Reply:
        values = [_version_of(request.root)]
        return reply({"versions": {"values": values}}, 300)

    def _version(self, request: Request) -> Reply:
        return reply({"version": _version_of(request.root)})

    def _authenticate(self, request: Request) -> Reply:
        try:
            auth = json.loads(request.body)["auth"]
            user = auth["identity"]["password"]["user"]
            scope = auth.get("scope", {})
            named = (user["name"], user["password"])
            project = scope.get("project")
            wanted = None if project is None else (project.get("name") or project["id"])
        except (KeyError, TypeError, ValueError):
            words = "Invalid input for field 'auth'."
            return reply({"error": {"code": 400, "message": words, "title": "Bad Request"}}, 400)
        if named != ADMIN or wanted not in (None, PROJECT):
            return unauthorized()
        token = self._tokens.give(named[0], system="system" in scope, project=wanted)
        answered = reply({"token": self._described(token)}, 201)
        return Reply(201, answered.body, {**JSON, "X-Subject-Token": token.id})

    def _described(self, token: Token) -> dict[str, Any]:
        expires = token.expires_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        described: dict[str, Any] = {
            "methods": ["password"],
            "user": {"id": token.user, "name": token.user, "domain": _DOMAIN},
            "expires_at": expires,
            "issued_at": expires,
            "roles": [{"id": "admin", "name": "admin"}],
            "catalog": [_listed(kind, url) for kind, url in self._endpoints.items()],
        }
        if token.system:
            described["system"] = {"all": True}
        elif token.project is not None:
            described["project"] = {"id": PROJECT, "name": token.project, "domain": _DOMAIN}
        return described


def _listed(kind: str, url: str) -> dict[str, Any]:
    endpoint = {"id": kind, "interface": "public", "region": "simulated", "url": url}
    return {
        "id": kind,
        "name": kind,
        "type": kind,
        "endpoints": [{**endpoint, "region_id": "simulated"}],
    }


def _version_of(root: str) -> dict[str, Any]:
    links = [{"rel": "self", "href": f"{root}/v3/"}]
    return {"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z", "links": links}
