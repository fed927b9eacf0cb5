# SPDX-License-Identifier: Apache-2.0
"""The keys that encrypt the secrets in the journal, and the file they are in.

One Fernet key to a line; the first encrypts, all decrypt. Lines that begin with # say something
to people.
"""

import os
import re
import stat
import tempfile
import threading
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from ephyrad.secrets.errors import SecretsError, UndecipherableError

_HEADER = (
    "# The keys of ephyrad's journal. Without them the secrets in it cannot be read any more.\n"
    "# The first encrypts, all decrypt.\n"
)

# Stricter than Fernet's own decoding, which passes over what is not base64.
_KEY = re.compile(rb"[A-Za-z0-9_-]{43}=")


class KeyRing:
    """The keys of one key file."""

    def __init__(self, path: Path, keys: tuple[bytes, ...]) -> None:
        """Use :meth:`open`."""
        self._path = path
        self._lock = threading.Lock()
        self._keys = keys
        self._fernet = _fernet(keys)

    def __repr__(self) -> str:
        return f"KeyRing({str(self._path)!r}, keys={len(self._keys)})"

    def __len__(self) -> int:
        return len(self._keys)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read a key file; make it, with one key and mode 0600, where there is none.

        :raises SecretsError: it cannot be read or made, others may read it, or it is damaged.
        """
        try:
            if not path.exists():
                _make(path, Fernet.generate_key())
            return cls(path, _read(path))
        except OSError as error:
            raise SecretsError(
                f"key file {path}: {error.strerror}: let ephyrad's user read it, and write its"
                " directory where it is to be made"
            ) from error

    def encrypt(self, plain: bytes) -> bytes:
        """Return the ciphertext of `plain`, made with the first key."""
        return self._fernet.encrypt(plain)

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Return what was encrypted.

        :raises UndecipherableError: with none of the keys, or it was changed since.
        """
        try:
            return self._fernet.decrypt(ciphertext)
        except InvalidToken as error:
            raise UndecipherableError(f"no key of {self._path} fits") from error

    def trouble(self) -> str | None:
        """Return why another start could not open what is encrypted now, None where it could."""
        with self._lock:
            try:
                found = _read(self._path)
            except FileNotFoundError:
                return (
                    f"key file {self._path} is gone: restore it from a backup before ephyrad is"
                    " started again, or the secrets in the journal are lost"
                )
            except OSError as error:
                return f"key file {self._path}: {error.strerror}: let ephyrad's user read it"
            except SecretsError as error:
                return str(error)
            if self._keys[0] in found:
                return None
        return (
            f"key file {self._path} has not the key that is in use: restore it from a backup before"
            " ephyrad is started again, or the secrets in the journal are lost"
        )

    def rotate(self) -> None:
        """Put a new key before the others, in the file first.

        What was encrypted before stays readable. Encrypt it anew before :meth:`retire`.
        """
        with self._lock:
            self._replace((Fernet.generate_key(), *self._keys))

    def retire(self) -> None:
        """Remove all keys but the first, in the file first."""
        with self._lock:
            self._replace(self._keys[:1])

    def _replace(self, keys: tuple[bytes, ...]) -> None:
        # Under one name, so that what a crash leaves of it is written over by the next one.
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            new.unlink(missing_ok=True)
            _write(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), keys)
            new.rename(self._path)
            _sync(self._path.parent)
        except OSError as error:
            raise SecretsError(
                f"key file {self._path}: {error.strerror}: let ephyrad's user write its"
                " directory, and make room on its disk"
            ) from error
        self._keys, self._fernet = keys, _fernet(keys)


def _fernet(keys: tuple[bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _make(path: Path, key: bytes) -> None:
    new = _written(path, (key,))
    try:
        # Unlike a rename, a link never takes the place of a file that somebody else made meanwhile.
        os.link(new, path)
    except FileExistsError:
        return
    finally:
        new.unlink()
    _sync(path.parent)


def _written(path: Path, keys: tuple[bytes, ...]) -> Path:
    """Write a key file beside `path`, of mode 0600: under its own name it is never half written."""
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    _write(handle, keys)
    return Path(name)


def _write(handle: int, keys: tuple[bytes, ...]) -> None:
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(_HEADER)
        file.writelines(f"{key.decode()}\n" for key in keys)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> tuple[bytes, ...]:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise SecretsError(f"key file {path}: others may read it (mode {mode:04o}): chmod 600")
        lines = file.read().splitlines()
    keys = [_key(path, number, line) for number, line in enumerate(lines, 1) if _holds_key(line)]
    if not keys:
        raise SecretsError(
            f"key file {path}: it holds no key: restore it from a backup; where there is no"
            " journal yet, remove it and a new one is made"
        )
    return tuple(keys)


def _holds_key(line: bytes) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(b"#")


def _key(path: Path, number: int, line: bytes) -> bytes:
    key = line.strip()
    if not _KEY.fullmatch(key):
        raise SecretsError(
            f"key file {path}, line {number}: this is no key (44 characters, base64): restore the"
            " file from a backup"
        )
    return key


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
