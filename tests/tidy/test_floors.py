# SPDX-License-Identifier: Apache-2.0
"""Imports point down only, and every library has one owner."""

import pytest

from tests.tidy.floors import violations
from tests.tidy.source import Source, checkout_sources


def test_the_house_stands() -> None:
    sources = checkout_sources("ephyrad/", ".py")

    found = [line for source in sources for line in violations(source)]

    assert sources
    assert found == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "ephyrad/migration/step.py",
            "from ephyrad.engine import turn",
            (
                "ephyrad/migration/step.py:1 imports ephyrad.engine.turn: floor 0 may only import "
                "migration/; instead take it as an argument: a fact, a policy, a moment"
            ),
        ),
        (
            "ephyrad/clouds/ironic.py",
            "import logging\nfrom ephyrad import journal",
            (
                "ephyrad/clouds/ironic.py:2 imports ephyrad.journal: floor 1 may only import its "
                "own package and floor 0; instead let engine/ bring the two together"
            ),
        ),
        (
            "ephyrad/engine/turn.py",
            "def turn():\n    import ephyrad.conf.opts",
            (
                "ephyrad/engine/turn.py:2 imports ephyrad.conf.opts: floor 2 may only import "
                "engine/, floor 1 and floor 0; instead let service.py hand it down"
            ),
        ),
        (
            "ephyrad/engine/turn.py",
            "from openstack import connection",
            (
                "ephyrad/engine/turn.py:1 imports openstack.connection: floor 2 may only leave "
                "openstack to clouds; instead go through clouds/"
            ),
        ),
        (
            "ephyrad/new/thing.py",
            "",
            (
                "ephyrad/new/thing.py:1 stands on no floor; instead put it into a package of "
                "FLOORS, or add its own there, in tests/tidy/floors.py"
            ),
        ),
    ],
)
def test_a_violation_says_where_what_and_the_cure(path: str, text: str, expected: str) -> None:
    assert list(violations(Source(path, text))) == [expected]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ephyrad/migration/a.py", "import time"),
        ("ephyrad/migration/a.py", "from ..environment import item"),
        ("ephyrad/environment/a.py", "import time"),
        ("ephyrad/migration/a.py", "import os.path"),
        ("ephyrad/migration/a.py", "import urllib.request"),
        ("ephyrad/migration/a.py", "import yaml"),
        ("ephyrad/migration/a.py", "from ..engine import turn"),
        ("ephyrad/migration/a.py", "from datetime import datetime as dt\ndt.now()"),
        ("ephyrad/migration/a.py", "import datetime as d\nx = field(factory=d.datetime.utcnow)"),
        ("ephyrad/migration/a.py", "from datetime import date\ndate.today()"),
        ("ephyrad/migration/a.py", "from uuid import uuid4\nuuid4()"),
        ("ephyrad/migration/a.py", "open('x')"),
        ("ephyrad/migration/__init__.py", "from ..bus import x"),
        ("ephyrad/clouds/a.py", "from importlib import import_module\nimport_module('kombu')"),
        ("ephyrad/clouds/a.py", "import importlib\nimportlib.import_module('ephyrad.bus')"),
        ("ephyrad/clouds/a.py", "if TYPE_CHECKING:\n    from ephyrad.bus.inbox import Inbox"),
        ("ephyrad/clouds/a.py", "from oslo_config import cfg"),
        ("ephyrad/bus/a.py", "from ephyrad.secrets import key"),
        ("ephyrad/bus/a.py", "import sqlite3"),
        ("ephyrad/secrets/a.py", "import keystoneauth1.loading"),
        ("ephyrad/conf/a.py", "from keystoneauth1 import session"),
        ("ephyrad/engine/a.py", "import leftpad"),
        ("ephyrad/cli/a.py", "import flask"),
        ("ephyrad/service.py", "import sqlite_utils"),
        ("ephyrad/service.py", "from ephyrad.testing import clock"),
        ("ephyrad/engine/a.py", "from ephyrad.testing import clock"),
        ("ephyrad/__init__.py", "import ephyrad.service"),
    ],
)
def test_each_of_these_is_refused(path: str, text: str) -> None:
    assert len(list(violations(Source(path, text)))) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ephyrad/migration/a.py", "from datetime import UTC, datetime\ndatetime.max"),
        ("ephyrad/migration/a.py", "import transitions\nfrom .step import Step"),
        ("ephyrad/environment/a.py", "from ..migration import outcomes"),
        ("ephyrad/migration/a.py", "def decide(moment):\n    return moment.now()"),
        ("ephyrad/migration/a.py", "from urllib.parse import urlsplit"),
        ("ephyrad/journal/a.py", "import sqlite3, sqlite_utils\nfrom ephyrad.migration import a"),
        ("ephyrad/conf/a.py", "from keystoneauth1 import loading\nfrom oslo_config import cfg"),
        ("ephyrad/cmd/daemon.py", "from oslo_service import backend\nimport ephyrad.service"),
        ("ephyrad/service.py", "from ephyrad.engine import turn\nfrom ephyrad.api import server"),
        ("ephyrad/testing/bus.py", "from ephyrad.bus import envelope\nimport random"),
        ("ephyrad/secrets/a.py", "import yaml, os, cryptography.fernet"),
        ("ephyrad/__init__.py", "from importlib.metadata import version"),
    ],
)
def test_each_of_these_is_allowed(path: str, text: str) -> None:
    assert list(violations(Source(path, text))) == []
