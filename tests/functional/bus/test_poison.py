# SPDX-License-Identifier: Apache-2.0
"""Messages that cannot be read: counted, acknowledged, and nothing behind them is lost."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ephyrad.bus.wire import LONGEST
from ephyrad.journal.journal import Journal
from ephyrad.secrets.keys import KeyRing
from tests.functional.bus.conftest import Bus
from tests.functional.bus.inbox import Inbox
from tests.functional.bus.memory import resident_mib
from tests.functional.bus.publisher import Publisher
from tests.functional.bus.until import until
from tests.functional.bus.wires import JSON, headers, properties, publish, waiting

pytestmark = pytest.mark.rabbit

CANARY = "canary-7f3a"
SENT = {
    "message_id": "m-1",
    "event_type": "baremetal.node.update.end",
    "timestamp": "2026-01-01 00:00:00",
    "payload": {"ironic_object.data": {"uuid": CANARY}},
}


def wrapped(message: object, version: object = "2.0") -> bytes:
    return json.dumps({"oslo.version": version, "oslo.message": json.dumps(message)}).encode()


POISON: dict[str, tuple[bytes, Mapping[str, Any] | bytes, str]] = {
    "empty": (b"", JSON, "no-json"),
    "text": (f"no json {CANARY}".encode(), JSON, "no-json"),
    "inner text": (b'{"oslo.version": "2.0", "oslo.message": "no json"}', JSON, "no-json"),
    "deep": (b"[" * 100_000, JSON, "no-json"),
    "bytes": (b"\xff\xfe\x00\x01", JSON, "no-text"),
    "half an envelope": (b'{"oslo.version": "2.0"}', JSON, "wrong-envelope"),
    "version": (wrapped(SENT, "9.0"), JSON, "unknown-version"),
    "list": (wrapped([]), JSON, "not-an-object"),
    "null priority": (wrapped({"priority": None}), JSON, "no-message-id"),
    "numbers": (wrapped({"priority": 7, "payload": 7}), JSON, "no-message-id"),
    "context of the driver": (wrapped({"_context_self": 1}), JSON, "no-message-id"),
    "missing field": (wrapped(SENT | {"timestamp": None}), JSON, "no-timestamp"),
    "wrong type": (wrapped(SENT | {"payload": CANARY}), JSON, "no-payload"),
    "no node": (wrapped(SENT), JSON, "no-node"),
    "10 MB": (b'"' + b"x" * 10_000_000 + b'"', JSON, "too-large"),
    "no type": (wrapped(SENT), {}, "wrong-content-type"),
    "pickle": (b"x", {"content_type": "application/x-python-serialize"}, "wrong-content-type"),
    "encoding": (wrapped(SENT), JSON | {"content_encoding": "gzip"}, "no-node"),
    "compression": (
        wrapped(SENT),
        JSON | {"application_headers": {"compression": "application/x-gzip"}},
        "wrong-compression",
    ),
    "type of bytes": (b"{}", properties(0x8000, b"\x02\xff\xfe"), "unreadable-properties"),
    "a moment beyond the calendar": (
        b"{}",
        headers(b"at", b"T" + struct.pack(">Q", 2**62)),
        "unreadable-properties",
    ),
}


@pytest.mark.parametrize(("body", "described", "kind"), POISON.values(), ids=POISON)
def test_poison_is_counted_and_what_comes_after_it_arrives(
    body: bytes, described: Mapping[str, Any] | bytes, kind: str, bus: Bus
) -> None:
    inbox = Inbox()
    listener = bus.listen(inbox)

    publish(bus.rabbit, bus.pool, [body, body], described)
    bus.publisher.node("good")

    until("the good one came", lambda: inbox.names == ["good"])
    assert inbox.kinds == [kind] * 2
    assert {one.size for one in inbox.poison} == {len(body)}
    assert CANARY not in repr(inbox.poison)
    assert listener.status().rebuilds == 0
    listener.stop()
    assert waiting(bus.rabbit, bus.pool) == 0


def test_poison_stands_in_the_journal_as_counts_and_is_said_once_for_each_kind(
    bus: Bus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal.open(tmp_path, KeyRing.open(tmp_path / "keys"))
    listener = bus.listen(journal.receive)
    bodies = [body for body, described, _ in POISON.values() if described is JSON]

    publish(bus.rabbit, bus.pool, bodies * 20)
    bus.publisher.node("good")

    until("the good one came", lambda: listener.status().stored == 1)
    counted = {one.last.kind: one.last.count for one in journal.quarantine()}
    kinds = [kind for _, described, kind in POISON.values() if described is JSON]
    assert counted == {kind: kinds.count(kind) * 20 for kind in kinds}
    said = [one for one in caplog.records if "is dropped" in one.getMessage()]
    assert len(said) == len(counted)
    journal.close()
    assert not [path for path in tmp_path.iterdir() if CANARY.encode() in path.read_bytes()]
    assert CANARY not in caplog.text


def test_a_flood_of_10_mb_messages_takes_little_memory(bus: Bus) -> None:
    bus.listen(Inbox()).stop()
    publish(bus.rabbit, bus.pool, [b'"' + b"x" * 10_000_000 + b'"'] * 30)
    until("the flood is there", lambda: bus.unread() == 30)
    inbox = Inbox()
    inbox.works.clear()
    before = most = resident_mib()

    listener = bus.listen(inbox)

    def tried() -> bool:
        nonlocal most
        most = max(most, resident_mib())
        return inbox.tries > 1 or len(inbox.kinds) == 30

    until("a batch waits for the store", tried)
    inbox.works.set()
    until("all is counted", lambda: tried() and len(inbox.kinds) == 30)
    print(f"memory {before:.0f} MiB before, {most:.0f} MiB at most")
    assert most - before < 120
    assert listener.status().refused == 30


def test_what_the_cloud_compresses_is_read(bus: Bus) -> None:
    inbox = Inbox()
    bus.listen(inbox)
    publisher = Publisher(bus.rabbit.url(query="?kombu_compression=gzip"))

    publisher.node("small")
    publisher.node("bomb", last_error="x" * 2 * LONGEST)

    until("the small one came", lambda: inbox.names == ["small"])
    until("the bomb is counted", lambda: inbox.kinds == ["too-large"])
    publisher.close()
