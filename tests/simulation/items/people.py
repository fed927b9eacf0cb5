# SPDX-License-Identifier: Apache-2.0
"""The people of both clouds: they make, change and delete items, also in each other's way."""

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ephyrad.environment.kinds import Kind
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from ephyrad.testing.refusals import ApiError
from tests.simulation.items.auditor import Auditor
from tests.simulation.items.truth import NEW_SIDE, OLD_SIDE, USERS, Key, there, truth_of
from tests.simulation.trace import Trace

_PROJECTS = ("blue", "red", "nowhere")
_LATE = ("eve", "red")
"""They appear in the new cloud only later; `nobody` and `nowhere` never do."""


class People:
    """What they do at random times, through the services' own doors."""

    def __init__(
        self,
        old: SimulatedCloud,
        new: SimulatedCloud,
        auditor: Auditor,
        *,
        clock: VirtualClock,
        rng: random.Random,
        trace: Trace,
        kinds: Sequence[Kind],
    ) -> None:
        self.working = True
        self._old, self._new = old, new
        self._auditor = auditor
        self._clock = clock
        self._rng = rng
        self._trace = trace
        self._count = 0
        self._kinds = kinds
        for name in USERS:
            old.accounts.add_user(name, ident=f"{OLD_SIDE}{name}")
        for name in _PROJECTS:
            old.accounts.add_project(name, ident=f"{OLD_SIDE}{name}")
        for name in (*USERS[:2], _PROJECTS[0]):
            self.appear(name)

    def appear(self, name: str) -> None:
        """Have a user or project in the new cloud."""
        add = self._new.accounts.add_user if name in USERS else self._new.accounts.add_project
        add(name, ident=f"{NEW_SIDE}{name}")
        self._trace.add(f"{name} appears in the new cloud")

    def begin(self) -> None:
        """Fill the old cloud, and do something every now and then."""
        for _ in range(10):
            self._deed(self._make_in_old)
        for name in _LATE:
            self._clock.call_later(self._rng.uniform(60.0, 3000.0), partial(self.appear, name))
        self._again()

    def _again(self) -> None:
        self._clock.call_later(self._rng.expovariate(1 / 90.0), self._again)
        if self.working:
            deeds = (self._make_in_old, self._change_in_old, self._delete_in_old)
            more = (self._make_in_new, self._change_in_new, self._delete_in_new)
            self._deed(self._rng.choices(deeds + more, (3, 3, 2, 2, 2, 1))[0])

    def _deed(self, deed: Callable[[], Key | None]) -> None:
        try:
            key = deed()
        except ApiError:
            return
        if key is not None:
            self._trace.add(f"{key[1]} people {deed.__name__} {key[0]}")
            self._auditor.people_did(there(key))

    def _one_of(self, cloud: SimulatedCloud) -> Key | None:
        found = sorted(truth_of(cloud))
        return self._rng.choice(found) if found else None

    def _make_in_old(self) -> Key | None:
        key = self._new_key()
        self._make(self._old, key, OLD_SIDE)
        return key

    def _change_in_old(self) -> Key | None:
        key = self._one_of(self._old)
        if key is not None:
            self._change(self._old, key)
        return key

    def _delete_in_old(self) -> Key | None:
        key = self._one_of(self._old)
        if key is not None:
            self._delete(self._old, key)
        return key

    def _make_in_new(self) -> Key | None:
        """Make an item in the place of one of the old cloud's, or one of the new cloud's own."""
        key = self._one_of(self._old) if self._rng.random() < 0.7 else self._new_key()
        if key is not None:
            key = there(key)
            self._make(self._new, key, NEW_SIDE)
        return key

    def _change_in_new(self) -> Key | None:
        key = self._one_of(self._new)
        if key is not None:
            self._change(self._new, key)
        return key

    def _delete_in_new(self) -> Key | None:
        key = self._one_of(self._new)
        if key is not None:
            self._delete(self._new, key)
        return key

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _new_key(self) -> Key:
        kind, number = self._rng.choice(self._kinds), self._rng.randrange(4)
        match kind:
            case Kind.TRAIT:
                return kind, f"CUSTOM_T{number}"
            case Kind.FLAVOR:
                return kind, f"f{number}"
            case Kind.KEYPAIR:
                return kind, f"{OLD_SIDE}{self._rng.choice(USERS)}/key-{number}"
            case Kind.AGGREGATE:
                return kind, f"rack-{number}"
            case Kind.DEPLOY_TEMPLATE | Kind.RUNBOOK:
                return kind, f"0000000{number}-0000-4000-8000-000000000000"
            case _:
                return kind, f"{self._number():08x}-0000-4000-9000-000000000000"

    def _make(self, cloud: SimulatedCloud, key: Key, side: str) -> None:
        kind, name = key
        number = self._number()
        match kind:
            case Kind.TRAIT:
                assert cloud.nova is not None
                cloud.nova.names[kind].put(name)
            case Kind.FLAVOR:
                specs = {"rack": str(number)}
                body: dict[str, Any] = {"vcpus": 1, "disk": 1, "extra_specs": specs}
                public = self._rng.random() < 0.5
                cloud.flavors.create(
                    id=name, name=f"flavor-{name}", ram=64, is_public=public, **body
                )
                if not public:
                    cloud.flavors.allow(name, f"{side}{self._rng.choice(_PROJECTS[:2])}")
            case Kind.KEYPAIR:
                user, _, named = name.partition("/")
                cloud.keypairs.bring(user, named, self._public_key(number))
            case Kind.AGGREGATE:
                made = cloud.aggregates.create(name)
                cloud.aggregates.describe(made.number, {"rack": str(number)})
            case Kind.DEPLOY_TEMPLATE | Kind.RUNBOOK:
                body = {"uuid": name, "name": f"CUSTOM_D{name[7]}"}
                cloud.ironic.step_lists[kind].create({**body, "steps": _steps(kind, number)})
            case _:
                self._make_image(cloud, name, f"{side}{self._rng.choice(_PROJECTS[:2])}", number)

    def _make_image(self, cloud: SimulatedCloud, ident: str, owner: str, number: int) -> None:
        glance = cloud.glance
        body = {"disk_format": "raw", "container_format": "bare"}
        if glance.records and self._rng.random() < 0.3:
            body["kernel_id"] = self._rng.choice(sorted(glance.records))
        glance.create({"id": ident, "name": f"image-{number}", **body}, owner)
        content = f"the bytes of image {number}".encode() * self._rng.randint(1, 50)
        upload = glance.take_in(ident, len(content))
        upload.take(content)
        upload.end()
        visibility = self._rng.choice(("public", "private", "community", "shared"))
        glance.patch(ident, [{"op": "replace", "path": "/visibility", "value": visibility}])
        if visibility == "shared":
            self._share(cloud, ident)
        if cloud is self._old and self._rng.random() < 0.2:
            # A store that was damaged: it gives other bytes than the record says.
            glance.data[ident] = b"x" + glance.data[ident][1:]

    def _share(self, cloud: SimulatedCloud, ident: str) -> None:
        """Share an image with a project more or less, which may accept it."""
        side = OLD_SIDE if cloud is self._old else NEW_SIDE
        project, glance = f"{side}{self._rng.choice(_PROJECTS[:2])}", cloud.glance
        if project in glance.shared[ident]:
            glance.remove_member(ident, project)
            return
        glance.add_member(ident, project)
        if self._rng.random() < 0.5:
            glance.set_member(ident, project, "accepted")

    def _swap(self, kind: Kind, one: str) -> None:
        """Swap the names of two in the old cloud."""
        listed = self._old.ironic.step_lists[kind]
        others = sorted(uuid for uuid in listed.records if uuid != one)
        if others:
            other = self._rng.choice(others)
            names = [listed.records[each]["name"] for each in (one, other)]
            for uuid, name in ((one, "CUSTOM_BETWEEN"), (other, names[0]), (one, names[1])):
                listed.patch(uuid, {"name": name})
            self._auditor.people_did((kind, other))

    def _change(self, cloud: SimulatedCloud, key: Key) -> None:
        kind, name = key
        number = self._number()
        match kind:
            case Kind.FLAVOR:
                cloud.flavors.specify(name, {"rack": str(number)})
            case Kind.AGGREGATE:
                listed = {each.name: each.number for each in cloud.aggregates.all()}
                cloud.aggregates.describe(listed[name], {"rack": str(number)})
            case Kind.KEYPAIR:
                user, _, named = name.partition("/")
                cloud.keypairs.delete(user, named)
                cloud.keypairs.bring(user, named, self._public_key(number))
            case Kind.DEPLOY_TEMPLATE | Kind.RUNBOOK:
                if cloud is self._old and self._rng.random() < 0.4:
                    self._swap(kind, name)
                else:
                    cloud.ironic.step_lists[kind].patch(name, {"steps": _steps(kind, number)})
            case Kind.IMAGE if (
                cloud.glance.records[name]["visibility"] == "shared" and self._rng.random() < 0.5
            ):
                self._share(cloud, name)
            case Kind.IMAGE:
                team = {"op": "add", "path": "/team", "value": f"t{number}"}
                cloud.glance.patch(name, [team])

    def _delete(self, cloud: SimulatedCloud, key: Key) -> None:
        kind, name = key
        match kind:
            case Kind.TRAIT:
                assert cloud.nova is not None
                cloud.nova.names[kind].delete(name)
            case Kind.FLAVOR:
                cloud.flavors.delete(name)
            case Kind.KEYPAIR:
                cloud.keypairs.delete(*name.split("/"))
            case Kind.AGGREGATE:
                listed = {each.name: each.number for each in cloud.aggregates.all()}
                cloud.aggregates.delete(listed[name])
            case Kind.DEPLOY_TEMPLATE | Kind.RUNBOOK:
                cloud.ironic.step_lists[kind].delete(name)
            case _:
                cloud.glance.delete(name)

    @staticmethod
    def _public_key(number: int) -> str:
        return f"ssh-ed25519 {number:08d} key"


def _steps(kind: Kind, number: int) -> list[dict[str, Any]]:
    order = "order" if kind is Kind.RUNBOOK else "priority"
    return [{"interface": "deploy", "step": "deploy", "args": {}, order: number}]
