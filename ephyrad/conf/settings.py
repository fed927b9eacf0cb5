# SPDX-License-Identifier: Apache-2.0
"""What the process is told: the options, read once, as frozen dataclasses."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from oslo_config import cfg

from ephyrad.api.settings import ApiSettings
from ephyrad.bus.mailbox_settings import MailboxSettings
from ephyrad.bus.settings import BusSettings, SenderSettings
from ephyrad.clouds.settings import CloudSettings
from ephyrad.conf import (
    cloud,
    environment,
    mapping,
    migration,
    notifications,
    reclaim,
    reclaim_amqp,
)
from ephyrad.conf.api import api_settings
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.paths import absolute, readable
from ephyrad.conf.place import place_of
from ephyrad.engine.environment.people import Rules
from ephyrad.environment.policy import EnvironmentPolicy
from ephyrad.migration.facts import CloudName
from ephyrad.migration.policy import Policy
from ephyrad.reclaim.fate import ReclaimPolicy

# Beside one connection for each worker: for the sweep, and for what operators ask.
_SPARE_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """Where the keys of the journal's secrets are; how long dealt-with notifications are kept."""

    key_file: Path
    retention: timedelta


@dataclass(frozen=True, slots=True)
class EnvironmentSettings:
    """What of the clouds' environments is kept in step, and how."""

    policy: EnvironmentPolicy
    rules: Rules
    workers: int
    sweep_interval: timedelta


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the process is told.

    `max_in_flight`, `sweep_interval`, `policy`, `reclaim`, `environment`, but for its workers, and
    of `api` the certificate and the roles may change while it runs, see
    :func:`ephyrad.conf.load.reread`. A bus is None where the cloud is not listened to, the
    mailbox where CI sends nothing over AMQP, and `notifications` where none are sent.
    """

    state_dir: Path
    workers: int
    sweep_interval: timedelta
    max_in_flight: int
    policy: Policy
    credentials_file: Path | None
    old_cloud: CloudSettings
    new_cloud: CloudSettings
    old_bus: BusSettings | None
    new_bus: BusSettings | None
    journal: JournalSettings
    environment: EnvironmentSettings
    api: ApiSettings
    reclaim: ReclaimPolicy
    mailbox: MailboxSettings | None = None
    notifications: SenderSettings | None = None


def build(conf: cfg.ConfigOpts) -> Settings:
    """Return the settings that the values of the options come to.

    :raises ConfigurationError: they cannot work together, or name what is not there.
    """
    connections = conf.workers + _SPARE_CONNECTIONS
    connections += conf.environment.workers + conf.environment.users_at_once
    old = cloud.cloud_settings(conf, CloudName.OLD, connections=connections)
    new = cloud.cloud_settings(conf, CloudName.NEW, connections=connections)
    _check_apart(conf, old, new)
    names = mapping.read(readable(conf, "migration", "mapping_file"))
    new_bus = cloud.bus_settings(conf.new_cloud, CloudName.NEW)
    return Settings(
        state_dir=absolute(conf, "DEFAULT", "state_dir"),
        workers=conf.workers,
        sweep_interval=timedelta(seconds=conf.sweep_interval),
        max_in_flight=conf.migration.max_in_flight,
        policy=migration.policy(
            conf.migration,
            names,
            old_compute=old.compute,
            new_compute=new.compute,
        ),
        credentials_file=readable(conf, "migration", "credentials_file"),
        old_cloud=old,
        new_cloud=new,
        old_bus=cloud.bus_settings(conf.old_cloud, CloudName.OLD),
        new_bus=new_bus,
        journal=JournalSettings(
            key_file=absolute(conf, "journal", "key_file"),
            retention=timedelta(seconds=conf.journal.retention),
        ),
        environment=EnvironmentSettings(
            policy=environment.policy(conf.environment),
            rules=environment.matches(conf.environment, names),
            workers=conf.environment.workers,
            sweep_interval=timedelta(seconds=conf.environment.sweep_interval),
        ),
        api=api_settings(conf),
        reclaim=reclaim.policy(conf),
        mailbox=reclaim_amqp.mailbox(conf),
        notifications=notifications.sender_settings(conf, new_bus),
    )


def renewed(settings: Settings, fresh: Settings) -> Settings:
    """Return `settings` with what may change while the process runs taken from `fresh`."""
    return replace(
        settings,
        max_in_flight=fresh.max_in_flight,
        sweep_interval=fresh.sweep_interval,
        policy=replace(
            fresh.policy,
            old_compute=settings.policy.old_compute,
            new_compute=settings.policy.new_compute,
        ),
        environment=replace(fresh.environment, workers=settings.environment.workers),
        reclaim=fresh.reclaim,
        # What of it may change, the server takes from here.
        api=fresh.api,
    )


def _check_apart(conf: cfg.ConfigOpts, old: CloudSettings, new: CloudSettings) -> None:
    """Refuse one cloud as both: every node would look as if it were carried already."""
    if old.region != new.region:
        return
    if old.cloud is not None and old.cloud == new.cloud:
        raise ConfigurationError(
            f"{place_of(conf, 'new_cloud', 'cloud')} = {new.cloud} is the old cloud as well; name"
            " the new cloud"
        )
    urls = [getattr(side.session and side.session.auth, "auth_url", None) for side in (old, new)]
    if urls[0] is not None and urls[0] == urls[1]:
        raise ConfigurationError(
            f"{place_of(conf, 'new_cloud', 'auth_url')} = {urls[1]} is the old cloud's as well;"
            " name the new cloud's, or two regions by region_name"
        )
