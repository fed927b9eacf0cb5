# SPDX-License-Identifier: Apache-2.0
"""The flavors of a cloud, public and private, with their extra specs and who has access."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from ephyrad.clouds.environment import mark
from ephyrad.clouds.environment.reading import doubt_of, next_of, taking_apart
from ephyrad.clouds.environment.steps import Step, completed_or_undone, one_by_one
from ephyrad.clouds.errors import is_absence
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Service
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Outcome, Refused, Underway, Unreachable

_LIST = "/flavors/detail"

# As Nova names it: as ephyrad does, and the default that is left out.
_NUMBERS: Mapping[str, tuple[str, int | float | None]] = {
    "ram": ("ram", None),
    "vcpus": ("vcpus", None),
    "disk": ("disk", None),
    "OS-FLV-EXT-DATA:ephemeral": ("ephemeral", 0),
    "swap": ("swap", 0),
    # Gone from 2.102 on, which is not asked for: ephyrad.clouds.connect.NOVA.
    "rxtx_factor": ("rxtx_factor", 1.0),
}
_PUBLIC = "os-flavor-access:is_public"
_DISABLED = "OS-FLV-DISABLED:disabled"

# What Nova can change of a flavor (2.55): the rest is as it was made, for ever.
_CHANGEABLE = frozenset({"description", "extra_specs", "access"})

# From 2.86 on Nova refuses what it does not know within its own namespaces, and it does not know
# `capabilities:boot_mode`, which flavors of Ironic's nodes have (observed on 2023.1 and 2026.2).
# What people could give a flavor of the old cloud by an older version, one of the new can have so.
_UNVALIDATED = (2, 85)

# Ids that can stand in a path: Nova's own routes take neither a slash nor a dot alone.
_ADDRESSABLE = re.compile(r"(?!\.{1,2}$)[^/]+")


class Flavors:
    """All flavors of one cloud. Any number of threads may call it."""

    def __init__(self, nova: Service, page_size: int = 1000) -> None:
        self._nova = nova
        self._page_size = page_size

    @property
    def kind(self) -> Kind:
        """Flavors."""
        return Kind.FLAVOR

    def items(self) -> Sequence[Item]:
        """Return every flavor: one paged list, and a call for each private one."""
        # Without is_public=None, an administrator is shown the public ones only.
        asked: dict[str, str | int] = {"is_public": "None", "limit": self._page_size}
        with taking_apart(self._nova, _LIST):
            pages = self._nova.pages(_LIST, "flavors", asked, onward=next_of("flavors"))
            found = [self._item(raw) for page in pages for raw in page]
        return [item for item in found if item is not None]

    def item(self, key: str) -> Item | None:
        """Return one flavor. Nova finds an id in letters of another case, which is another's."""
        if not _ADDRESSABLE.fullmatch(key):
            return next((item for item in self.items() if item.key == key), None)
        path = _path(key)
        body = self._nova.find(key, path)
        if body is None:
            return None
        with taking_apart(self._nova, path):
            return self._item(body["flavor"]) if body["flavor"]["id"] == key else None

    def doubt(self) -> str | None:
        """Say whether private flavors are hidden: who is no administrator is told that they are not
        there, though the list of aggregates is refused (observed on 2023.1 and 2026.2).
        """
        return doubt_of(self._nova, "/os-aggregates", "private flavors")

    def create(self, item: Item) -> Outcome:
        """Make the flavor under its id, then give it what Nova takes only afterwards.

        Where Nova refuses an extra spec or a project, nothing of the flavor stays.
        """
        made = self._nova.change("POST", "/flavors", {"flavor": _body(item)})
        if not isinstance(made, Done):
            return made
        bare = {**item.fields, "extra_specs": {}, "access": []}
        outcome = one_by_one(self._steps(item, bare))
        return completed_or_undone(outcome, partial(self._delete, item.key))

    def amend(self, item: Item, found: Item) -> Outcome:
        """Change the description, the extra specs and the access; Nova can change nothing else."""
        fixed = sorted(
            name
            for name in item.fields.keys() | found.fields.keys()
            if name not in _CHANGEABLE and item.fields.get(name) != found.fields.get(name)
        )
        if fixed:
            return Refused(
                0,
                f"Nova cannot change {', '.join(fixed)} of flavor {item.key}: delete it in the new"
                " cloud, whose servers keep what they have of it, and it is made anew when it is"
                " asked for",
            )
        return one_by_one(self._steps(item, found.fields))

    def delete(self, key: str) -> Outcome:
        """Delete a flavor, after a look whether it is there under this very id."""
        try:
            if self.item(key) is None:
                return Done()
        except CloudReadError as error:
            return Unreachable(str(error))
        return self._delete(key)

    def _delete(self, key: str) -> Outcome:
        outcome = self._nova.delete(key, _path(key))
        # Its 202 is for the sake of old clients: it is gone (api/openstack/compute/flavors.py).
        return Done() if isinstance(outcome, Underway) else outcome

    def _item(self, raw: Mapping[str, Any]) -> Item | None:
        """Return the item of a flavor, None where it was deleted meanwhile."""
        # Missing where the policy hides them: to take them for none would take them away.
        specs, marked = mark.taken_off(raw["extra_specs"], raw["id"])
        fields: dict[str, Any] = {"name": raw["name"]}
        for theirs, (ours, default) in _NUMBERS.items():
            # An empty text stands for no swap below 2.75, and for no factor.
            value = default if raw[theirs] == "" else raw[theirs]
            if value != default:
                fields[ours] = value
        if raw["description"]:
            fields["description"] = raw["description"]
        if specs:
            fields["extra_specs"] = specs
        if not raw[_PUBLIC]:
            fields["is_public"] = False
            access = self._access(raw["id"])
            if access is None:
                return None
            if access:
                fields["access"] = access
        return Item(Kind.FLAVOR, raw["id"], raw["name"], fields, marked, _trouble(raw))

    def _access(self, key: str) -> list[str] | None:
        path = f"{_path(key)}/os-flavor-access"
        answer = self._nova.ask(path)
        if is_absence(answer, key):
            return None
        return sorted(each["tenant_id"] for each in self._nova.read(path, answer)["flavor_access"])

    def _steps(self, item: Item, found: Mapping[str, Any]) -> Iterator[Step]:
        """Give the calls that make a flavor with the fields of `found` equal to `item`.

        The mark comes last: until then, nobody is told that the flavor is as it says.
        """
        change, path, wanted = self._nova.change, _path(item.key), item.fields
        if wanted.get("description") != found.get("description"):
            body = {"flavor": {"description": wanted.get("description")}}
            yield partial(change, "PUT", path, body)
        specs, former = wanted.get("extra_specs", {}), found.get("extra_specs", {})
        for name in sorted(former.keys() - specs.keys()):
            yield partial(self._delete_spec, item.key, name)
        changed = {name: value for name, value in specs.items() if former.get(name) != value}
        access = list(_access_steps(wanted.get("access", ()), found.get("access", ())))
        if access and changed:
            yield partial(self._set_specs, item.key, changed)
            changed = {}
        for body in access:
            yield partial(change, "POST", f"{path}/action", body)
        yield partial(self._set_specs, item.key, {**changed, mark.KEY: mark.of(item)})

    def _set_specs(self, key: str, specs: Mapping[str, str]) -> Outcome:
        body = {"extra_specs": dict(specs)}
        path = f"{_path(key)}/os-extra_specs"
        return self._nova.change("POST", path, body, plain=True, at_most=_UNVALIDATED)

    def _delete_spec(self, key: str, name: str) -> Outcome:
        words = f"has no extra specs with key {name}."
        path = f"{_path(key)}/os-extra_specs/{quote(name, safe='')}"
        return self._nova.delete(words, path, mute=True)


def _access_steps(wanted: Iterable[str], found: Iterable[str]) -> Iterator[dict[str, Any]]:
    for project in sorted(set(wanted) - set(found)):
        yield {"addTenantAccess": {"tenant": project}}
    for project in sorted(set(found) - set(wanted)):
        yield {"removeTenantAccess": {"tenant": project}}


def _body(item: Item) -> dict[str, Any]:
    """Return what Nova takes when a flavor is made."""
    fields = item.fields
    body: dict[str, Any] = {"id": item.key, "name": fields["name"]}
    for theirs, (ours, _default) in _NUMBERS.items():
        if ours in fields:
            body[theirs] = fields[ours]
    body.setdefault("disk", 0)
    if "description" in fields:
        body["description"] = fields["description"]
    body[_PUBLIC] = fields.get("is_public", True)
    return body


def _path(key: str) -> str:
    return f"/flavors/{quote(key, safe='')}"


def _trouble(raw: Mapping[str, Any]) -> str | None:
    if raw.get(_DISABLED):
        return (
            f"flavor {raw['name']} is disabled, which no API can make it in the new cloud: enable"
            " it, or delete it, in the old cloud's database"
        )
    return None
