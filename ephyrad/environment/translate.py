# SPDX-License-Identifier: Apache-2.0
"""An item of the old cloud in the new cloud's words: the ids of users and projects differ."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ephyrad.environment.item import Item, ItemId
from ephyrad.environment.kinds import MASKED, Kind
from ephyrad.environment.problems import Cause, Problem


@dataclass(frozen=True, slots=True)
class Nobody:
    """A user or project of the old cloud without counterpart in the new one; why, with the cure."""

    reason: str


Counterpart = Callable[[str], str | Nobody]
"""The id in the new cloud of whom an id names in the old one."""


@dataclass(frozen=True, slots=True)
class Names:
    """Who is who."""

    user: Counterpart
    project: Counterpart


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the new cloud is to have, in its words; `left_behind` says in words what it will not.

    `trouble`: why it must not be written; what people made in its place may be equal all the same.
    """

    item: Item
    left_behind: tuple[str, ...] = ()
    trouble: str | None = None


def translate(item: Item, names: Names) -> Wanted | Problem:
    """Return what the new cloud is to have of an item of the old one, or why it cannot."""
    if item.trouble is not None and item.kind in MASKED:
        there = translate(replace(item, trouble=None), names)
        return replace(there, trouble=item.trouble) if isinstance(there, Wanted) else there
    if item.trouble is not None:
        return Problem(Cause.UNFIT, item.trouble)
    match item.kind:
        case Kind.KEYPAIR:
            return _keypair(item, names)
        case Kind.FLAVOR:
            return _shared_with(Wanted(item, item.left_behind), "access", names)
        case Kind.IMAGE:
            owned = _owned(item, names)
            if isinstance(owned, Problem):
                return owned
            # Of its members, those who accepted it.
            return _shared_with(_shared_with(owned, "members", names), "accepted", names)
        case Kind.RUNBOOK:
            return _owned(item, names)
        case Kind.RESOURCE_CLASS | Kind.TRAIT | Kind.AGGREGATE | Kind.DEPLOY_TEMPLATE:
            return Wanted(item, item.left_behind)


def keypair_key(user: str, name: str) -> str:
    """Return the key of the key pair of a user's that has this name."""
    return f"{user}/{name}"


def user_of(item: ItemId) -> str | None:
    """Return the old cloud's user whose key pair it is, None where it is none."""
    return item.key.partition("/")[0] if item.kind is Kind.KEYPAIR else None


def _keypair(item: Item, names: Names) -> Wanted | Problem:
    user = names.user(str(item.fields["user_id"]))
    if isinstance(user, Nobody):
        return Problem(Cause.OWNER, user.reason)
    key = keypair_key(user, item.name)
    return Wanted(replace(item, key=key, fields={**item.fields, "user_id": user}))


def _owned(item: Item, names: Names) -> Wanted | Problem:
    owner = item.fields.get("owner")
    if owner is None:
        return Wanted(item, item.left_behind)
    project = names.project(str(owner))
    if isinstance(project, Nobody):
        return Problem(Cause.OWNER, project.reason)
    return Wanted(replace(item, fields={**item.fields, "owner": project}), item.left_behind)


def _shared_with(wanted: Wanted, field: str, names: Names) -> Wanted:
    """Put the new cloud's projects in a list of whom the item is shared with.

    Those without a counterpart are left out and named: the others need not wait for them.
    """
    item = wanted.item
    if field not in item.fields:
        return wanted
    found = [names.project(each) for each in item.fields[field]]
    # The mapping file may have several become one.
    projects = sorted({each for each in found if isinstance(each, str)})
    unknown = tuple(each.reason for each in found if isinstance(each, Nobody))
    fields = {name: value for name, value in item.fields.items() if name != field}
    if projects:
        fields[field] = projects
    left_behind = tuple(dict.fromkeys(wanted.left_behind + unknown))
    return Wanted(replace(item, fields=fields), left_behind)
