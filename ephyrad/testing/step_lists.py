# SPDX-License-Identifier: Apache-2.0
"""The deploy templates or the runbooks of a simulated Ironic. Refusals are :class:`ApiError`."""

import random
import re
import uuid as uuids
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ephyrad.environment.kinds import Kind
from ephyrad.testing.bus import Bus, ironic_object
from ephyrad.testing.records import MASK, copied, iso
from ephyrad.testing.refusals import ApiError, forbidden, not_found
from ephyrad.testing.settings import IronicSettings

TRAIT = re.compile(r"(COMPUTE|CUSTOM|HW|MISC|OWNER|STORAGE)_[A-Z0-9_]{1,240}")
"""Custom traits, and what the names of os-traits begin with."""

_RUNBOOK_NAME = re.compile(r"[A-Za-z0-9\-._~]{1,255}")
_RUNBOOK = {"public": False, "owner": None, "disable_ramdisk": False, "description": None}
_PATCHABLE = {
    Kind.DEPLOY_TEMPLATE: "extra, name, steps, description",
    Kind.RUNBOOK: "disable_ramdisk, extra, name, owner, public, steps, description",
}
_WORDS = {Kind.DEPLOY_TEMPLATE: "deploy template", Kind.RUNBOOK: "runbook"}
# In one word, unlike Ironic's other names of it (observed).
_EVENTS = {Kind.DEPLOY_TEMPLATE: "deploytemplate", Kind.RUNBOOK: "runbook"}
_PAYLOADS = {Kind.DEPLOY_TEMPLATE: "DeployTemplateCRUDPayload", Kind.RUNBOOK: "RunbookCRUDPayload"}
_NUMBERS = {Kind.DEPLOY_TEMPLATE: "priority", Kind.RUNBOOK: "order"}
_INTERFACES = {
    "2023.1": "power management deploy bios raid",
    "2026.2": "vendor power management firmware deploy bios raid",
}
# Among the keys that oslo.utils' strutils masks.
_SECRET = re.compile("password|secret|token|configdrive|encrypted_key|private_key", re.IGNORECASE)
_IN_TEXT = re.compile(r"((?:password|secret|token)\s*=\s*)\S+")

Record = dict[str, Any]


class StepLists:
    """All of one kind, secrets in clear. `ident` is a UUID or a name."""

    def __init__(
        self,
        kind: Kind,
        now: Callable[[], datetime],
        bus: Bus,
        rng: random.Random,
        settings: IronicSettings,
    ) -> None:
        self.kind = kind
        self.settings = settings
        self.records: dict[str, Record] = {}
        self._now = now
        self._bus = bus
        self._rng = rng

    def list(self) -> list[Record]:
        """GET: every one that the caller may see, in detail."""
        if self.settings.system_scope:
            return [self._shown(record) for record in self.records.values()]
        if self.kind is Kind.RUNBOOK:
            return []
        raise forbidden("baremetal:deploy_template:get")

    def show(self, ident: str) -> Record:
        """GET one."""
        return self._shown(self._record(ident))

    def create(self, body: Mapping[str, Any]) -> Record:
        """POST."""
        self._check("create", {"steps": [], "name": "", **body}, {"uuid"})
        self._name_is_free(str(body["name"]), "")
        uuid = str(body.get("uuid") or uuids.UUID(int=self._rng.getrandbits(128), version=4))
        if not _is_uuid(uuid):
            raise ApiError(400, f"Expected UUID for uuid: {uuid}")
        if uuid in self.records:
            raise ApiError(409, f"A {_WORDS[self.kind]} with UUID {uuid} already exists.")
        more: Record = {**_RUNBOOK, "traits": []} if self.kind is Kind.RUNBOOK else {}
        made: Record = {"created_at": iso(self._now()), "updated_at": None, "extra": {}, **more}
        record = made | copied(dict(body)) | {"uuid": uuid}
        record["steps"] = [{"args": {}, **step} for step in record["steps"]]
        # Ironic of 2026.2 never tells that it begins to create a runbook (observed).
        if self.kind is Kind.DEPLOY_TEMPLATE:
            self._tell(record, "create.start")
        self.records[uuid] = record
        self._tell(record, "create.end")
        return self._shown(record)

    def patch(self, ident: str, values: Mapping[str, Any]) -> Record:
        """PATCH; None removes an attribute, or empties it."""
        fields = {path.partition("/")[0] for path in values}
        unknown = sorted(fields - set(_PATCHABLE[self.kind].split(", ")))
        if unknown:
            raise ApiError(
                400,
                f"Cannot patch /{unknown[0]}. Only the following can be updated:"
                f" {_PATCHABLE[self.kind]}",
            )
        record = self._record(ident)
        written = dict(record)
        if "public" in values:
            written["owner"] = None
        if "owner" in values and (values.get("public", record.get("public"))):
            raise ApiError(
                400, "Couldn't apply patch. Reason: There cannot be an owner for a public runbook"
            )
        for path, value in values.items():
            name, _, member = path.partition("/")
            written[name] = {**record[name], member: copied(value)} if member else copied(value)
        self._check("update", written, set(record))
        self._name_is_free(written["name"], record["uuid"])
        written["steps"] = [{"args": {}, **step} for step in written["steps"]]
        self._tell(record, "update.start")
        record |= {**written, "extra": written["extra"] or {}, "updated_at": iso(self._now())}
        self._tell(record, "update.end")
        return self._shown(record)

    def set_traits(self, ident: str, traits: Sequence[str]) -> None:
        """PUT /v1/runbooks/IDENT/traits, of which Ironic tells nobody."""
        for trait in traits:
            if not TRAIT.fullmatch(trait):
                raise ApiError(400, f"Schema error for body: '{trait}' is not valid")
        self._record(ident)["traits"] = sorted(set(traits))

    def delete(self, ident: str) -> None:
        """DELETE."""
        record = self._record(ident)
        self._tell(record, "delete.start")
        del self.records[record["uuid"]]
        self._tell(record, "delete.end")

    def _record(self, ident: str) -> Record:
        found = self.records.get(ident)
        if found is None:
            named = (record for record in self.records.values() if record["name"] == ident)
            found = next(named, None)
        if found is None or not self.settings.system_scope:
            raise not_found(_WORDS[self.kind].capitalize(), ident)
        return found

    def _check(self, deed: str, body: Mapping[str, Any], more: set[str]) -> None:
        """Refuse what the release's schema does not take."""
        if not self.settings.system_scope:
            raise forbidden(f"baremetal:{self.kind.replace('-', '_')}:{deed}")
        what = "template" if self.kind is Kind.DEPLOY_TEMPLATE else "runbook"
        known = {"name", "steps", "extra"} | more
        known |= set(_RUNBOOK) if self.kind is Kind.RUNBOOK else set()
        unknown = sorted(set(body) - known)
        if unknown:
            raise ApiError(
                400,
                f"Schema error for {what}: Additional properties are not allowed"
                f" ('{unknown[0]}' was unexpected)",
            )
        name = _RUNBOOK_NAME if self.kind is Kind.RUNBOOK else TRAIT
        if not name.fullmatch(str(body["name"])):
            raise ApiError(400, f"Schema error for {what}: '{body['name']}' is not valid")
        self._check_steps(what, body["steps"])

    def _check_steps(self, what: str, steps: Sequence[Mapping[str, Any]]) -> None:
        if not steps:
            raise ApiError(400, f"Schema error for {what}: [] is too short")
        required = {"interface", "step", _NUMBERS[self.kind]}
        required |= {"args"} if self.kind is Kind.DEPLOY_TEMPLATE else set()
        interfaces = _INTERFACES[self.settings.release.name].split()
        for step in steps:
            for lacking in sorted(required - step.keys()):
                raise ApiError(400, f"Schema error for {what}: '{lacking}' is a required property")
            if step["interface"] not in interfaces:
                words = f"'{step['interface']}' is not one of {interfaces}"
                raise ApiError(400, f"Schema error for {what}: {words}")
        named = [(step["interface"], step["step"]) for step in steps]
        for interface, step_name in named:
            if named.count((interface, step_name)) > 1:
                raise ApiError(
                    400,
                    "Deploy template invalid: Duplicate deploy steps. Duplicates:"
                    f" interface: {interface}, step: {step_name}.",
                )

    def _name_is_free(self, name: str, uuid: str) -> None:
        if any(one["name"] == name and one["uuid"] != uuid for one in self.records.values()):
            raise ApiError(409, f"A {_WORDS[self.kind]} with name {name} already exists.")

    def _shown(self, record: Record) -> Record:
        """Return it as the API shows it. Lists are masked by the newer release only (observed)."""
        shown = copied(record)
        deep = self.settings.release.name != "2023.1"
        for step in shown["steps"]:
            step["args"] = _masked(step["args"], deep=deep)
        return shown

    def _tell(self, record: Record, verb: str) -> None:
        """Publish a notification, which has the arguments in clear (observed)."""
        data = copied({**record, "steps": [{**step, "id": 1} for step in record["steps"]]})
        payload = ironic_object(_PAYLOADS[self.kind], data)
        publisher = f"ironic-api.{self.settings.host}"
        self._bus.publish(publisher, f"baremetal.{_EVENTS[self.kind]}.{verb}", payload)


def _masked(value: Any, *, deep: bool) -> Any:
    match value:
        case dict():
            return {
                key: MASK
                if _SECRET.search(key) and not isinstance(inner, dict)
                else _masked(inner, deep=deep)
                for key, inner in value.items()
            }
        case list() if deep:
            return [_masked(inner, deep=deep) for inner in value]
        case str():
            return _IN_TEXT.sub(rf"\1{MASK}", value)
        case _:
            return value


def _is_uuid(text: str) -> bool:
    try:
        return str(uuids.UUID(text)) == text
    except ValueError:
        return False
