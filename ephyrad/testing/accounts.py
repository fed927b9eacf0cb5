# SPDX-License-Identifier: Apache-2.0
"""What a simulated Keystone keeps: domains, users and projects; and the networks of each cloud."""

import uuid

from ephyrad.migration.identity import Account

DOMAIN = "default"
"""The id of the domain that each cloud has."""

NETWORKS = {
    "8f3c1b6a-0d52-4c1e-9a57-2f6f0a0c7d11": "cleaning",
    "2b9d7e40-6c1f-4e0b-8a3d-5c9e1f7a4b22": "provisioning",
}
"""Names by id of the networks that each cloud has, as two clouds have them that share a network
node or were made by the same hand; real ones have other ids."""


class Accounts:
    """Domains' names by id, and users and projects by id, whose `domain` is the domain's id."""

    def __init__(self) -> None:
        self.domains = {DOMAIN: "Default"}
        self.users: dict[str, Account] = {}
        self.projects: dict[str, Account] = {}
        for name in ("ephyrad", "admin"):
            self.add_user(name, ident=name)
        for name in ("service", "admin", "project-1"):
            self.add_project(name, ident=name)

    def add_user(self, name: str, domain: str = DOMAIN, *, ident: str | None = None) -> str:
        """Return the id of a new user; one of its own unless `ident` says which."""
        return _add(self.users, Account(ident or uuid.uuid4().hex, name, domain))

    def add_project(self, name: str, domain: str = DOMAIN, *, ident: str | None = None) -> str:
        """Return the id of a new project; one of its own unless `ident` says which."""
        return _add(self.projects, Account(ident or uuid.uuid4().hex, name, domain))


def _add(kept: dict[str, Account], account: Account) -> str:
    kept[account.id] = account
    return account.id
