# SPDX-License-Identifier: Apache-2.0
"""The key pairs of a simulated Nova, by user and name."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from typing import Any

from ephyrad.testing.bus import Bus, nova_object
from ephyrad.testing.refusals import ApiError

Version = tuple[int, int]
Record = dict[str, str]

IMPORT_ONLY: Version = (2, 92)
"""Since which version a public key must be given, and a name may have a dot or an @."""

_FORMER_NAME = re.compile(r"[-_ a-zA-Z0-9]{1,255}")
_NAME = re.compile(r"[-_@. a-zA-Z0-9]{1,255}")
_PUBLISHER = "nova-api:nova"


class Keypairs:
    """What users keep in one Nova, of which MariaDB takes names of another case for the same.

    No user is asked for in Keystone. `quota` is how many keys a user may have.
    """

    def __init__(self, bus: Bus, quota: int = 100) -> None:
        self.quota = quota
        self._bus = bus
        self._users: dict[str, dict[str, Record]] = {}

    def of(self, user: str) -> list[Record]:
        """Return the key pairs of a user, by name."""
        kept = self._users.get(user, {})
        return [kept[folded] for folded in sorted(kept)]

    def show(self, user: str, name: str) -> Record:
        """Return one key pair."""
        try:
            return self._users[user][name.lower()]
        except KeyError:
            raise ApiError(404, f"Keypair {name} not found for user {user}") from None

    def bring(
        self,
        user: str,
        name: str,
        public_key: str,
        kind: str = "ssh",
        *,
        version: Version = (2, 95),
    ) -> Record:
        """Import a public key, as that version of the API lets one."""
        _check_name(name, version)
        if len(self.of(user)) >= self.quota:
            raise ApiError(403, "Quota exceeded, too many key pairs.")
        record = {"name": name, "type": kind, "public_key": public_key, "user_id": user}
        self._publish("import.start", record)
        record["fingerprint"] = _fingerprint(public_key, kind)
        if name.lower() in self._users.get(user, {}):
            raise ApiError(409, f"Key pair '{name}' already exists.")
        self._users.setdefault(user, {})[name.lower()] = record
        self._publish("import.end", record)
        return record

    def plant(self, user: str, records: Iterable[Record]) -> None:
        """Have key pairs there that an older Nova took, whatever is in them."""
        self._users.setdefault(user, {}).update({each["name"].lower(): each for each in records})

    def delete(self, user: str, name: str) -> None:
        """Delete a key pair."""
        record = self.show(user, name)
        self._publish("delete.start", record)
        del self._users[user][name.lower()]
        self._publish("delete.end", record)

    def _publish(self, action: str, record: Record) -> None:
        data: dict[str, Any] = {"fingerprint": None, **record}
        self._bus.publish(_PUBLISHER, f"keypair.{action}", nova_object("KeypairPayload", data))


def _check_name(name: str, version: Version) -> None:
    if not name.isprintable() or name != name.strip():
        raise ApiError(
            400,
            "An invalid 'name' value was provided. The name must be: printable characters. Can not"
            " start or end with whitespace.",
        )
    pattern = _NAME if version >= IMPORT_ONLY else _FORMER_NAME
    if not pattern.fullmatch(name):
        words = f"'{name}' does not match '^{pattern.pattern}$'"
        raise ApiError(400, f"Invalid input for field/attribute name. Value: {name}. {words}")


def _fingerprint(public_key: str, kind: str) -> str:
    """Return MD5 over an SSH key, SHA-1 over a certificate (nova/crypto.py)."""
    try:
        if kind == "x509":
            encoded = "".join(public_key.strip().splitlines()[1:-1])
        else:
            encoded = public_key.split(" ")[1]
        content = base64.b64decode(encoded, validate=True)
    except (IndexError, binascii.Error):
        content = b""
    if not content:
        raise ApiError(400, "Keypair data is invalid: failed to generate fingerprint")
    digest = "sha1" if kind == "x509" else "md5"
    return hashlib.new(digest, content, usedforsecurity=False).digest().hex(":")
