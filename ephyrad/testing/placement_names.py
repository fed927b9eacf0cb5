# SPDX-License-Identifier: Apache-2.0
"""The traits or the resource classes of a simulated placement. Refusals are :class:`ApiError`."""

import re
from collections.abc import Callable, Collection

from ephyrad.environment.kinds import Kind
from ephyrad.testing.refusals import ApiError

_CUSTOM = re.compile(r"CUSTOM_[A-Z0-9_]{1,248}")
_STANDARD = {
    Kind.TRAIT: ("COMPUTE_NODE", "HW_CPU_X86_VMX"),
    Kind.RESOURCE_CLASS: ("VCPU", "MEMORY_MB", "DISK_GB"),
}
_ABSENT = {Kind.TRAIT: "No such trait(s): {}.", Kind.RESOURCE_CLASS: "No such resource class {}."}
_USED = {
    Kind.TRAIT: "The trait {} is in use by a resource provider.",
    Kind.RESOURCE_CLASS: "Error in delete resource class: Cannot delete resource class {}. Class is"
    " in use in inventory.",
}
_REFUSED = {
    Kind.TRAIT: "The trait is invalid.",
    Kind.RESOURCE_CLASS: "JSON does not validate: '{}' does not match '^CUSTOM_[A-Z0-9_]+$'",
}
_KEPT = {
    Kind.TRAIT: "Cannot delete standard trait {}.",
    Kind.RESOURCE_CLASS: "Error in delete resource class: Cannot delete standard resource class"
    " {}.",
}


class PlacementNames:
    """All names of one kind. `used` gives those that nodes' providers have, `held` are those that
    another provider has.
    """

    def __init__(self, kind: Kind, used: Callable[[], Collection[str]]) -> None:
        self.kind = kind
        self.held: set[str] = set()
        self._used = used
        self._names = dict.fromkeys(_STANDARD[kind])

    def list(self) -> list[str]:
        """GET: every name, the standard ones first."""
        return list(self._names)

    def show(self, name: str) -> None:
        """GET one."""
        if name not in self._names:
            raise ApiError(404, _ABSENT[self.kind].format(name))

    def put(self, name: str) -> bool:
        """PUT: return whether it was made just now."""
        if not _CUSTOM.fullmatch(name):
            raise ApiError(400, _REFUSED[self.kind].format(name))
        made = name not in self._names
        self._names[name] = None
        return made

    def delete(self, name: str) -> None:
        """DELETE."""
        if name in _STANDARD[self.kind]:
            raise ApiError(400, _KEPT[self.kind].format(name))
        self.show(name)
        if name in self.held or name in self._used():
            raise ApiError(409, _USED[self.kind].format(name))
        del self._names[name]
