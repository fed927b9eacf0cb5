# SPDX-License-Identifier: Apache-2.0
"""Keystone of a simulated cloud: tokens for a password, the service catalogue, and who there is."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from ephyrad.migration.identity import Account
from ephyrad.testing.accounts import Accounts
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
    """One Keystone with one user that has a password, an administrator of everything.

    `endpoints` are the URLs of the other services by their type.
    """

    def __init__(
        self, tokens: Tokens, endpoints: Mapping[str, str], accounts: Accounts, *, pages: bool
    ) -> None:
        """`pages`: whether lists have pages, as 2026.2's have and 2023.1's have not."""
        self._tokens = tokens
        self._endpoints = endpoints
        self._accounts = accounts
        self._pages = pages
        self.routes = Routes()
        self.routes.add("GET", "/?", self._versions)
        self.routes.add("GET", "/v3/?", self._version)
        self.routes.add("POST", "/v3/auth/tokens", self._authenticate)
        for key in ("domains", "users", "projects"):
            self.routes.add("GET", f"/v3/{key}", partial(self._list, key))

    def lost(self, request: Request) -> Reply:
        """Return the answer to a request that has no route."""
        return _error(404, "Not Found", "Not Found.")

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
            return _error(400, "Bad Request", "Invalid input for field 'auth'.")
        if named != ADMIN or wanted not in (None, PROJECT):
            return unauthorized()
        token = self._tokens.give(named[0], system="system" in scope, project=wanted)
        answered = reply({"token": self._described(token)}, 201)
        return Reply(201, answered.body, {**JSON, "X-Subject-Token": token.id})

    def _list(self, key: str, request: Request) -> Reply:
        domain = request.query.get("domain_id")
        found = [one for one in self._kept(key) if domain in (None, one.get("domain_id"))]
        url = f"{request.root}{request.path}"
        answer: dict[str, Any] = {"links": {"next": None, "self": url, "previous": None}}
        if self._pages:
            ids = [one["id"] for one in found]
            marker, limit = request.query.get("marker"), int(request.query.get("limit") or 0)
            if marker is not None and marker not in ids:
                words = f"Marker {marker} could not be found."
                return _error(404, "Not Found", words)
            found = found[ids.index(marker) + 1 :] if marker else found
            if found and 0 < limit <= len(found):
                found = found[:limit]
                more = urlencode({**request.query, "marker": found[-1]["id"]})
                answer["links"]["next"] = f"{url}?{more}"
                answer["truncated"] = True
        return reply({key: found, **answer})

    def _kept(self, key: str) -> list[dict[str, Any]]:
        accounts = self._accounts
        if key == "domains":
            return [{"id": ident, "name": name} for ident, name in accounts.domains.items()]
        kept = accounts.users if key == "users" else accounts.projects
        return [_shown(account) for account in kept.values()]

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


def _error(status: int, title: str, words: str) -> Reply:
    return reply({"error": {"code": status, "message": words, "title": title}}, status)


def _shown(account: Account) -> dict[str, Any]:
    return {"id": account.id, "name": account.name, "domain_id": account.domain, "enabled": True}


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
