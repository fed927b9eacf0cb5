# SPDX-License-Identifier: Apache-2.0
"""Entries, documents and notifications for the journal's tests, and a cipher that hides nothing."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from ephyrad.migration import entries
from ephyrad.migration.document import Before, Document
from ephyrad.migration.effects import Effect, FenceNode, PartKind, RetireNode
from ephyrad.migration.entries import Asked, Concluded, Entry, Intended, Kept
from ephyrad.migration.facts import CloudName, Notification
from ephyrad.migration.outcomes import Done
from ephyrad.migration.references import Change

NODE = "0b2b2d2e-0a57-4b7e-8d2c-0f4d3f1c9a01"
OTHER = "5f0f0f6c-51c5-4d0d-b1b4-9a3b7f0c1e02"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ASKED = Asked(NOON, "metal-1", "operator")
INTENDED = Intended(NOON, "1", FenceNode())
DONE = Concluded(NOON, "1", Done())
KEPT = Kept(
    NOON,
    final=True,
    before=Before(automated_clean=None),
    left_behind=("raid_config",),
    rewriting=(Change("node", ("owner",), "p-old", "p-new", "project Default/demo"),),
)


class Reversed:
    """A cipher that turns the bytes round."""

    mark = b"reversed:"

    def encrypt(self, plain: bytes) -> bytes:
        return self.mark + plain[::-1]

    def decrypt(self, ciphertext: bytes) -> bytes:
        if not ciphertext.startswith(self.mark):
            raise ValueError("not mine")
        return ciphertext.removeprefix(self.mark)[::-1]

    def rotate(self) -> None:
        """Nothing: it has no keys."""

    def trouble(self) -> str | None:
        return None

    def retire(self) -> None:
        """Nothing: it has no keys."""


class Clock:
    """Stands at `now` until that is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def document(node: str = NODE, **driver_info: str) -> Document:
    return Document(
        node={"uuid": node, "name": "metal-1", "driver_info": driver_info},
        parts={kind: ({"uuid": f"{kind}-1"},) for kind in PartKind},
        traits=("CUSTOM_GOLD",),
        left_behind=("raid_config",),
    )


def notification(
    message_id: str, node: str | None = NODE, cloud: CloudName = CloudName.OLD
) -> Notification:
    return Notification(
        cloud=cloud,
        message_id=message_id,
        event_type="baremetal.node.provision_set.end",
        at=NOON - timedelta(seconds=1),
        node=node,
        fields={"provision_state": "manageable", "event": "done", "nested": {"a": [1, None]}},
    )


MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2999, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30))]),
)
EFFECTS = st.one_of(
    st.builds(RetireNode, in_use=st.booleans(), last_fault=st.none() | MOMENTS),
    *(st.builds(kind) for kind in Effect.__args__ if kind is not RetireNode),
)
_SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "at": MOMENTS,
    "effect": EFFECTS,
    "not_before": MOMENTS,
}
ENTRIES: st.SearchStrategy[Entry] = st.one_of(
    *(
        st.builds(kind, **{f.name: _SPECIAL[f.name] for f in fields(kind) if f.name in _SPECIAL})
        for kind in entries.Entry.__args__
    )
)
