# SPDX-License-Identifier: Apache-2.0
"""The buttons: what each does, in whose name, and which forms are not taken."""

import os
import pwd
from dataclasses import replace

import pytest

from tests.fakes.operations import FakeOperations
from tests.unit.web.conftest import HERE, Browser, client
from tests.unit.web.test_page import started

ME = pwd.getpwuid(os.getuid()).pw_name
RELEASE = "/ui/nodes/0c2d/release"


def test_a_held_node_is_released_in_the_name_of_who_asks(
    browser: Browser, operations: FakeOperations
) -> None:
    answer = browser.send(RELEASE)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/ui/?done=release")
    assert not operations.node("0c2d").held
    assert operations.history("0c2d")[-1].summary == f"released by {ME}"
    assert "The node was released." in browser.text("/ui/?done=release")


def test_a_form_of_a_nodes_page_leads_back_to_it(
    browser: Browser, operations: FakeOperations
) -> None:
    answer = browser.send("/ui/nodes/0a1b/hold", reason=" too\nhot ", **{"from": "node"})

    assert answer.headers["Location"] == "/ui/nodes/0a1b?done=hold"
    assert operations.node("0a1b").doing == "too hot"


def test_a_rollout_is_paused_resumed_and_approved(
    browser: Browser, operations: FakeOperations
) -> None:
    started(operations)

    paused = browser.send("/ui/rollouts/spring/pause", reason="lunch")
    assert (paused.status_code, operations.rollouts.one("spring").status) == (303, "paused")
    browser.send("/ui/rollouts/spring/resume")
    assert operations.rollouts.one("spring").status == "running"
    browser.send("/ui/rollouts/spring/approve")
    kinds = [each.kind for each in operations.rollouts.history("spring")]
    assert kinds == ["paused", "resumed", "approved"]


def test_only_what_can_be_done_has_a_button(browser: Browser, operations: FakeOperations) -> None:
    started(operations, status="running")
    running = browser.text("/ui/")
    started(operations, status="paused")
    paused = browser.text("/ui/")
    started(operations, status="finished")
    over = browser.text("/ui/")

    assert ["/pause" in running, "/resume" in running] == [True, False]
    assert ["/pause" in paused, "/resume" in paused] == [False, True]
    assert "/ui/rollouts/" not in over


def test_approval_has_a_button_where_a_wave_waits_for_it(
    browser: Browser, operations: FakeOperations
) -> None:
    started(operations)
    before = browser.text("/ui/")
    operations.fleet.course = replace(operations.fleet.burn_up("spring"), approval=1)

    assert ["/approve" in before, "Approve wave 1" in browser.text("/ui/")] == [False, True]


def test_who_was_slower_is_told_so(browser: Browser) -> None:
    browser.send(RELEASE)

    answer = browser.send(RELEASE)

    assert answer.status_code == 409
    assert "node 0c2d is not held" in answer.text
    assert "<h1>That cannot be done any more</h1>" in answer.text


@pytest.mark.parametrize("reason", ["", " ", "x" * 1001])
def test_a_hold_needs_a_reason(browser: Browser, operations: FakeOperations, reason: str) -> None:
    answer = browser.send("/ui/nodes/0a1b/hold", reason=reason)

    assert (answer.status_code, operations.node("0a1b").held) == (400, False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://proxy.example"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_the_browser_has_to_say_that_the_form_is_of_this_page(
    browser: Browser, operations: FakeOperations, headers: dict[str, str], status: int
) -> None:
    answer = browser.client.post(RELEASE, data={"token": browser.token()}, headers=headers)

    assert answer.status_code == status
    assert operations.node("0c2d").held == (status == 403)


@pytest.mark.parametrize("token", ["", "0" * 64, "\N{SNOWMAN}"])
def test_a_form_without_the_pages_token_is_not_taken(
    browser: Browser, operations: FakeOperations, token: str
) -> None:
    answer = browser.client.post(RELEASE, data={"token": token}, headers=HERE)

    assert (answer.status_code, operations.node("0c2d").held) == (403, True)
    assert "load the page again" in answer.text


def test_a_token_of_another_process_or_another_caller_is_not_taken(
    browser: Browser, operations: FakeOperations
) -> None:
    other = Browser(client(operations))
    stranger = {"X_REMOTE_UID": "4321"}

    before = other.client.post(RELEASE, data={"token": browser.token()}, headers=HERE)
    theirs = browser.client.post(
        RELEASE, data={"token": browser.token()}, headers=HERE, environ_overrides=stranger
    )

    assert (before.status_code, theirs.status_code) == (403, 403)
    assert operations.node("0c2d").held


@pytest.mark.parametrize("path", [RELEASE, "/ui/rollouts/spring/pause"])
def test_nothing_is_done_by_a_link(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code in {404, 405}
