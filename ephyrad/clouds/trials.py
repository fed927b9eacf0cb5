# SPDX-License-Identifier: Apache-2.0
"""The instances that gates boot, through Nova of one cloud, in ephyrad's own project.

As with :mod:`ephyrad.clouds.port`, reads raise :class:`~ephyrad.clouds.port.CloudReadError`, and
what changes something returns an outcome. They are deleted by the port of the cloud.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from ephyrad.clouds.environment.reading import next_of, taking_apart
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Service
from ephyrad.migration.outcomes import Outcome, Refused, Unreachable
from ephyrad.rollout.trial import (
    NAME,
    OWNER_KEY,
    RUN_KEY,
    FlavorOffer,
    Trial,
    TrialOrder,
    mark_of,
)

_FORCED = (2, 74)
"""From this API version on a server can be asked for on a node (nova/api/openstack/compute)."""

_LIST = "/servers/detail"
_FLAVORS = "/flavors/detail"


class TrialCloud(Protocol):
    """Where trials are made and found."""

    def flavors(self) -> Sequence[FlavorOffer]:
        """Return every flavor, private ones as well.

        :raises CloudReadError: they could not be read whole.
        """

    def create(self, order: TrialOrder) -> Outcome:
        """Ask for a trial on a node; Nova answers before it has looked whether it can be.

        Two calls make two trials: look for the first before the second.
        """

    def trials(self, owner: str) -> Sequence[Trial]:
        """Return every trial that this ephyrad made, whatever became of it.

        :raises CloudReadError: they could not be read whole.
        """

    def trial(self, uuid: str) -> Trial | None:
        """Return one trial, None where it is gone.

        :raises CloudReadError: it could not be read.
        """


class Trials:
    """Implements :class:`TrialCloud`. Any number of threads may call it."""

    def __init__(self, nova: Service, page_size: int = 1000) -> None:
        self._nova = nova
        self._page_size = page_size

    def flavors(self) -> Sequence[FlavorOffer]:
        # Without is_public=None, an administrator is shown the public ones only.
        asked: dict[str, str | int] = {"is_public": "None", "limit": self._page_size}
        with taking_apart(self._nova, _FLAVORS):
            pages = self._nova.pages(_FLAVORS, "flavors", asked, onward=next_of("flavors"))
            return [
                FlavorOffer(
                    _text(raw["id"]), _text(raw["name"]), _resources(raw.get("extra_specs", {}))
                )
                for page in pages
                for raw in page
            ]

    def create(self, order: TrialOrder) -> Outcome:
        try:
            version = self._nova.version()
        except CloudReadError as error:
            return Unreachable(str(error))
        if version < _FORCED:
            return Refused(
                0,
                f"{self._nova.label} has API {version[0]}.{version[1]} and asks for a chosen node"
                f" from {_FORCED[0]}.{_FORCED[1]} on: use a gate of another kind",
            )
        server = {
            "name": order.name,
            "imageRef": order.image,
            "flavorRef": order.flavor,
            "networks": "none" if order.network is None else [{"uuid": order.network}],
            # The name of an Ironic node's hypervisor is its UUID (observed on 2023.1 and 2026.2).
            "hypervisor_hostname": order.node,
            "metadata": dict(order.marks),
        }
        return self._nova.change("POST", "/servers", {"server": server}, plain=True)

    def trials(self, owner: str) -> Sequence[Trial]:
        # Of ephyrad's project alone, by a regular expression.
        asked: dict[str, str | int] = {"name": f"^{NAME}", "limit": self._page_size}
        with taking_apart(self._nova, _LIST):
            pages = self._nova.pages(_LIST, "servers", asked, onward=next_of("servers"))
            return [
                _trial(raw)
                for page in pages
                for raw in page
                if raw["metadata"].get(OWNER_KEY) == mark_of(owner) and RUN_KEY in raw["metadata"]
            ]

    def trial(self, uuid: str) -> Trial | None:
        path = f"/servers/{quote(uuid, safe='')}"
        body = self._nova.find(uuid, path)
        if body is None:
            return None
        with taking_apart(self._nova, path):
            return _trial(body["server"])


def _trial(raw: Mapping[str, Any]) -> Trial:
    # Nova says what is wrong a moment after it says that something is.
    fault = raw.get("fault")
    return Trial(
        uuid=_text(raw["id"]),
        run=_text(raw["metadata"].get(RUN_KEY, "")),
        status=_text(raw["status"]),
        task=_text_or_none(raw["OS-EXT-STS:task_state"]),
        node=_text_or_none(raw["OS-EXT-SRV-ATTR:hypervisor_hostname"]),
        fault=None if fault is None else _text(fault["message"]),
        addresses=tuple(_text(each["addr"]) for net in raw["addresses"].values() for each in net),
    )


def _flavor(raw: Mapping[str, Any]) -> FlavorOffer:
    specs = raw.get("extra_specs", {})
    return FlavorOffer(_text(raw["id"]), _text(raw["name"]), _resources(specs))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {value!r:.80}")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _resources(specs: Mapping[str, str]) -> frozenset[str]:
    """Return the custom resource classes of which a flavor asks for some (resources:CUSTOM_X=1)."""
    found = (
        (name.rpartition(":")[2], amount)
        for name, amount in specs.items()
        if name.startswith("resources")
    )
    return frozenset(name for name, amount in found if name.startswith("CUSTOM_") and amount != "0")
