# SPDX-License-Identifier: Apache-2.0
"""The work of a simulated conductor that takes time: verify, clean, deploy, undeploy, power."""

from collections.abc import Callable

from ephyrad.testing.conductor import Conductor
from ephyrad.testing.machines import POWER_OFF, POWER_ON, BmcError
from ephyrad.testing.records import Node

_AGENT_CALLS = 2
"""How often the agent of a node that is cleaned calls back until all steps are done."""


class Work:
    """Pieces of work; each locks the node while the conductor is busy with it."""

    def __init__(self, conductor: Conductor) -> None:
        self._conductor = conductor

    def verify(self, node: Node) -> None:
        """`verifying`: read the power state through the BMC; an error leads back to `enroll`."""
        do = self._conductor
        do.lock(node)
        do.write(node, last_error=None)
        do.move(node, "manage", "verifying", "manageable")
        do.later(node, do.settings.times.verify, lambda: self._verified(node))

    def _verified(self, node: Node) -> None:
        do = self._conductor
        error = self._failure("verify", node)
        do.unlock(node)
        if error is None and not node.fake_power:
            try:
                do.write(node, power_state=do.room.power(node.body["driver_info"]))
            except BmcError as refused:
                error = str(refused)
        if error is not None:
            text = f"Failed to get power state for node {node.uuid}. Error: {error}"
            do.record_error(node, text)
            do.move(node, "fail", "enroll")
        else:
            do.move(node, "done", "manageable")

    def provide(self, node: Node) -> None:
        """`cleaning`, then `available`."""
        do = self._conductor
        do.lock(node)
        do.write(node, last_error=None)
        do.move(node, "provide", "cleaning", "available")
        do.later(node, (0.1, 1.0), lambda: self._clean(node))

    def undeploy(self, node: Node) -> None:
        """`deleting`, then `cleaning`."""
        do = self._conductor
        do.lock(node)
        do.write(node, last_error=None)
        do.move(node, "delete", "deleting", "available")
        do.later(node, do.settings.times.undeploy, lambda: self._undeployed(node))

    def _undeployed(self, node: Node) -> None:
        do = self._conductor
        error = self._failure("undeploy", node) or self._switch(node, POWER_OFF)
        if error is not None:
            do.unlock(node)
            do.record_error(node, f"Failed to tear down. Error: {error}")
            do.move(node, "fail", "error", "available")
            return
        do.write(node, instance_uuid=None, instance_info={}, allocation_uuid=None)
        do.move(node, "clean", "cleaning", "available")
        do.later(node, (0.1, 1.0), lambda: self._clean(node))

    def _clean(self, node: Node) -> None:
        """Clean, or skip it: then the node ends `available`, retired or not."""
        do = self._conductor
        wanted = node.body["automated_clean"]
        if not (do.settings.automated_clean if wanted is None else wanted):
            do.unlock(node)
            do.move(node, "done", "available")
        elif node.body["deploy_interface"] == "fake":
            self._cleaned(node)
        else:
            do.later(node, do.settings.times.boot, lambda: self._boot_to_clean(node))

    def _boot_to_clean(self, node: Node) -> None:
        error = self._switch(node, POWER_ON)
        if error is not None:
            self._clean_failed(node, error)
        else:
            self._await_agent(node, "clean wait", lambda: self._clean_step(node, 1))

    def _clean_step(self, node: Node, number: int) -> None:
        do = self._conductor
        do.lock(node)
        do.move(node, "resume", "cleaning", "available")

        def done() -> None:
            if number < _AGENT_CALLS:
                again = number + 1
                self._await_agent(node, "clean wait", lambda: self._clean_step(node, again))
            else:
                self._cleaned(node)

        do.later(node, do.settings.times.work, done)

    def _cleaned(self, node: Node) -> None:
        do = self._conductor
        error = self._failure("clean", node)
        if error is None and node.body["deploy_interface"] != "fake":
            error = self._switch(node, POWER_OFF)
        if error is not None:
            self._clean_failed(node, error)
            return
        machine = do.room.named_by(node.body["driver_info"])
        if machine is not None:
            machine.data.clear()
        do.unlock(node)
        if node.body["retired"]:
            do.move(node, "manage", "manageable")
        else:
            do.move(node, "done", "available")

    def _clean_failed(self, node: Node, error: str) -> None:
        do = self._conductor
        text = f"Node {node.uuid} failed to clean: {error}"
        do.unlock(node)
        do.record_error(node, text)
        do.write(node, maintenance=True, maintenance_reason=text, fault="clean failure")
        do.move(node, "fail", "clean failed", "available")

    def deploy(self, node: Node) -> None:
        """`deploying`, then `active`."""
        do = self._conductor
        do.lock(node)
        do.write(node, last_error=None)
        do.move(node, "deploy", "deploying", "active")
        do.later(node, do.settings.times.boot, lambda: self._boot_to_deploy(node))

    def _boot_to_deploy(self, node: Node) -> None:
        error = self._failure("deploy", node)
        if error is None and node.body["deploy_interface"] == "fake":
            self._deployed(node)
            return
        error = error or self._switch(node, POWER_ON)
        if error is not None:
            self._deploy_failed(node, error)
        else:
            self._await_agent(node, "wait call-back", lambda: self._write_image(node))

    def _write_image(self, node: Node) -> None:
        do = self._conductor
        do.lock(node)
        do.move(node, "resume", "deploying", "active")
        do.later(node, do.settings.times.work, lambda: self._deployed(node))

    def _deployed(self, node: Node) -> None:
        do = self._conductor
        machine = do.room.named_by(node.body["driver_info"])
        if machine is not None and node.body["instance_uuid"]:
            machine.data.add(node.body["instance_uuid"])
        do.unlock(node)
        do.move(node, "done", "active")

    def _deploy_failed(self, node: Node, error: str) -> None:
        do = self._conductor
        do.unlock(node)
        do.record_error(node, f"Failed to deploy. Error: {error}")
        do.move(node, "fail", "deploy failed", "active")

    def power(self, node: Node, target: str) -> None:
        """Switch the machine."""
        do = self._conductor
        do.lock(node)
        do.write(node, target_power_state=target, last_error=None)
        do.notify(node, "power_set.start", to_power=target)
        do.later(node, do.settings.times.power, lambda: self._switched(node, target))

    def _switched(self, node: Node, target: str) -> None:
        do = self._conductor
        error = self._failure("power", node) or self._switch(node, target)
        do.unlock(node)
        do.write(node, target_power_state=None)
        if error is None:
            do.notify(node, "power_set.end", to_power=target)
        else:
            do.record_error(node, f"Failed to change power state to '{target}'. Error: {error}")
            do.notify(node, "power_set.error", priority="error", to_power=target)

    def _await_agent(self, node: Node, state: str, call: Callable[[], None]) -> None:
        do = self._conductor
        do.unlock(node)
        do.move(node, "wait", state, node.body["target_provision_state"])
        do.later(node, do.settings.times.agent, lambda: self._heartbeat(node, call))

    def _heartbeat(self, node: Node, call: Callable[[], None]) -> None:
        """Go on, unless nobody listens to the agent: in maintenance, or without a conductor."""
        do = self._conductor
        busy = node.body["reservation"] is not None or not do.alive
        if node.body["maintenance"] or busy:
            pause = do.settings.times.heartbeat
            do.later(node, (pause, pause), lambda: self._heartbeat(node, call))
        else:
            call()

    def _switch(self, node: Node, power: str) -> str | None:
        """Switch the machine and record it; return the error if there is one."""
        do = self._conductor
        if not node.fake_power:
            try:
                do.room.set_power(node.body["driver_info"], power, do.settings.host)
            except BmcError as error:
                return str(error)
        do.write(node, power_state=power)
        return None

    def _failure(self, what: str, node: Node) -> str | None:
        return self._conductor.settings.fails(what, node.uuid)
