# SPDX-License-Identifier: Apache-2.0
"""One machine: booted when its BMC powers it on, found by its MAC, obedient to one conductor."""

import base64
import threading
import time
import uuid
from typing import Any

from tests.lab import bmc
from tests.lab.agent.behaviour import Behaviour
from tests.lab.agent.commands import Answer, answer
from tests.lab.agent.web import ask
from tests.lab.ports import CLOUDS, Cloud
from tests.lab.settings import Settings

_LOOKUP_SECONDS = 60
_HEARTBEAT_SECONDS = 5


class Busy(Exception):
    """A command is still running."""


class Machine:
    """The ramdisk of one emulated machine; every boot is a thread."""

    def __init__(self, settings: Settings, machine: bmc.Machine) -> None:
        self._settings = settings
        self._machine = machine
        self._lock = threading.Lock()
        self._boot = 0
        self._soon = threading.Event()
        self.power: str | None = None
        self.behaviour = Behaviour()
        self.commands: list[dict[str, Any]] = []
        self.token: str | None = None

    def power_is(self, power: str | None) -> None:
        """Told by the BMC whenever it changes anything."""
        with self._lock:
            if power == self.power:
                return
            self.power = power
            self._boot += 1
            if power == "On":
                self.commands = []
                threading.Thread(target=self._run, args=(self._boot,), daemon=True).start()
        self._say(f"power {power}")

    def command(self, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Takes a conductor's command; what it returns changes when the command ends.

        Raises Busy while another one runs.
        """
        todo = answer(name, parameters)
        with self._lock:
            if any(one["command_status"] == "RUNNING" for one in self.commands):
                raise Busy
            entry = _entry(name, parameters, todo)
            self.commands.append(entry)
        self._say(f"command {name}")
        if todo.step is not None:
            threading.Thread(target=self._work, args=(entry, todo), daemon=True).start()
        if todo.reset is not None:
            threading.Thread(target=self._reset, args=(todo.reset,), daemon=True).start()
        return entry

    def _run(self, boot: int) -> None:
        """One boot: lookup, then heartbeats until the power goes off."""
        if not self.behaviour.boot:
            self._say("told not to boot")
            return
        time.sleep(self.behaviour.boot_seconds)
        if found := self._lookup(boot):
            self._heartbeats(boot, *found)
        else:
            self._say("not wanted by any cloud: booted its disk")

    def _lookup(self, boot: int) -> tuple[str, str] | None:
        """Base URL of the Ironic that waits for this machine, and the node it is there.

        Ironic finds a node only while it is being cleaned, deployed and so on.
        """
        limit = time.monotonic() + _LOOKUP_SECONDS
        while self._alive(boot) and time.monotonic() < limit:
            for cloud in CLOUDS:
                url = self._settings.url(cloud, "ironic")
                status, body = ask("GET", f"{url}/v1/lookup?addresses={self._machine.mac}")
                if status == 200:
                    return self._found(cloud, url, body)
            time.sleep(1.5)
        return None

    def _found(self, cloud: Cloud, url: str, body: Any) -> tuple[str, str]:
        self.token = body["config"].get("agent_token")
        node = body["node"]["uuid"]
        self._say(f"is node {node} of the {cloud} cloud")
        return url, node

    def _heartbeats(self, boot: int, url: str, node: str) -> None:
        callback = self._settings.shared_url("agent", f"/agent/{self._machine.uuid}")
        while self._alive(boot):
            body = {
                "callback_url": callback,
                "agent_version": "11.0.0",
                "agent_token": self.token,
            }
            status, text = ask("POST", f"{url}/v1/heartbeat/{node}", body)
            if status >= 400 or status == 0:
                self._say(f"heartbeat: {status} {str(text)[:200]}")
            if status in (400, 404) and "could not be found" in str(text):
                return
            self._soon.wait(_HEARTBEAT_SECONDS)
            self._soon.clear()

    def _alive(self, boot: int) -> bool:
        return self._boot == boot and self.power == "On"

    def _work(self, entry: dict[str, Any], todo: Answer) -> None:
        now = self.behaviour
        time.sleep(now.clean_seconds if todo.step == "clean" else now.deploy_seconds)
        with self._lock:
            if self.behaviour.fail == todo.step:
                entry["command_error"] = {
                    "type": "LabError",
                    "code": 500,
                    "message": "lab fault",
                    "details": f"the lab was told to fail this {todo.step}",
                }
                entry["command_status"] = "FAILED"
            else:
                entry["command_result"] = todo.result
                entry["command_status"] = "SUCCEEDED"
        self._soon.set()

    def _reset(self, how: str) -> None:
        login = base64.b64encode(f"{bmc.USER}:{self._settings.password}".encode()).decode()
        status, _ = ask(
            "POST",
            self._settings.shared_url(
                "bmc", f"/redfish/v1/Systems/{self._machine.uuid}/Actions/ComputerSystem.Reset"
            ),
            {"ResetType": how},
            {"Authorization": f"Basic {login}"},
        )
        self._say(f"{how}: {status}")

    def _say(self, text: str) -> None:
        print(time.strftime("%H:%M:%S"), self._machine.name, text, flush=True)


def _entry(name: str, parameters: dict[str, Any], todo: Answer) -> dict[str, Any]:
    running = todo.step is not None
    return {
        "id": str(uuid.uuid4()),
        "command_name": name.rpartition(".")[2],
        "command_params": parameters,
        "command_status": "RUNNING" if running else "SUCCEEDED",
        "command_error": None,
        "command_result": None if running else todo.result,
    }
