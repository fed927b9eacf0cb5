# SPDX-License-Identifier: Apache-2.0
"""Who asks, by name and password from an htpasswd file.

oslo.middleware has the like, but for its global options, the roles, the challenge that browsers
wait for, and that it answers sooner where there is no such user.
"""

import base64
import binascii
import hashlib
import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import bcrypt

from ephyrad.api.caller import Caller
from ephyrad.api.gate import Environ, UnavailableError, UnidentifiedError
from ephyrad.api.settings import HttpBasicSettings
from ephyrad.api.tries import Tries

LOG = logging.getLogger(__name__)

CHALLENGE = 'Basic realm="ephyrad", charset="UTF-8"'

_KINDS = (b"$2y$", b"$2a$", b"$2b$")
# bcrypt reads no more of a password.
_LONGEST = 72
_AT_ONCE = 2
"""Passwords that are tried at once: each takes a good part of a second of a processor."""


class UserFileError(Exception):
    """The file cannot be used; the message names it, the place and the cure."""


class HttpBasic:
    """Knows users by the file as it is now."""

    def __init__(
        self, settings: HttpBasicSettings, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.settings = settings
        self._tries = Tries(monotonic)
        self._slots = threading.Semaphore(_AT_ONCE)
        self._secret = secrets.token_bytes(32)
        # What was right the last time: so that a page that asks every second costs nothing.
        self._known: dict[str, tuple[bytes, bytes]] = {}

    def __call__(self, environ: Environ) -> Caller:
        """Return who sent the request.

        :raises UnidentifiedError: there is no such user, or the password is another.
        :raises UnavailableError: the file cannot be read.
        :raises TooManyTriesError: too many from there, by that name, were wrong just now.
        """
        name, password = _login(environ.get("HTTP_AUTHORIZATION", ""))
        try:
            users = read_users(self.settings.user_file)
        except UserFileError as error:
            raise UnavailableError(str(error)) from error
        who = (str(environ.get("REMOTE_ADDR")), name)
        self._tries.expect_leave(who)
        if not self._is_right(users, name, password):
            pause = self._tries.failed(who)
            if pause:
                # Not the name: some type their password there.
                LOG.warning("API: passwords from %s are wrong; none counts for %d s", who[0], pause)
            raise UnidentifiedError(
                "name and password are wanted, as they stand in the file that [api]"
                " http_basic_auth_user_file names",
                CHALLENGE,
            )
        self._tries.succeeded(who)
        role = self.settings.roles.get(name)
        roles = frozenset() if role is None else frozenset({role})
        return Caller(f"{name}@http_basic", roles, claims={"system_scope": "all"})

    def _is_right(self, users: Mapping[str, bytes], name: str, password: bytes) -> bool:
        digest = hmac.digest(self._secret, password, hashlib.sha256)
        hashed = users.get(name)
        known, of_hash = self._known.get(name, (b"", b""))
        if hashed is not None and of_hash == hashed and hmac.compare_digest(known, digest):
            return True
        # Who guesses names waits as long for one that is not there.
        tried = hashed or next(iter(users.values()), None)
        if tried is None:
            return False
        with self._slots:
            is_right = _fits(password, tried)
        if hashed is None or not is_right:
            return False
        self._known[name] = digest, hashed
        return True


def read_users(path: Path) -> Mapping[str, bytes]:
    """Return the users of the file with their bcrypt hashes.

    :raises UserFileError: it cannot be read, everybody may read it, or a line has another hash.
    """
    place = f"the user file {path}"
    try:
        if path.stat().st_mode & 0o007:
            raise UserFileError(f"{place} may be used by others: `chmod o= {path}`")
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserFileError(
            f"{place} cannot be read: {error}; make it with `htpasswd -B`"
        ) from error
    users = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, hashed = line.strip().partition(":")
        crypted = hashed.partition(":")[0].encode()
        if not name or not crypted.startswith(_KINDS):
            raise UserFileError(
                f"{place}, line {number}: its hash is not bcrypt's; make it with `htpasswd -B`"
            )
        users[name] = crypted
    return users


def _login(header: str) -> tuple[str, bytes]:
    kind, _, token = header.partition(" ")
    try:
        content = base64.b64decode(token.strip(), validate=True)
        name, colon, password = content.partition(b":")
        if kind.lower() == "basic" and colon:
            return name.decode(), password
    except (ValueError, binascii.Error):
        pass
    raise UnidentifiedError("name and password are wanted, by HTTP basic authentication", CHALLENGE)


def _fits(password: bytes, hashed: bytes) -> bool:
    try:
        return bcrypt.checkpw(password[:_LONGEST], hashed)
    except ValueError:
        return False
