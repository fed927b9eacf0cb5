# SPDX-License-Identifier: Apache-2.0
"""An operator at three in the morning: does what a hold's reason says, to the letter.

Each rule is words that stand in a reason, and what they make one do. A reason without words that
tell what to do is a mistake in ephyrad.
"""

import contextlib
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ephyrad.migration.effects import PartKind
from ephyrad.testing.refusals import ApiError

if TYPE_CHECKING:
    from tests.machines.story import Story

_TRIES = 10
_PAUSE = 300.0

Rule = tuple[str, Callable[["Story", re.Match[str]], None]]


class Operator:
    """Follows RULES."""

    def __init__(self, story: "Story") -> None:
        self._story = story

    def do(self, reason: str) -> None:
        """Do what a reason says, and release the node where it says so."""
        story = self._story
        found = [(re.search(words, reason), deed) for words, deed in RULES]
        deeds = [(match, deed) for match, deed in found if match]
        assert deeds, f"what is to be done? {reason}"
        for match, deed in deeds:
            deed(story, match)
        assert not story.has_two_owners, f"whoever does so gives its BMC two owners: {reason}"
        if "release the node" in reason and story.held:
            story.rig.operations.release(story.uuid, by="ann")


def _cloud(match: re.Match[str]) -> str:
    """The cloud that a reason names last before its cure, which says `there`."""
    return str(re.findall(r"(old|new) cloud", match.string[: match.start()])[-1])


def _unprotect(story: "Story", _: re.Match[str]) -> None:
    story.ironic("old").patch(story.uuid, {"protected": False})


def _maintain_no_more(story: "Story", match: re.Match[str]) -> None:
    story.ironic(_cloud(match)).clear_maintenance(story.uuid)


def _retire(story: "Story", match: re.Match[str]) -> None:
    reason = story.direction.words(match[1])
    values = {"retired": True, "retired_reason": reason, "automated_clean": True}
    story.ironic("old").patch(story.uuid, values)


def _bring_to_manageable(story: "Story", match: re.Match[str]) -> None:
    name = _cloud(match)
    for _ in range(_TRIES):
        state = story.ironic(name).nodes[story.uuid].state
        if state in ("manageable", "available", "cleaning", "clean wait"):
            return
        with contextlib.suppress(ApiError):
            _mend_bmc(story, name)
            verb = "deleted" if state in ("error", "deploy failed") else "manage"
            story.ironic(name).provision(story.uuid, verb)
        story.rig.clock.advance(_PAUSE)


def _delete_record(story: "Story", _: re.Match[str]) -> None:
    if not story.ironic("new").nodes[story.uuid].body["maintenance"]:
        story.ironic("new").set_maintenance(story.uuid, "to be deleted")
    story.ironic("new").delete_node(story.uuid)


def _delete_instance(story: "Story", match: re.Match[str]) -> None:
    name = match[1]
    story.empty(name)
    story.rig.clock.advance(600)
    node = story.ironic(name).nodes.get(story.uuid)
    if node is not None and node.body["instance_uuid"]:
        story.ironic(name).patch(story.uuid, {"instance_uuid": None})


def _unretire(story: "Story", _: re.Match[str]) -> None:
    story.ironic("old").patch(story.uuid, {"retired": False})


def _set_back(story: "Story", _: re.Match[str]) -> None:
    """Give the records back what they had; then they are alike."""
    for cloud in ("new", "old"):
        if story.uuid in story.ironic(cloud).nodes:
            _set_back_in(story, cloud)


def _set_back_in(story: "Story", cloud: str) -> None:
    ironic = story.ironic(cloud)
    node = ironic.nodes[story.uuid]
    fields = {name: story.record[name] for name in ("name", "driver_info", "extra", "properties")}
    if "extra" in node.body and "ephyrad" in node.body["extra"]:
        fields["extra"] = {**fields["extra"], "ephyrad": node.body["extra"]["ephyrad"]}
    ironic.patch(story.uuid, fields)
    ironic.set_traits(story.uuid, story.traits)
    for kind, wanted in story.parts.items():
        uuids = {part["uuid"] for part in wanted}
        for uuid in [uuid for uuid in node.parts[kind] if uuid not in uuids]:
            del node.parts[kind][uuid]
        for part in wanted:
            if part["uuid"] not in node.parts[kind]:
                _create_part(story, cloud, kind, part)


def _create_part(story: "Story", cloud: str, kind: PartKind, part: Mapping[str, object]) -> None:
    known = story.cloud(cloud).settings.release.part_fields[kind]
    body = {name: part[name] for name in known if part.get(name) is not None}
    story.ironic(cloud).create_part(kind, {**body, "node_uuid": story.uuid})


def _mend_bmc(story: "Story", cloud: str, *keys: str) -> None:
    story.machine.answers = True
    info = story.body(cloud)["driver_info"]
    right = story.record["driver_info"]
    mended = {key: right[key] for key in keys or right}
    story.ironic(cloud).patch(story.uuid, {"driver_info": info | mended})


def _mend_login(story: "Story", _: re.Match[str]) -> None:
    """Mend the login in the new record only; an address is mended in both, as the text asks."""
    _mend_bmc(story, "new")


def _enrol_again(story: "Story", match: re.Match[str]) -> None:
    """Enrol the node as it was, and bring it to where the reason wants it."""
    name = _cloud(match)
    ironic = story.ironic(name)
    known = story.cloud(name).settings.release.creatable
    # Its instance is gone.
    known = known - {"instance_uuid", "instance_info"}
    body = {key: value for key, value in story.record.items() if key in known and value is not None}
    ironic.create_node(body | {"maintenance": "in maintenance as" in match.string})
    for kind in PartKind:
        for part in story.parts[kind]:
            _create_part(story, name, kind, part)
    ironic.set_traits(story.uuid, story.traits)
    ironic.provision(story.uuid, "manage")
    story.rig.clock.advance(60)
    if "bring it to available" in match.string:
        ironic.provision(story.uuid, "provide")
        story.rig.clock.advance(900)


def _clean(story: "Story", _: re.Match[str]) -> None:
    story.ironic("new").provision(story.uuid, "manage")
    story.ironic("new").patch(story.uuid, {"automated_clean": True})
    story.ironic("new").provision(story.uuid, "provide")
    story.rig.clock.advance(900)


def _nothing(_: "Story", __: re.Match[str]) -> None:
    pass


def _offer(story: "Story", _: re.Match[str]) -> None:
    """See why the new cloud does not offer the node: it is in maintenance, or manageable."""
    body = story.body("new")
    if body["maintenance"]:
        story.ironic("new").clear_maintenance(story.uuid)
    if body["provision_state"] == "manageable":
        story.ironic("new").provision(story.uuid, "provide")


RULES: list[Rule] = [
    (r"unset protected there", _unprotect),
    (r"unset maintenance there", _maintain_no_more),
    (r"set retired with the reason '([^']*)' and automated_clean there", _retire),
    (r"bring it to manageable(?: or available)? there", _bring_to_manageable),
    (r"(?<!or )delete that record,", _delete_record),
    (r"record of this UUID .* delete it there", _delete_record),
    (
        r"instance .* is on .* in the (old|new) cloud.* delete (?:it|the instance) there",
        _delete_instance,
    ),
    (r"delete it there if nobody needs it", _delete_record),
    (r"unset retired there", _unretire),
    (r"set it back there", _set_back),
    (r"mend it there or delete it there", _set_back),
    (r"mend its driver_info or the BMC", _mend_login),
    (r"enrol it there again under its UUID", _enrol_again),
    (r"clean it there \(manage, set automated_clean, provide\)", _clean),
    (r"it will be made anew from the document|it will go on without", _nothing),
    (r"goes on as if the new cloud had none", _nothing),
    (r"see to that cloud|goes on by itself|mend what it names", _nothing),
    (r"in vain .* for the new (?:placement|Ironic).*see to it", _offer),
    (r"in vain .*see to it", _nothing),
]
