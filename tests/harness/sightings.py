# SPDX-License-Identifier: Apache-2.0
"""All that people could see of an image in the new cloud while it came there."""

import threading
from types import TracebackType
from typing import Any, Self

from tests.harness.environment import Environment
from tests.lab.openstack_api import Api

_PAUSE = 0.1

Sighting = tuple[tuple[str, object], ...]

_FIELDS = ("status", "visibility", "os_hidden", "size", "os_hash_value")


class Sightings:
    """Entered, it looks again and again, as an administrator and as an ordinary user, until left.

    `records` is what the record has said, `listed` what stood in the user's list; each once.
    """

    def __init__(self, environment: Environment, key: str) -> None:
        self._key = key
        self._admin = environment.api("new", "image")
        self._user = Api(environment.lab, "new", "image", entry="new-demo")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._error: Exception | None = None
        self.records: set[Sighting] = set()
        self.listed: set[Sighting] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        assert self._error is None

    def _look(self) -> None:
        try:
            while not self._over.wait(_PAUSE):
                self._look_once()
        except Exception as error:  # noqa: BLE001  told at the end
            self._error = error

    def _look_once(self) -> None:
        record = self._admin.find(f"/v2/images/{self._key}")
        if record is not None:
            self.records.add(sighting(record))
        listed = self._user.get("/v2/images?limit=1000")["images"]
        self.listed |= {sighting(each) for each in listed if each["id"] == self._key}


def sighting(record: dict[str, Any]) -> Sighting:
    """Return what of a record tells whether an image is whole, and who sees it."""
    return tuple((field, record.get(field)) for field in _FIELDS)
