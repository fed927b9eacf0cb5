# SPDX-License-Identifier: Apache-2.0
"""One RabbitMQ broker per cloud, and an Erlang port mapper of the lab's own."""

import json
import subprocess
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.ports import Cloud
from tests.lab.processes import Processes
from tests.lab.service import Service
from tests.lab.settings import ADDRESS, Settings

USER = "openstack"
# A notifier declares an unbounded queue for each of its topics, read or not (observed on both
# releases): what nobody reads may not fill the memory of a lab that runs for days.
_POLICIES = {
    "unread-topics": (
        r"^(ironic_)?(versioned_)?notifications\.",
        {"message-ttl": 600_000, "max-length": 2_000},
    ),
    "ephyra-topics": (r"^ephyra\.", {"max-length": 100_000}),
}


def epmd(settings: Settings) -> Service:
    port = settings.shared_port("epmd")
    command = ("epmd", "-address", ADDRESS, "-port", str(port))
    return Service("epmd", command, port=port, ready_seconds=20)


def broker(settings: Settings, cloud: Cloud) -> Service:
    return Service(
        f"rabbit-{cloud}",
        (_script("rabbitmq-server"),),
        environment(settings, cloud),
        port=settings.port(cloud, "amqp"),
        stop_seconds=30,
    )


def environment(settings: Settings, cloud: Cloud) -> dict[str, str]:
    """What makes RabbitMQ's own scripts speak of this broker."""
    directory = _directory(settings, cloud)
    return {
        "HOME": str(directory / "home"),
        "RABBITMQ_NODENAME": f"ephyra-{cloud}@localhost",
        "RABBITMQ_NODE_PORT": str(settings.port(cloud, "amqp")),
        "RABBITMQ_DIST_PORT": str(settings.port(cloud, "erlang")),
        "RABBITMQ_MNESIA_BASE": str(directory / "mnesia"),
        "RABBITMQ_LOG_BASE": str(settings.log / f"rabbit-{cloud}"),
        "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "enabled_plugins"),
        "RABBITMQ_CONF_ENV_FILE": str(directory / "none"),
        "RABBITMQ_PID_FILE": str(directory / "pid"),
        "ERL_EPMD_ADDRESS": ADDRESS,
        "ERL_EPMD_PORT": str(settings.shared_port("epmd")),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none"
        ),
    }


def write_configuration(settings: Settings, cloud: Cloud) -> None:
    directory = _directory(settings, cloud)
    for sub in ("home", "mnesia"):
        (directory / sub).mkdir(parents=True, exist_ok=True)
    (settings.log / f"rabbit-{cloud}").mkdir(parents=True, exist_ok=True)
    cookie = directory / "home" / ".erlang.cookie"
    if not cookie.exists():
        part = cookie.with_suffix(".part")
        part.write_text(f"ephyra-lab-{cloud}")
        part.chmod(0o400)
        part.replace(cookie)
    (directory / "enabled_plugins").write_text("[].\n")
    (directory / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = {ADDRESS}:{settings.port(cloud, 'amqp')}\n"
        "vm_memory_high_watermark.absolute = 1GB\n"
        "disk_free_limit.absolute = 200MB\n"
        "loopback_users = none\n"
        "log.file.level = info\n"
    )


def prepare(settings: Settings, processes: Processes, cloud: Cloud) -> None:
    """User, permissions and the bounds of unread queues, once per data directory.

    Raises LabError when the broker refuses.
    """
    stamp = _directory(settings, cloud) / ".prepared"
    if stamp.exists():
        return

    def run(*arguments: str) -> None:
        processes.task(
            f"rabbitmqctl-{cloud}",
            (_script("rabbitmqctl"), "-q", *arguments),
            environment(settings, cloud),
        )

    run("await_startup")
    # one that an interrupted command has added already is replaced
    if USER in control(settings, cloud, "-q", "list_users", capture=True).split():
        run("change_password", USER, settings.password)
    else:
        run("add_user", USER, settings.password)
    run("set_permissions", USER, ".*", ".*", ".*")
    for name, (pattern, bounds) in _POLICIES.items():
        run("set_policy", "--apply-to", "queues", name, pattern, json.dumps(bounds))
    stamp.touch()


def control(settings: Settings, cloud: Cloud, *arguments: str, capture: bool = False) -> str:
    """Runs rabbitmqctl on one broker and gives what it printed, if `capture`.

    Raises LabError when rabbitmqctl fails.
    """
    if not _directory(settings, cloud).exists():
        raise LabError(
            f"there is no {cloud} broker in {settings.directory}: run python3 -m tests.lab up"
        )
    result = subprocess.run(
        (_script("rabbitmqctl"), *arguments),
        cwd=settings.run,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"} | environment(settings, cloud),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else None,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise LabError(
            f"rabbitmqctl {' '.join(arguments)} failed ({result.returncode}) on the {cloud} broker:"
            " is it running? python3 -m tests.lab status tells"
        )
    return result.stdout or ""


def _directory(settings: Settings, cloud: Cloud) -> Path:
    return settings.data / f"rabbit-{cloud}"


def _script(name: str) -> str:
    """RabbitMQ's own script, if it is installed: the one in PATH insists on the rabbitmq user."""
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob(f"rabbitmq_server-*/sbin/{name}"))
    return str(found[-1]) if found else name
