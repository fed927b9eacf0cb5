# SPDX-License-Identifier: Apache-2.0
"""Where trials are tried: a cloud's stage, and what an instance is made of there."""

from dataclasses import dataclass

from ephyrad.clouds.trials import TrialCloud
from ephyrad.migration.facts import Provision
from ephyrad.rollout.boot_verdict import is_free
from ephyrad.testing.cloud import SimulatedCloud
from tests.contract.stage import PATIENCE, Nodes, Stage

CLASS = "CUSTOM_CONTRACT"


@dataclass(frozen=True)
class TrialStage:
    """`flavor` is the id of one that asks for `resource_class`, `image` the id of an image."""

    stage: Stage
    trials: TrialCloud
    flavor: str
    image: str
    resource_class: str = CLASS

    def free_node(self, nodes: Nodes) -> str:
        """Return a new node that the flavor may take."""
        node = nodes.make(Provision.AVAILABLE, resource_class=self.stage.resource_class)
        for _ in range(PATIENCE):
            if is_free(self.stage.cloud.compute(node), {self.resource_class}):
                return node
            self.stage.wait()
        raise AssertionError(f"placement never offers {node}")


def simulated_trials(stage: Stage, cloud: SimulatedCloud, trials: TrialCloud) -> TrialStage:
    """Return the stage of a simulated cloud, with a private flavor and an image made in it."""
    cloud.flavors.create(id="trial", name="a trial", ram=8, vcpus=1, disk=3, is_public=False)
    specs = {f"resources:{CLASS}": "1", "resources:VCPU": "0", "resources:CUSTOM_OTHER": "0"}
    cloud.flavors.specify("trial", specs)
    body = {"name": "trial image", "disk_format": "raw", "container_format": "bare"}
    image = cloud.glance.create(body, "service")["id"]
    upload = cloud.glance.take_in(image, None)
    upload.take(b"an image")
    upload.end()
    return TrialStage(stage, trials, "trial", image)
