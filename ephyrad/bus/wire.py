# SPDX-License-Identifier: Apache-2.0
"""Reads the body of a message as the broker hands it out, down to the fact. Pure.

oslo.messaging would read it too, but drops what it cannot read before anybody can count it, and
takes as much memory as a body, or what it decompresses to, needs.
"""

import bz2
import hashlib
import json
import lzma
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ephyrad.bus.envelope import Ignored, Reason, Refusal, decode
from ephyrad.migration.facts import CloudName, Notification

LONGEST = 1024 * 1024
"""Bytes of a body, compressed or not. Notifications have some KiB; beside the largest config
drive that Ironic might tell of, the next sweep tells the same."""

UNREADABLE = "ephyrad-unreadable"
"""The name of a property that stands in the place of those that could not be read."""

# What oslo.messaging's sender writes.
_CONTENT_TYPE = "application/json"
_VERSION, _MESSAGE = "oslo.version", "oslo.message"
_KNOWN_VERSION = "2.0"
# As kombu, which compresses where [oslo_messaging_rabbit] kombu_compression says so, names them.
_DECOMPRESSORS: Mapping[str, Any] = {
    "application/x-gzip": zlib.decompressobj,
    "application/x-bz2": bz2.BZ2Decompressor,
    "application/x-lzma": lzma.LZMADecompressor,
}


class _UnreadableError(Exception):
    """A body cannot be read; its only argument is the reason."""


def read(
    cloud: CloudName, body: bytes | str, properties: Mapping[str, Any]
) -> Notification | Ignored | Refusal:
    """Read a message, from its body and its AMQP properties, into what is known of it.

    A body is text where the AMQP library has decoded it by the property `content_encoding`.
    """
    try:
        read = decode(cloud, _message(body, properties))
    except _UnreadableError as error:
        read = Refusal(error.args[0])
    if isinstance(read, Refusal):
        return identified(read, body)
    return read


def identified(refusal: Refusal, body: bytes | str) -> Refusal:
    """Return the refusal with what tells the message from others: its body's size and digest."""
    content = body.encode(errors="surrogatepass") if isinstance(body, str) else bytes(body)
    return replace(refusal, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def _message(body: bytes | str, properties: Mapping[str, Any]) -> object:
    if UNREADABLE in properties:
        raise _UnreadableError(Reason.UNREADABLE_PROPERTIES)
    if len(body) > LONGEST:
        raise _UnreadableError(Reason.TOO_LARGE)
    if properties.get("content_type") != _CONTENT_TYPE:
        raise _UnreadableError(Reason.WRONG_CONTENT_TYPE)
    headers = properties.get("application_headers") or {}
    if compression := headers.get("compression"):
        body = _decompressed(body, compression)
    return _unwrapped(_json(body))


def _decompressed(body: bytes | str, compression: object) -> bytes:
    maker = _DECOMPRESSORS.get(compression) if isinstance(compression, str) else None
    if maker is None or isinstance(body, str):
        raise _UnreadableError(Reason.WRONG_COMPRESSION)
    try:
        plain: bytes = maker().decompress(body, LONGEST + 1)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
        raise _UnreadableError(Reason.WRONG_COMPRESSION) from None
    if len(plain) > LONGEST:
        raise _UnreadableError(Reason.TOO_LARGE)
    return plain


def _json(text: bytes | str) -> object:
    try:
        return json.loads(text if isinstance(text, str) else str(text, "utf-8"))
    except UnicodeDecodeError:
        raise _UnreadableError(Reason.NO_TEXT) from None
    except (ValueError, RecursionError):
        raise _UnreadableError(Reason.NO_JSON) from None


def _unwrapped(sent: object) -> object:
    """Take oslo.messaging's envelope off; as it does, take what has none for the message."""
    if not isinstance(sent, dict) or not {_VERSION, _MESSAGE} & sent.keys():
        return sent
    version, message = sent.get(_VERSION), sent.get(_MESSAGE)
    if not isinstance(version, str) or not isinstance(message, str):
        raise _UnreadableError(Reason.WRONG_ENVELOPE)
    if version != _KNOWN_VERSION:
        raise _UnreadableError(Reason.UNKNOWN_VERSION)
    return _json(message)
