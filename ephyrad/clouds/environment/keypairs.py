# SPDX-License-Identifier: Apache-2.0
"""The SSH keys of a cloud's users: Nova's key pairs, of which it knows the public half.

Nova has no list of all key pairs: it shows those of one user in a call (2.10, and in pages from
2.35; nova/api/openstack/compute/keypairs.py of 27.1 and 34.0). So a sweep costs a call for each
user, and everything here is to make that bearable: an answer that is the same bytes as the last
time is not even decoded, a few calls are made at a time, and of very many users only so many are
asked in a sweep, those first whose answer is oldest. In between, notifications tell what changed.

Nova asks nobody whether a user exists: it keeps keys for any id (observed on 2023.1 and 2026.2).
"""

import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from ephyrad.clouds.environment.reading import next_of, taking_apart
from ephyrad.clouds.errors import Answer
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Params, Service
from ephyrad.environment.item import Item
from ephyrad.environment.kinds import Kind
from ephyrad.migration.outcomes import Done, Outcome, Refused, Unreachable

_PATH = "/os-keypairs"

# What Nova takes from 2.92 on (api/validation/parameter_types.py, keypair_name_special_chars_292).
# Older names, made by API 2.0, may have anything in them.
_NAME = re.compile(r"[-_@. a-zA-Z0-9]{1,255}")


@dataclass(frozen=True, slots=True)
class _Kept:
    """The key pairs of one user as they were read last.

    `digest` is that of the answer; None where there were several, which are always read anew.
    """

    items: tuple[Item, ...]
    digest: bytes | None


class Keypairs:
    """The key pairs of all users of one cloud. Any number of threads may call it."""

    def __init__(
        self,
        nova: Service,
        users: Callable[[], Iterable[str]],
        *,
        page_size: int = 1000,
        per_sweep: int = 1000,
        at_once: int = 1,
    ) -> None:
        """`users` gives the ids of the cloud's users, or raises CloudReadError.

        `items` asks for the keys of `per_sweep` users at the most whom it knows already, of
        `at_once` of them at the same time.
        """
        self._nova = nova
        self._users = users
        self._page_size = page_size
        self._per_sweep = per_sweep
        self._at_once = at_once
        self._lock = threading.Lock()
        # In the order in which they were read.
        self._kept: dict[str, _Kept] = {}

    @property
    def kind(self) -> Kind:
        """Key pairs."""
        return Kind.KEYPAIR

    def items(self) -> Sequence[Item]:
        """Return every key pair of every user; those that did not change are the same objects.

        Where there are more than `per_sweep` users, some are as old as their last reading: `item`
        and what is changed through here bring a user up to date. What was read before an error
        counts, so that the next try goes on from there.
        """
        users = dict.fromkeys(self._users())
        with self._lock:
            self._kept = {user: kept for user, kept in self._kept.items() if user in users}
            unknown = [user for user in users if user not in self._kept]
            known = islice(self._kept, max(0, self._per_sweep - len(unknown)))
            due = [*unknown, *known]
        self._read_all(due)
        with self._lock:
            kept = [self._kept[user] for user in users if user in self._kept]
        return [item for each in kept for item in each.items]

    def item(self, key: str) -> Item | None:
        """Return one key pair, read just now.

        Its user's are listed: Nova finds a name whose letters are of another case (observed), and
        does not find one with a slash in it.
        """
        user, _, name = key.partition("/")
        # Without a user, Nova would list the caller's own.
        if not user or not name:
            return None
        return next((item for item in self._read(user) if item.key == key), None)

    def doubt(self) -> None:
        """Return None: who is no administrator is refused others' keys (403, observed)."""

    def create(self, item: Item) -> Outcome:
        """Import the public key. A quota is a 403, a name that is taken a 409."""
        fields = item.fields
        keypair = {name: fields[name] for name in ("name", "type", "public_key", "user_id")}
        outcome = self._nova.change("POST", _PATH, {"keypair": keypair}, plain=True)
        self._forget(fields["user_id"])
        return outcome

    def amend(self, item: Item, found: Item) -> Outcome:
        """Put a key in the place of another: Nova can only delete the one and import the other.

        A key that Nova refuses takes no other one's place.
        """
        deleted = self.delete(found.key)
        if not isinstance(deleted, Done):
            return deleted
        outcome = self.create(item)
        if isinstance(outcome, Refused):
            self.create(found)
        return outcome

    def delete(self, key: str) -> Outcome:
        """Delete a key pair, after a look whether it is there under this very name."""
        try:
            if self.item(key) is None:
                return Done()
        except CloudReadError as error:
            return Unreachable(str(error))
        user, _, name = key.partition("/")
        path = f"{_PATH}/{quote(name, safe='')}?{urlencode({'user_id': user})}"
        outcome = self._nova.delete(name, path)
        self._forget(user)
        return outcome

    def _read_all(self, users: Sequence[str]) -> None:
        if self._at_once == 1 or len(users) < 2:
            for user in users:
                self._read(user)
            return
        waiting, failed = deque(users), list[Exception]()

        def read() -> None:
            while not failed:
                try:
                    user = waiting.popleft()
                except IndexError:
                    return
                try:
                    self._read(user)
                except Exception as error:  # noqa: BLE001 - raised where it is waited for
                    failed.append(error)

        # Those of a pool would keep the process from its end until every user is asked about.
        count = min(self._at_once, len(users))
        threads = [
            threading.Thread(target=read, name="keypairs", daemon=True) for _ in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]

    def _read(self, user: str) -> tuple[Item, ...]:
        with self._lock:
            kept = self._kept.get(user)
        params: Params = {"user_id": user, "limit": self._page_size}
        answer = self._nova.ask(_PATH, params)
        digest = blake2b(answer.body, digest_size=16).digest()
        if answer.status != 200 or kept is None or kept.digest != digest:
            kept = self._decoded(user, params, answer, digest)
        with self._lock:
            self._kept.pop(user, None)
            self._kept[user] = kept
        return kept.items

    def _decoded(self, user: str, params: Params, answer: Answer, digest: bytes) -> _Kept:
        with taking_apart(self._nova, _PATH):
            pages = list(
                self._nova.pages(
                    _PATH, "keypairs", params, onward=next_of("keypairs"), first=answer
                )
            )
            items = tuple(_item(user, each["keypair"]) for page in pages for each in page)
        return _Kept(items, digest if len(pages) == 1 else None)

    def _forget(self, user: str) -> None:
        with self._lock:
            self._kept.pop(user, None)


def _item(user: str, raw: dict[str, Any]) -> Item:
    name = raw["name"]
    fields = {
        "user_id": user,
        "name": name,
        "type": raw["type"],
        "public_key": raw["public_key"],
        "fingerprint": raw["fingerprint"],
    }
    return Item(Kind.KEYPAIR, f"{user}/{name}", name, fields, trouble=_trouble(fields))


def _trouble(fields: dict[str, Any]) -> str | None:
    name = fields["name"]
    if not _NAME.fullmatch(name) or name != name.strip():
        return (
            f"Nova takes no key pair named {name!r} any more, only letters, digits, inner spaces"
            " and @._-: its owner has to import the key under another name"
        )
    if not fields["public_key"]:
        return f"Nova has no public key of the key pair {name!r}: its owner has to import it again"
    return None
