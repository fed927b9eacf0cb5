# SPDX-License-Identifier: Apache-2.0
"""Who may see the page, and who has its buttons."""

import pytest

from ephyrad.api.caller import ENVIRON, Caller
from ephyrad.web.forgery import Forgeries
from tests.fakes.operations import FakeOperations
from tests.unit.web.conftest import HERE, Browser
from tests.unit.web.test_page import started

SYSTEM = {"system_scope": "all"}
NOBODY = Caller("eve", frozenset(), claims=SYSTEM)
READER = Caller("ann", frozenset({"reader"}), claims=SYSTEM)
OPERATOR = Caller("bob", frozenset({"operator"}), claims=SYSTEM)
ORDERS = (
    *("/ui/nodes/0c2d/release", "/ui/nodes/0a1b/hold"),
    *(f"/ui/rollouts/spring/{verb}" for verb in ("pause", "resume", "approve")),
)


def shown(browser: Browser, caller: Caller, path: str) -> tuple[int, str]:
    answer = browser.client.get(path, environ_overrides={ENVIRON: caller})
    return answer.status_code, answer.text


@pytest.mark.parametrize("path", ["/ui/", "/ui/nodes", "/ui/nodes/0c2d"])
def test_who_has_no_role_sees_nothing(browser: Browser, path: str) -> None:
    status, text = shown(browser, NOBODY, path)

    assert status == 403
    assert "<h1>Not allowed</h1>" in text
    assert "eve may not do this" in text
    assert "rack" not in text


@pytest.mark.parametrize("path", ["/ui/", "/ui/nodes/0c2d", "/ui/nodes/0a1b"])
def test_a_reader_sees_all_and_has_no_button(
    browser: Browser, operations: FakeOperations, path: str
) -> None:
    started(operations)

    reader, operator = (shown(browser, each, path) for each in (READER, OPERATOR))

    assert (reader[0], operator[0]) == (200, 200)
    assert ['method="post"' in text for _, text in (reader, operator)] == [False, True]


@pytest.mark.parametrize("path", ORDERS)
def test_a_readers_form_is_refused_whatever_it_has(
    browser: Browser, operations: FakeOperations, path: str
) -> None:
    started(operations)

    answer = browser.client.post(
        path, data={"reason": "x"}, headers=HERE, environ_overrides={ENVIRON: READER}
    )

    assert answer.status_code == 403
    assert "ann may not do this" in answer.text
    assert operations.node("0c2d").held
    assert operations.rollouts.one("spring").status == "running"


def test_a_token_is_its_callers_own() -> None:
    forgeries = Forgeries()

    tokens = {forgeries.token(name) for name in ("ann", "bob", "")}

    assert len(tokens) == 3
    assert forgeries.complaint("ann", forgeries.token("ann"), HERE) is None
    assert forgeries.complaint("bob", forgeries.token("ann"), HERE) is not None
