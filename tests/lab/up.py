# SPDX-License-Identifier: Apache-2.0
"""Brings the lab up. What runs is left alone, what is missing is made, what died is started again;
so it may be interrupted anywhere and run again.
"""

import contextlib
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

from tests.lab import (
    bmc,
    brokers,
    control_plane,
    databases,
    environment,
    preflight,
    schema,
    tools,
)
from tests.lab.agent import agents
from tests.lab.configuration.files import write_all
from tests.lab.errors import Cancelled
from tests.lab.install import install
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.processes import Processes
from tests.lab.report import say
from tests.lab.service import Service
from tests.lab.settings import Settings

# filling databases is what takes the time, and it takes processors
_TASKS_AT_ONCE = 4


def up(settings: Settings, processes: Processes, clouds: tuple[Cloud, ...] = CLOUDS) -> None:
    """Returns when all is healthy.

    Raises LabError when it can't go on.
    """
    prepare(settings, processes)
    preflight.check_memory(processes, clouds)
    write_all(settings)
    with _pool(processes) as pool:
        _all(
            [
                pool.submit(_start_databases, settings, processes),
                pool.submit(_start_brokers, settings, processes, clouds),
                pool.submit(_start_machines, settings, processes),
            ]
        )
    say("MariaDB, brokers and BMCs are up")
    with _pool(processes) as tasks, _pool(processes) as pool:
        _all([pool.submit(_start_cloud, settings, processes, cloud, tasks) for cloud in clouds])
    say(f"the lab is up: export OS_CLIENT_CONFIG_FILE={settings.clouds_yaml}")


def prepare(settings: Settings, processes: Processes) -> None:
    """Directories, packages, virtual environments; ends what a killed command has left running.

    Raises LabError when something is missing that can't be installed.
    """
    for directory in (settings.run, settings.log, settings.data, settings.etc, settings.venv):
        directory.mkdir(parents=True, exist_ok=True)
    processes.stop_tasks()
    preflight.check_disk(settings)
    preflight.check_shared_memory()
    install(settings, processes)


def services(settings: Settings) -> list[Service]:
    """Every process of the lab, in the order of start."""
    found = [databases.server(settings), brokers.epmd(settings)]
    found += [brokers.broker(settings, cloud) for cloud in CLOUDS]
    found += [agents(settings), bmc.emulator(settings)]
    for cloud in CLOUDS:
        found.append(control_plane.keystone(settings, cloud))
        found += control_plane.first_services(settings, cloud)
        found.append(control_plane.compute(settings, cloud))
    return found


def start(processes: Processes, *wanted: Service) -> None:
    """Starts services side by side and returns when all answer.

    Raises LabError when one does not.
    """
    for service in wanted:
        processes.start(service)
    for service in wanted:
        processes.wait_ready(service)


def _start_databases(settings: Settings, processes: Processes) -> None:
    databases.create_data_directory(settings, processes)
    start(processes, databases.server(settings))
    databases.create_user(settings)


def _start_brokers(settings: Settings, processes: Processes, clouds: tuple[Cloud, ...]) -> None:
    start(processes, brokers.epmd(settings))
    start(processes, *(brokers.broker(settings, cloud) for cloud in clouds))
    for cloud in clouds:
        brokers.prepare(settings, processes, cloud)


def _start_machines(settings: Settings, processes: Processes) -> None:
    bmc.write_password(settings, processes)
    start(processes, agents(settings))
    start(processes, bmc.emulator(settings))


def _start_cloud(
    settings: Settings, processes: Processes, cloud: Cloud, tasks: ThreadPoolExecutor
) -> None:
    schema.fill(settings, processes, cloud, tasks)
    say(f"{cloud} cloud: databases are filled")
    start(processes, control_plane.keystone(settings, cloud))
    _prepare_identity(settings, processes, cloud)
    start(processes, *control_plane.first_services(settings, cloud))
    start(processes, control_plane.compute(settings, cloud))
    say(f"{cloud} cloud: all processes answer")
    wait_healthy(settings, processes, cloud)
    schema.map_host(settings, processes, cloud)
    say(f"{cloud} cloud: healthy")


def wait_healthy(settings: Settings, processes: Processes, cloud: Cloud) -> None:
    """Raises LabError when the cloud does not work after two minutes."""
    log = processes.log_file(f"{cloud}-health")
    log.unlink(missing_ok=True)  # the end of it is the answer
    command = tools.command(settings, "health", cloud, "--wait", "120")
    watched = [one.name for one in services(settings) if one.name.startswith(f"{cloud}-")]
    processes.task(f"{cloud}-health", command, environment.MODULES, watched=watched)


def _prepare_identity(settings: Settings, processes: Processes, cloud: Cloud) -> None:
    stamp = settings.data / cloud / ".identity"
    if not stamp.exists():
        command = tools.command(settings, "identity", cloud)
        processes.task(f"{cloud}-identity", command, environment.MODULES)
        stamp.touch()


@contextlib.contextmanager
def _pool(processes: Processes) -> Iterator[ThreadPoolExecutor]:
    """Threads that give up as soon as one of them, or the user, does."""
    with ThreadPoolExecutor(_TASKS_AT_ONCE) as pool:
        try:
            yield pool
        except BaseException:
            processes.cancelled.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _all(futures: list[Future[None]]) -> None:
    """Waits for all; raises what the first to fail raised."""
    done, _ = wait(futures, return_when=FIRST_EXCEPTION)
    errors = [error for future in done if (error := future.exception())]
    for error in sorted(errors, key=lambda error: isinstance(error, Cancelled)):
        raise error
