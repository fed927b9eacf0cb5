# SPDX-License-Identifier: Apache-2.0
"""What Nova's administrator does once with keys, flavors and aggregates, and what is answered."""

from collections.abc import Callable
from typing import Any

from tests.contract.keys import KEYS

USER = "contract-story"
NAME = "contract-story"

Ask = Callable[[str, str, object], Any]
"""Asks Nova: method, path and body; returns the JSON of the answer, None where there is none."""


def tell(ask: Ask, project: str) -> dict[str, Any]:
    """Do it, and return the answers by what was asked. Nothing is left behind."""
    return {**_keys(ask), **_flavors(ask, project), **_aggregates(ask)}


def _keys(ask: Ask) -> dict[str, Any]:
    keypair = {"name": NAME, "type": "ssh", "public_key": KEYS[0], "user_id": USER}
    answers = {
        "keypair made": ask("POST", "/os-keypairs", {"keypair": keypair}),
        "keypairs": ask("GET", f"/os-keypairs?user_id={USER}&limit=1", None),
    }
    ask("DELETE", f"/os-keypairs/{NAME}?user_id={USER}", None)
    return answers


def _flavors(ask: Ask, project: str) -> dict[str, Any]:
    one = f"/flavors/{NAME}"
    flavor = {"id": NAME, "name": NAME, "ram": 8, "vcpus": 1, "disk": 3, "description": "a"}
    answers = {
        "flavor made": ask(
            "POST", "/flavors", {"flavor": {**flavor, "os-flavor-access:is_public": False}}
        ),
        "specs": ask("POST", f"{one}/os-extra_specs", {"extra_specs": {"a": "b"}}),
        "access": ask("POST", f"{one}/action", {"addTenantAccess": {"tenant": project}}),
        "flavor": ask("GET", one, None),
        "described": ask("PUT", one, {"flavor": {"description": "c"}}),
    }
    ask("DELETE", one, None)
    return answers


def _aggregates(ask: Ask) -> dict[str, Any]:
    body = {"name": NAME, "availability_zone": "contract-zone"}
    made = ask("POST", "/os-aggregates", {"aggregate": body})
    one = f"/os-aggregates/{made['aggregate']['id']}"
    answers = {
        "aggregate made": made,
        "metadata": ask("POST", f"{one}/action", {"set_metadata": {"metadata": {"a": "b"}}}),
        "moved": ask("PUT", one, {"aggregate": {"availability_zone": "contract-zone-2"}}),
        "aggregates": ask("GET", "/os-aggregates", None),
    }
    ask("DELETE", one, None)
    return answers
