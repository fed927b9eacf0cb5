# SPDX-License-Identifier: Apache-2.0
"""A browser without a screen, before a page whose engine is a fake."""

import os
import re
from dataclasses import dataclass, replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ephyrad.api.app import create_app
from ephyrad.engine.fleet_answers import MarkAnswer
from tests.fakes.operations import START, FakeOperations

HERE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Browser:
    """Asks as the user of this process, over what is a unix socket to the daemon."""

    client: FlaskClient

    def get(self, path: str, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=named)

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def token(self) -> str:
        """Return what the forms of the front page have."""
        found = re.search(r'name="token" value="(\w+)"', self.text("/ui/"))
        assert found
        return found[1]

    def send(self, path: str, **fields: str) -> TestResponse:
        """Send a form as the page has it."""
        return self.client.post(path, data={"token": self.token(), **fields}, headers=HERE)


@pytest.fixture
def operations() -> FakeOperations:
    """Two nodes that were asked for, of which one is held, and one that was not."""
    made = FakeOperations(rack1="0a1b", rack2="0c2d")
    made.migrate_all(by="ann")
    made.hold("rack2", reason="its disk is loud", by="ann")
    made.fleet.found = [
        MarkAnswer("0a1b", "rack1", "r1", "active", START),
        MarkAnswer("0c2d", "rack2", "r1", "active", START, cause="operator", reason="loud"),
        MarkAnswer("0e3f", "rack3", "r10"),
    ]
    return made


@pytest.fixture
def browser(operations: FakeOperations) -> Browser:
    return Browser(client(operations))


def client(operations: FakeOperations) -> FlaskClient:
    made = create_app(operations, max_body=10_000).test_client()
    made.environ_base = {**made.environ_base, "X_REMOTE_UID": str(os.getuid())}
    return made


def named(mark: MarkAnswer, name: str) -> MarkAnswer:
    return replace(mark, name=name)
