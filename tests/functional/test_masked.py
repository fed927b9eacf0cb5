# SPDX-License-Identifier: Apache-2.0
"""A node whose password the old cloud masks is not touched until the secret is given."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.conftest import NewDaemon
from tests.harness import belongings
from tests.harness.daemon import Daemon
from tests.harness.fleet import Fleet
from tests.lab import patience
from tests.lab.nodes import Kind
from tests.lab.openstack_api import Api
from tests.lab.policy import show_secrets
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


@pytest.fixture
def masking(lab: Settings) -> Iterator[None]:
    """The old cloud as Ironic comes: it shows secrets to nobody."""
    show_secrets(lab, "old", False)
    yield
    show_secrets(lab, "old", True)


@pytest.mark.usefixtures("masking")
def test_masked_is_held_untouched(
    lab: Settings, fleet: Fleet, new_daemon: NewDaemon, tmp_path: Path
) -> None:
    by_policy, by_file = fleet.enrol({Kind.REDFISH: 2})
    credentials = tmp_path / "credentials.yaml"
    credentials.write_text("{}\n")
    credentials.chmod(0o600)
    daemon = new_daemon({"migration": {"credentials_file": str(credentials)}})
    daemon.start()
    daemon.ephyra("migrate", by_policy.name, by_file.name)

    for node in (by_policy, by_file):
        reason = _hold_of(daemon, node.name)
        assert "driver_info/redfish_password" in reason
        assert "show_password" in reason
        assert "credentials_file" in reason
        record = Api(lab, "old", "baremetal").get(f"/v1/nodes/{node.uuid}")
        assert (record["provision_state"], record["retired"]) == ("available", False)
        assert (
            belongings.differences(fleet.before[node.name], belongings.read(lab, "old", node.uuid))
            == []
        )
        assert Api(lab, "new", "baremetal").find(f"/v1/nodes/{node.uuid}") is None

    credentials.write_text(f"{by_file.name}:\n  redfish_password: {lab.password}\n")
    daemon.ephyra("release", by_file.name)
    fleet.wait_for(daemon, [by_file.name], "compute-ready", 400)
    show_secrets(lab, "old", True)
    # Nobody releases this one: nothing was changed yet, so its hold goes with its cause.
    fleet.wait_for_release(daemon, by_policy.name, 120)
    fleet.wait_arrived(daemon)

    assert fleet.complaints() == []
    assert lab.password.encode() not in b"".join(
        path.read_bytes() for path in daemon.directory.rglob("*") if path.is_file()
    ).replace(daemon.configuration.read_bytes(), b"")


def _hold_of(daemon: Daemon, name: str) -> str:
    def look() -> str | None:
        row = _row(daemon, name)
        return str(row["doing"]) if row["held"] else None

    return patience.until(f"{name} to be held", look, 60)


def _row(daemon: Daemon, name: str) -> dict[str, object]:
    row: dict[str, object] = daemon.ephyra("node", "show", name)
    return row
