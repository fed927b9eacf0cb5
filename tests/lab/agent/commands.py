# SPDX-License-Identifier: Apache-2.0
"""What the agent does when a conductor commands it (ironic-python-agent's API, version 11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Result = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What comes of a command: the result, what kind of step it is when it takes time ("clean" or
    "deploy"), and the Redfish reset with which it ends.
    """

    result: Result
    step: str | None = None
    reset: str | None = None


def answer(name: str, parameters: Mapping[str, Any]) -> Answer:
    """Every command succeeds; one that is not known has nothing to do."""
    match name.rpartition(".")[2]:
        case "get_clean_steps":
            return Answer(_steps("clean_steps", _CLEAN_STEPS))
        case "get_deploy_steps":
            return Answer(_steps("deploy_steps", _DEPLOY_STEPS))
        case "get_service_steps":
            return Answer(_steps("service_steps", []))
        case "execute_clean_step":
            result = {"clean_result": "done", "clean_step": parameters.get("step")}
            return Answer(result, step="clean")
        case "execute_deploy_step":
            result = {"deploy_result": "done", "deploy_step": parameters.get("step")}
            return Answer(result, step="deploy")
        case "prepare_image":
            image = {"result": "prepare_image: image written", "root_uuid": None}
            return Answer(image, step="deploy")
        case "power_off":
            return Answer(_OK, reset="ForceOff")
        case "run_image" | "reboot":
            return Answer(_OK, reset="ForceRestart")
        case "get_partition_uuids":
            return Answer({"result": {}})
        case _:
            return Answer(_OK)


_OK: Result = {"result": "ok"}
_MANAGER = "LabHardwareManager"
_CLEAN_STEPS = [
    {
        "step": step,
        "priority": priority,
        "interface": "deploy",
        "reboot_requested": False,
        "abortable": True,
    }
    for step, priority in (("erase_devices_metadata", 10), ("erase_devices", 0))
]
# never empty: the conductor would ask again for ever (observed on both releases)
_DEPLOY_STEPS = [
    {
        "step": "inject_files",
        "priority": 0,
        "interface": "deploy",
        "reboot_requested": False,
        "argsinfo": {},
    }
]


def _steps(kind: str, steps: list[dict[str, Any]]) -> Result:
    return {"hardware_manager_version": {_MANAGER: "1.0"}, kind: {_MANAGER: steps}}
