# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of every node: ephyrad's own means, and how both clouds are reached."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ephyrad.bus.health import Condition
from ephyrad.clouds.port import Cloud, CloudReadError, CloudSetupError
from ephyrad.engine.answers import BusAnswer
from ephyrad.engine.perform import Clouds
from ephyrad.migration.facts import CloudName, ServiceFacts
from ephyrad.migration.findings import Finding, Topic, Weight, Where
from ephyrad.migration.steps import Cause

_CLEANS = 50
"""Ironic's own `[conductor] max_concurrent_clean`; its API does not tell what it is."""

WHERE = {CloudName.OLD: Where.OLD, CloudName.NEW: Where.NEW}


@dataclass(frozen=True, slots=True)
class Means:
    """What ephyrad itself needs: `journal_error`, `key_error` say what ails it, None: nothing.

    `bus` tells of a cloud's; `started_at` is when they began to be listened to; `sweep_interval` is
    seconds.
    """

    journal_error: str | None
    key_error: str | None
    bus: Callable[[CloudName], BusAnswer]
    started_at: datetime
    max_in_flight: int
    sweep_interval: float


@dataclass(frozen=True, slots=True)
class General:
    """What was found, and why what a cloud shows of nodes cannot be believed, by cloud."""

    findings: Mapping[Where, Sequence[Finding]]
    troubles: Mapping[CloudName, str]
    services: Mapping[CloudName, Sequence[ServiceFacts]]


def look(clouds: Clouds, means: Means) -> General:
    """Look at all that nodes have in common."""
    both = (clouds.old, clouds.new)
    services = {cloud.name: cloud.services() for cloud in both}
    troubles = {cloud.name: found for cloud in both if (found := _trouble(cloud)) is not None}
    findings = {
        Where.EPHYRAD: list(_of_ephyrad(means)),
        **{
            WHERE[cloud.name]: [
                *_of_cloud(cloud, troubles.get(cloud.name), services),
                *_of_bus(cloud.name, means),
            ]
            for cloud in both
        },
    }
    words = {name: found.text for name, found in troubles.items()}
    return General(findings, words, services)


def _trouble(cloud: Cloud) -> Finding | None:
    """Return why nothing that a cloud shows can be believed."""
    try:
        cloud.check()
    except CloudSetupError as error:
        return Finding(Weight.PROBLEM, Topic.ACCESS, str(error))
    except CloudReadError as error:
        text = f"{error}: see that it runs, and that ephyrad's machine reaches it"
        return Finding(Weight.PROBLEM, Cause.UNREACHABLE, text)
    return None


def _of_cloud(
    cloud: Cloud,
    trouble: Finding | None,
    services: Mapping[CloudName, Sequence[ServiceFacts]],
) -> Iterator[Finding]:
    if trouble is not None:
        yield trouble
    told = trouble.text if trouble is not None else ""
    for each in services[cloud.name]:
        if each.trouble is not None and each.trouble not in told:
            yield Finding(Weight.PROBLEM, Topic.SERVICE, each.trouble)
    if cloud.name is CloudName.NEW:
        yield from _lacking(services)
    if trouble is None:
        yield from _conductors(cloud)


def _lacking(services: Mapping[CloudName, Sequence[ServiceFacts]]) -> Iterator[Finding]:
    """Yield the services that the old cloud has and the new one has not."""
    there = {each.name for each in services[CloudName.OLD] if each.there}
    for each in services[CloudName.NEW]:
        if each.name in there and not each.there and each.trouble is None:
            yield Finding(
                Weight.PROBLEM,
                Topic.SERVICE,
                f"{each.name} is in the old cloud's catalogue and not in the new one's: what nodes"
                " name of it has no counterpart; correct region_name and interface in [new_cloud],"
                " or register its endpoint there",
            )


def _conductors(cloud: Cloud) -> Iterator[Finding]:
    try:
        groups = cloud.new_cloud_facts(None, (), ()).conductor_groups
    except CloudReadError as error:
        yield Finding(Weight.UNJUDGED, Cause.UNREACHABLE, str(error))
        return
    if not groups:
        yield Finding(
            Weight.PROBLEM,
            Topic.CONDUCTORS,
            f"no conductor of the {cloud.name} cloud is alive: start its ironic-conductor",
        )


def _of_ephyrad(means: Means) -> Iterator[Finding]:
    if means.journal_error is not None:
        yield Finding(Weight.PROBLEM, Topic.JOURNAL, means.journal_error)
    if means.key_error is not None:
        yield Finding(Weight.PROBLEM, Topic.KEY_FILE, means.key_error)
    if means.max_in_flight > _CLEANS:
        yield Finding(
            Weight.REMARK,
            Topic.LIMIT,
            f"[migration] max_in_flight is {means.max_in_flight}; the old Ironic cleans no more"
            f" nodes at once than its [conductor] max_concurrent_clean, {_CLEANS} unless changed,"
            " which its API does not tell, and refuses the rest: keep max_in_flight below it",
        )


def _of_bus(cloud: CloudName, means: Means) -> Iterator[Finding]:
    bus = means.bus(cloud)
    sweep = f"changes are found by the sweep, every {means.sweep_interval:.0f} s"
    match bus.condition:
        case None:
            text = f"the bus of the {cloud} cloud is not listened to ([{cloud}_cloud] transport_url"
            yield Finding(Weight.REMARK, Topic.BUS, f"{text} is not set): {sweep}")
        case Condition.LISTENING | Condition.SILENT if bus.last is not None:
            if bus.condition is Condition.SILENT:
                yield _silent(cloud, f"since {_moment(bus.last)}", sweep)
        case Condition.LISTENING | Condition.SILENT | Condition.STARTING:
            since = f"since ephyrad's start, {_moment(means.started_at)}"
            yield _silent(cloud, since, sweep)
        case condition:
            yield Finding(
                Weight.PROBLEM,
                Topic.BUS,
                f"the bus of the {cloud} cloud is not heard: {bus.words or condition}; mend the"
                f" broker, or [{cloud}_cloud] transport_url; meanwhile {sweep}",
            )


def _silent(cloud: CloudName, since: str, sweep: str) -> Finding:
    return Finding(
        Weight.REMARK,
        Topic.BUS,
        f"nothing was heard on the bus of the {cloud} cloud {since}: if something happened there,"
        " see its services' notification options and ephyrad's topics or pool (see Operating,"
        f" Notifications); meanwhile {sweep}",
    )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
