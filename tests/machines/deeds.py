# SPDX-License-Identifier: Apache-2.0
"""What other people and the hardware do to a machine, each by the words that name it."""

from datetime import timedelta

from ephyrad.migration.effects import PartKind
from tests.machines.story import Deed, Story

_MINUTE = 60.0


def _patch(cloud: str, **values: object) -> Deed:
    def deed(story: Story) -> None:
        story.ironic(cloud).patch(story.uuid, values)

    return deed


def _other_bmc(cloud: str) -> Deed:
    def deed(story: Story) -> None:
        info = story.body(cloud)["driver_info"] | {"redfish_address": "10.9.9.9"}
        story.ironic(cloud).patch(story.uuid, {"driver_info": info})

    return deed


def _other_password(cloud: str) -> Deed:
    def deed(story: Story) -> None:
        info = story.body(cloud)["driver_info"] | {"redfish_password": "mistyped"}
        story.ironic(cloud).patch(story.uuid, {"driver_info": info})

    return deed


def _add_port(cloud: str) -> Deed:
    def deed(story: Story) -> None:
        port = {"node_uuid": story.uuid, "address": "52:54:02:00:00:00"}
        story.ironic(cloud).create_part(PartKind.PORT, port)

    return deed


def _remove_port(cloud: str) -> Deed:
    def deed(story: Story) -> None:
        story.ironic(cloud).nodes[story.uuid].parts[PartKind.PORT].popitem()

    return deed


def _change_traits(cloud: str) -> Deed:
    return lambda story: story.ironic(cloud).set_traits(story.uuid, ["CUSTOM_OTHER"])


def _take_out(cloud: str) -> Deed:
    return lambda story: story.ironic(cloud).set_maintenance(story.uuid, "changing a fan")


def _put_back(cloud: str) -> Deed:
    return lambda story: story.ironic(cloud).clear_maintenance(story.uuid)


def _delete(cloud: str) -> Deed:
    return lambda story: story.ironic(cloud).delete_node(story.uuid)


def _provision(cloud: str, verb: str) -> Deed:
    return lambda story: story.ironic(cloud).provision(story.uuid, verb)


def _claim(cloud: str) -> Deed:
    other = "99999999-0000-4000-8000-000000000001"
    return lambda story: story.ironic(cloud).associate(story.uuid, other)


def _restart(cloud: str) -> Deed:
    def deed(story: Story) -> None:
        conductor = story.ironic(cloud).conductor
        conductor.die()
        story.rig.clock.call_later(5 * _MINUTE, conductor.restart)

    return deed


def _gone_for_an_hour(cloud: str) -> Deed:
    def deed(story: Story) -> None:
        end = story.rig.clock.monotonic() + 60 * _MINUTE
        story.away(cloud, until=end)

    return deed


def _clean_fails(cloud: str, *, managed: bool = False) -> Deed:
    """The next cleaning fails; `managed`: somebody has it manageable and thinks no more of it."""

    def deed(story: Story) -> None:
        settings, ironic = story.cloud(cloud).settings, story.ironic(cloud)

        def fails(what: str, _: str) -> str | None:
            if what != "clean":
                return None
            settings.fails = lambda _what, _uuid: None
            if managed:
                story.rig.clock.call_later(1.0, manage)
            return "erase_devices failed"

        def manage() -> None:
            ironic.provision(story.uuid, "manage")
            ironic.clear_maintenance(story.uuid)

        settings.fails = fails

    return deed


def _bmc_silent(story: Story) -> None:
    story.machine.answers = False

    def answer() -> None:
        story.machine.answers = True

    story.rig.clock.call_later(20 * _MINUTE, answer)


def _jump(days: int) -> Deed:
    return lambda story: story.rig.clock.jump(timedelta(days=days))


def _stopped(story: Story) -> None:
    """SIGSTOP: all clocks go on, and ephyrad does nothing."""
    story.rig.clock.advance(10 * _MINUTE)


DEEDS: dict[str, Deed] = {
    **{
        f"{what} in the {cloud} cloud": deed
        for cloud in ("old", "new")
        for what, deed in {
            "deleted": _delete(cloud),
            "renamed": _patch(cloud, name="renamed"),
            "another BMC": _other_bmc(cloud),
            "another password": _other_password(cloud),
            "a port more": _add_port(cloud),
            "a port less": _remove_port(cloud),
            "other traits": _change_traits(cloud),
            "in maintenance": _take_out(cloud),
            "maintenance unset": _put_back(cloud),
            "managed by hand": _provision(cloud, "manage"),
            "provided by hand": _provision(cloud, "provide"),
            "claimed": _claim(cloud),
            "its conductor dies": _restart(cloud),
            "gone for an hour": _gone_for_an_hour(cloud),
        }.items()
    },
    "cleaning fails in the old cloud": _clean_fails("old"),
    "cleaning fails in the new cloud": _clean_fails("new"),
    "the same, and managed by hand": _clean_fails("old", managed=True),
    "unretired in the old cloud": _patch("old", retired=False),
    "not to be cleaned in the old cloud": _patch("old", automated_clean=False),
    "protected in the old cloud": _patch("old", protected=True),
    "its BMC is silent for 20 minutes": _bmc_silent,
    "the clocks jump a day ahead": _jump(1),
    "the clocks jump a day back": _jump(-1),
    "ephyrad is stopped for ten minutes": _stopped,
}
