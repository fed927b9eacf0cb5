# SPDX-License-Identifier: Apache-2.0
"""The mark that ephyrad leaves on what it made: whose it is, and what was written.

It says the digest of what was written, and whose mark it is: people copy marks along with what
bears them. Nova gives a snapshot all properties of the image that its server was made of
(compute/utils.py of 27.1 and 34.0, initialize_instance_snapshot_metadata), and who makes a flavor
like another gives it the same extra specs. A mark of another item is none.

Of what Nova keeps, an extra spec of a flavor and metadata of an aggregate bear it. Nova takes it
for nothing of its own. Validation of extra specs (2.86) lets a namespace pass that it does not
know; the scheduler's filters pass over extra specs of other scopes than their own, and over
metadata that no image property, tenant or flavor asks for; the ironic driver hands over
`capabilities:` and `trait:` only (api/validation/extra_specs, scheduler/filters, scheduler/utils.py
and virt/ironic/patcher.py of 27.1 and 34.0).
"""

from collections.abc import Mapping
from typing import Any

from ephyrad.environment.item import Item, digest_of

KEY = "ephyrad:mark"


def of(item: Item) -> str:
    """Return the mark of an item that is to be as it says."""
    return f"{item.digest}-{_whose(item.key)}"


def read(text: object, key: str) -> str | None:
    """Return the digest that the mark of the item of this key says; None: it is not its mark."""
    digest, _, whose = text.partition("-") if isinstance(text, str) else ("", "", "")
    return digest if whose == _whose(key) else None


def taken_off(specs: Mapping[str, Any], key: str) -> tuple[dict[str, Any], str | None]:
    """Return extra specs or metadata without the mark, and what it says of the item of this key."""
    rest = dict(specs)
    return rest, read(rest.pop(KEY, None), key)


def _whose(key: str) -> str:
    return digest_of({"": key})
