# SPDX-License-Identifier: Apache-2.0
import bz2
import hashlib
import json
import lzma
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ephyrad.bus.envelope import Ignored, Reason, Refusal
from ephyrad.bus.wire import LONGEST, UNREADABLE, read
from ephyrad.migration.facts import CloudName, Notification

NODE = "7c4ea0e6-9e86-4b5b-8e5e-9c6a1a3b6d10"
SENT = {
    "message_id": "m-1",
    "event_type": "baremetal.node.update.end",
    "timestamp": "2026-01-01 00:00:00",
    "payload": {"ironic_object.data": {"uuid": NODE, "driver_info": {"password": "canary"}}},
    "_context_auth_token": "canary",
}
JSON = {"content_type": "application/json", "content_encoding": "utf-8"}
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "application/x-gzip": zlib.compress,
    "application/x-bz2": bz2.compress,
    "application/x-lzma": lzma.compress,
}


def wrapped(message: object, version: object = "2.0") -> bytes:
    return json.dumps({"oslo.version": version, "oslo.message": json.dumps(message)}).encode()


def reason(body: bytes | str, **properties: Any) -> Reason:
    found = read(CloudName.OLD, body, JSON | properties)
    assert isinstance(found, Refusal)
    return found.reason


@pytest.mark.parametrize(
    "body",
    [wrapped(SENT), wrapped(SENT).decode(), json.dumps(SENT).encode()],
    ids=["bytes", "text", "without an envelope"],
)
def test_a_notification_is_read(body: bytes | str) -> None:
    found = read(CloudName.OLD, body, JSON)

    assert isinstance(found, Notification)
    assert (found.message_id, found.node, found.fields) == ("m-1", NODE, {"uuid": NODE})


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_compressed_notification_is_read(compression: str) -> None:
    body = COMPRESSIONS[compression](wrapped(SENT))

    found = read(CloudName.OLD, body, JSON | {"application_headers": {"compression": compression}})

    assert isinstance(found, Notification)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", Reason.NO_JSON),
        (b"no json", Reason.NO_JSON),
        (wrapped(SENT)[:-2], Reason.NO_JSON),
        (b'{"oslo.version": "2.0", "oslo.message": "no json"}', Reason.NO_JSON),
        (b"[" * 100_000, Reason.NO_JSON),
        (b"9" * 10_000, Reason.NO_JSON),
        (b"\xff\xfe\x00garbage", Reason.NO_TEXT),
        (b"7", Reason.NOT_AN_OBJECT),
        (wrapped([]), Reason.NOT_AN_OBJECT),
        (b"{}", Reason.NO_MESSAGE_ID),
        (wrapped(SENT, "9.0"), Reason.UNKNOWN_VERSION),
        (wrapped(SENT, "2.1"), Reason.UNKNOWN_VERSION),
        (wrapped(SENT, 2.0), Reason.WRONG_ENVELOPE),
        (wrapped(SENT, None), Reason.WRONG_ENVELOPE),
        (b'{"oslo.version": "2.0"}', Reason.WRONG_ENVELOPE),
        (b'{"oslo.version": "2.0", "oslo.message": {"message_id": "m"}}', Reason.WRONG_ENVELOPE),
        (b'{"oslo.message": "{}"}', Reason.WRONG_ENVELOPE),
        (b" " * (LONGEST + 1), Reason.TOO_LARGE),
        (b" " * LONGEST, Reason.NO_JSON),
    ],
)
def test_poison_is_refused_for_its_reason(body: bytes, expected: Reason) -> None:
    assert reason(body) is expected


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-python-serialize"])
def test_what_does_not_say_that_it_is_json_is_refused(content_type: str | None) -> None:
    assert reason(wrapped(SENT), content_type=content_type) is Reason.WRONG_CONTENT_TYPE


@pytest.mark.parametrize(
    ("body", "compression"),
    [
        *((b"not compressed", name) for name in COMPRESSIONS),
        (wrapped(SENT), "unheard of"),
        (wrapped(SENT), 7),
        (wrapped(SENT).decode(), "application/x-gzip"),
    ],
)
def test_what_cannot_be_decompressed_is_refused(body: bytes | str, compression: object) -> None:
    headers = {"compression": compression}

    assert reason(body, application_headers=headers) is Reason.WRONG_COMPRESSION


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_what_would_fill_the_memory_is_not_decompressed(compression: str) -> None:
    bomb = COMPRESSIONS[compression](b" " * 20 * LONGEST)

    headers = {"compression": compression}

    assert len(bomb) < LONGEST
    assert reason(bomb, application_headers=headers) is Reason.TOO_LARGE


def test_properties_that_could_not_be_read_are_a_reason() -> None:
    found = read(CloudName.OLD, wrapped(SENT), {UNREADABLE: True})

    assert isinstance(found, Refusal)
    assert found.reason is Reason.UNREADABLE_PROPERTIES


def test_a_refusal_says_which_message_it_was_and_nothing_of_its_content() -> None:
    body = wrapped(SENT | {"payload": {"ironic_object.data": {"uuid": "canary"}}})

    found = read(CloudName.OLD, body, JSON)

    assert found == Refusal(
        Reason.NO_NODE,
        "m-1",
        "baremetal.node.update.end",
        len(body),
        hashlib.sha256(body).hexdigest(),
    )
    assert "canary" not in repr(found)


@given(
    st.binary()
    | st.text()
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.text() | st.sampled_from(["oslo.version", "oslo.message", *SENT]), inner
            )
        ),
    ).map(json.dumps),
    st.fixed_dictionaries(
        {},
        optional={
            "content_type": st.just("application/json") | st.text(),
            "application_headers": st.none()
            | st.dictionaries(
                st.just("compression") | st.text(), st.sampled_from([*COMPRESSIONS]) | st.binary()
            ),
            UNREADABLE: st.just(True),
        },
    ),
)
def test_whatever_comes_is_read_or_refused(body: bytes | str, properties: dict[str, Any]) -> None:
    found = read(CloudName.OLD, body, JSON | properties)

    assert isinstance(found, Notification | Ignored | Refusal)
