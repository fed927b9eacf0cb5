# SPDX-License-Identifier: Apache-2.0
"""Deploy templates (Ironic API 1.55): steps that a deployment takes where a trait asks for them."""

from ephyrad.clouds.environment.step_lists import Shape, StepLists
from ephyrad.clouds.service import Service
from ephyrad.environment.kinds import Kind

_SHAPE = Shape(
    kind=Kind.DEPLOY_TEMPLATE,
    words="deploy template",
    path="/deploy_templates",
    key="deploy_templates",
    number="priority",
)


def deploy_templates(ironic: Service, page_size: int) -> StepLists:
    """Return the deploy templates of an Ironic. A template's name is the trait.

    Whether a node has the steps is not known before it is deployed: Ironic takes a step that none
    of its drivers has (observed on 2023.1 and 2026.2), and refuses (400) one of an interface that
    the release does not know.
    """
    return StepLists(ironic, page_size, _SHAPE)
