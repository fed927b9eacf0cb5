# SPDX-License-Identifier: Apache-2.0
"""What a simulated Keystone keeps: domains, users and projects."""

import uuid

from ephyrad.migration.identity import Account

DOMAIN = "default"
"""The id of the domain that each cloud has."""


class Accounts:
    """Domains' names by id, and users and projects by id, whose `domain` is the domain's id."""

    def __init__(self) -> None:
        self.domains = {DOMAIN: "Default"}
        self.users: dict[str, Account] = {}
        self.projects: dict[str, Account] = {}
        for name in ("ephyrad", "admin"):
            self.add_user(name, ident=name)
        for name in ("service", "admin"):
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
