# SPDX-License-Identifier: Apache-2.0
"""The flavors of a simulated Nova, by id."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ephyrad.testing.bus import Bus, nova_object
from ephyrad.testing.keypairs import Version
from ephyrad.testing.refusals import ApiError

VALIDATED: Version = (2, 86)
"""Since which version extra specs are validated."""
WITHOUT_FACTOR: Version = (2, 102)
"""Since which version a flavor has no rxtx_factor."""

_SPEC = re.compile(r"[a-zA-Z0-9-_:. ]{1,255}")
# Namespaces whose extra specs Nova knows one by one, and some of these.
_NAMESPACES = frozenset({"hw", "os", "quota", "hw_video", "hw_rng"})
_KNOWN = frozenset({"hw:cpu_policy", "hw:mem_page_size", "hw:boot_mode", "os:secure_boot"})
_ID = re.compile(r"(?! )[a-zA-Z0-9. _-]+(?<! )")
_LEAST = {"ram": 1, "vcpus": 1, "disk": 0, "ephemeral": 0, "swap": 0}


@dataclass(slots=True)
class Flavor:
    """One flavor. `number` is that of its row, `projects` are those with access."""

    number: int
    id: str
    name: str
    ram: int
    vcpus: int
    disk: int
    ephemeral: int = 0
    swap: int = 0
    rxtx_factor: float = 1.0
    is_public: bool = True
    description: str | None = None
    disabled: bool = False
    extra_specs: dict[str, str] = field(default_factory=dict)
    projects: list[str] = field(default_factory=list)


class Flavors:
    """What one Nova has. `projects` are those that its Keystone knows."""

    def __init__(self, bus: Bus, projects: Collection[str]) -> None:
        self._bus = bus
        self._projects = projects
        # By id in small letters: MariaDB takes both for the same.
        self._kept: dict[str, Flavor] = {}
        self._rows = 0

    def all(self, *, private: bool) -> list[Flavor]:
        """Return them by id, the private ones with `private` only."""
        found = (self._kept[folded] for folded in sorted(self._kept))
        return [each for each in found if each.is_public or private]

    def show(self, ident: str) -> Flavor:
        """Return the flavor with an id."""
        try:
            return self._kept[ident.lower()]
        except KeyError:
            raise ApiError(404, f"Flavor {ident} could not be found.") from None

    def create(self, **body: Any) -> Flavor:
        """Make a flavor of the fields of :class:`Flavor`."""
        if not _ID.fullmatch(body["id"]):
            raise _invalid("id", body["id"], f"'{body['id']}' does not match '^{_ID.pattern}$'")
        for name, least in _LEAST.items():
            if body.get(name, least) < least:
                words = f"{body[name]} is less than the minimum of {least}"
                raise _invalid(name, body[name], words)
        _check_description(body.get("description"))
        if body["id"].lower() in self._kept:
            raise ApiError(409, f"Flavor with ID {body['id']} already exists.")
        if any(each.name.lower() == body["name"].lower() for each in self._kept.values()):
            raise ApiError(409, f"Flavor with name {body['name']} already exists.")
        self._rows += 1
        flavor = self._kept[body["id"].lower()] = Flavor(self._rows, **body)
        self._publish("create", flavor)
        return flavor

    def describe(self, ident: str, description: str | None) -> Flavor:
        """Change the description."""
        _check_description(description)
        flavor = self.show(ident)
        flavor.description = description
        self._publish("update", flavor)
        return flavor

    def specify(self, ident: str, specs: Mapping[str, str], version: Version = (2, 95)) -> None:
        """Set these extra specs, and leave the others."""
        for name in specs:
            if not _SPEC.fullmatch(name):
                words = f"'{name}' does not match any of the regexes: '^{_SPEC.pattern}$'"
                raise _invalid("extra_specs", specs, words)
            if version >= VALIDATED and name.split(":")[0] in _NAMESPACES and name not in _KNOWN:
                words = f"extra spec '{name}' does not appear to be a valid extra spec."
                raise ApiError(400, f"Validation failed; {words}")
        flavor = self.show(ident)
        flavor.extra_specs.update(specs)
        self._publish("update", flavor)

    def unspecify(self, ident: str, name: str) -> None:
        """Take an extra spec away."""
        flavor = self.show(ident)
        if name not in flavor.extra_specs:
            raise ApiError(404, f"Flavor {ident} has no extra specs with key {name}.")
        del flavor.extra_specs[name]
        self._publish("update", flavor)

    def access(self, ident: str) -> list[str]:
        """Return who has access to a private flavor."""
        flavor = self.show(ident)
        if flavor.is_public:
            raise ApiError(404, "Access list not available for public flavors.")
        return list(flavor.projects)

    def allow(self, ident: str, project: str) -> None:
        """Give a project access."""
        if project not in self._projects:
            raise ApiError(400, f"Project ID {project} is not a valid project.")
        flavor = self.show(ident)
        if flavor.is_public:
            raise ApiError(409, "Can not add access to a public flavor.")
        if project in flavor.projects:
            words = f"flavor {flavor.number} and project {project} combination."
            raise ApiError(409, f"Flavor access already exists for {words}")
        flavor.projects.append(project)
        self._publish("update", flavor)

    def disallow(self, ident: str, project: str) -> None:
        """Take access from a project."""
        flavor = self.show(ident)
        if project not in flavor.projects:
            words = f"{flavor.number} / {project} combination."
            raise ApiError(404, f"Flavor access not found for {words}")
        flavor.projects.remove(project)
        self._publish("update", flavor)

    def delete(self, ident: str) -> None:
        """Delete a flavor."""
        flavor = self.show(ident)
        del self._kept[ident.lower()]
        self._publish("delete", flavor)

    def _publish(self, action: str, flavor: Flavor) -> None:
        data = {
            "flavorid": flavor.id,
            "name": flavor.name,
            "memory_mb": flavor.ram,
            "vcpus": flavor.vcpus,
            "root_gb": flavor.disk,
            "ephemeral_gb": flavor.ephemeral,
            "swap": flavor.swap,
            "rxtx_factor": flavor.rxtx_factor,
            "vcpu_weight": 0,
            "disabled": flavor.disabled,
            "is_public": flavor.is_public,
            "description": flavor.description,
            "extra_specs": dict(flavor.extra_specs) if action == "update" else None,
            "projects": None if action == "delete" else list(flavor.projects),
        }
        self._bus.publish("nova-api:nova", f"flavor.{action}", nova_object("FlavorPayload", data))


def _check_description(description: str | None) -> None:
    if description is not None and not description.isprintable():
        raise _invalid("description", description, "it does not match the printable characters")


def _invalid(name: str, value: object, words: str) -> ApiError:
    return ApiError(400, f"Invalid input for field/attribute {name}. Value: {value}. {words}")
