# SPDX-License-Identifier: Apache-2.0
"""Nothing banned is used, and each ban names its replacement."""

import pytest

from tests.tidy import bans
from tests.tidy.source import Source, checkout_sources


def test_no_banned_text() -> None:
    sources = checkout_sources()

    found = [line for source in sources for line in bans.text_violations(source)]

    assert found == []


def test_no_path_leads_out_of_the_checkout() -> None:
    sources = checkout_sources()

    found = [line for source in sources for line in bans.path_violations(source)]

    assert found == []


def test_no_banned_name() -> None:
    sources = checkout_sources(suffix=".py")

    found = [line for source in sources for line in bans.name_violations(source)]

    assert found == []


def test_nothing_is_too_long() -> None:
    sources = checkout_sources(suffix=".py")

    found = [line for source in sources for line in bans.size_violations(source)]

    assert found == []


def test_no_warning_says_its_error_twice() -> None:
    sources = checkout_sources(suffix=".py")

    found = [line for source in sources for line in bans.log_violations(source)]

    assert found == []


def test_a_warning_within_except_is_refused() -> None:
    text = "try:\n    f()\nexcept OSError as error:\n    LOG.warning('%s', error)\n"

    (found,) = bans.log_violations(Source("ephyrad/engine/a.py", text))

    assert found.startswith("ephyrad/engine/a.py:4 logs within except")


def test_files_are_named_after_their_subject() -> None:
    sources = checkout_sources(suffix=".py")

    found = [line for source in sources for line in bans.file_name_violations(source.path)]

    assert found == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "ephyrad/engine/turn.py",
            "from time import sleep as nap\nnap(1)",
            (
                "ephyrad/engine/turn.py:1 uses time.sleep; instead return a wait step with a "
                "deadline, or wait on a threading.Event that can be set"
            ),
        ),
        (
            "ephyrad/clouds/ironic.py",
            "cloud.baremetal.wait_for_nodes_provision_state(x)",
            (
                "ephyrad/clouds/ironic.py:1 uses cloud.baremetal.wait_for_nodes_provision_state; "
                "instead return a wait step with a deadline, and look again"
            ),
        ),
        (
            "tests/unit/test_a.py",
            "from unittest import mock",
            "tests/unit/test_a.py:1 uses unittest.mock; instead write a fake that behaves",
        ),
    ],
)
def test_a_banned_name_says_where_what_and_the_cure(path: str, text: str, expected: str) -> None:
    assert next(bans.name_violations(Source(path, text))) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tests/unit/a.py", "import eventlet"),
        ("tests/unit/a.py", "import eventlet.green.time"),
        ("tests/unit/a.py", "import unittest.mock"),
        ("tests/unit/a.py", "import mock"),
        ("tests/unit/a.py", "from datetime import datetime\nf = datetime.utcnow"),
        ("ephyrad/engine/a.py", "import time\ntime.sleep(1)"),
        ("ephyrad/engine/a.py", "print('x')"),
        ("ephyrad/engine/a.py", "connect().wait_for_server()"),
    ],
)
def test_each_of_these_names_is_refused(path: str, text: str) -> None:
    assert list(bans.name_violations(Source(path, text))) != []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tests/functional/a.py", "import time\ntime.sleep(1)"),
        ("ephyrad/cli/a.py", "print('x')"),
        ("ephyrad/engine/a.py", "import threading\nthreading.Condition().wait_for(ready)"),
        ("ephyrad/engine/a.py", "import unittest\nhammock = sprint = 1"),
        ("ephyrad/engine/a.py", "report.print()"),
    ],
)
def test_each_of_these_names_is_allowed(path: str, text: str) -> None:
    assert list(bans.name_violations(Source(path, text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "a \N{EM DASH} b",
        "# TO" + "DO: later",
        "see /ro" + "ot/notes",
        "LAB=/tm" + "p/lab",
        "cd /wo" + "rk",
        "in sha" + "red/design.md",
        "in ../sha" + "red/design.md",
    ],
)
def test_each_of_these_texts_is_refused(text: str) -> None:
    assert len(list(bans.text_violations(Source("docs/a.rst", text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "a - b",
        "method",
        "/v1/nodes/root",
        "/var/work",
        "/tmp/lab-1",
        "a shared thing",
        "x.shared/y",
    ],
)
def test_each_of_these_texts_is_allowed(text: str) -> None:
    assert list(bans.text_violations(Source("docs/a.rst", text))) == []


def test_a_path_out_of_the_checkout_is_refused_and_one_within_is_not() -> None:
    source = Source("docs/a.rst", "../README.rst\n../../elsewhere/x")

    found = list(bans.path_violations(source))

    assert found == [
        (
            "docs/a.rst:2 says '../../elsewhere/x', outside the checkout; "
            "instead put what is needed into it"
        )
    ]


def test_a_long_file_and_a_long_function_are_refused() -> None:
    body = "    pass\n"
    longest = "def fits():\n" + body * (bans.FUNCTION_LINES - 1)
    too_long = "def sprawls():\n" + body * bans.FUNCTION_LINES
    filler = "\n" * (bans.FILE_LINES + 1 - 2 * bans.FUNCTION_LINES - 1)

    found = list(bans.size_violations(Source("ephyrad/engine/a.py", longest + too_long + filler)))

    assert found == [
        "ephyrad/engine/a.py:501 is over 500 lines; instead split it by subject",
        (
            "ephyrad/engine/a.py:61 sprawls has 61 lines, over 60; "
            "instead give its parts names of their own"
        ),
    ]


def test_a_name_that_says_nothing_is_refused() -> None:
    assert list(bans.file_name_violations("ephyrad/bus/utils.py")) == [
        "ephyrad/bus/utils.py:1 is named utils; instead name it after its subject"
    ]
    assert list(bans.file_name_violations("ephyrad/bus/listener.py")) == []
