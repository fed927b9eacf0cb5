# SPDX-License-Identifier: Apache-2.0
"""Where ephyrad leaves its mark on what Nova keeps: an extra spec of a flavor, metadata of an
aggregate.

Nova takes it for nothing of its own. Validation of extra specs (2.86) lets a namespace pass that it
does not know; the scheduler's filters pass over extra specs of other scopes than their own, and
over metadata that no image property, tenant or flavor asks for; the ironic driver hands over
`capabilities:` and `trait:` only (api/validation/extra_specs, scheduler/filters, scheduler/utils.py
and virt/ironic/patcher.py of 27.1 and 34.0).
"""

from collections.abc import Mapping
from typing import Any

KEY = "ephyrad:mark"


def taken_off(specs: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return extra specs or metadata without the mark, and the mark."""
    rest = dict(specs)
    return rest, rest.pop(KEY, None)
