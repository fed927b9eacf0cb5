# SPDX-License-Identifier: Apache-2.0
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ephyrad.engine.rollout_answers import GateAnswer, RolloutAnswer, WaveAnswer
from tests.fakes.fleet import BEGUN
from tests.fakes.operations import FakeOperations
from tests.unit.web.conftest import Browser, client

NASTY = "<script>alert(1)</script>\"'&{{ 7777 * 7777 }}"
PAGES = ("/ui/", "/ui/nodes", "/ui/nodes/0a1b", "/ui/nodes/nowhere", "/ui/nothing/here")
VOID = {"meta", "link", "input"}


class Page(HTMLParser):
    """Reads a page: its tags with attributes, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def rollout(**changes: object) -> RolloutAnswer:
    gate = GateAnswer("boots", BEGUN, BEGUN, "fail", "no instance came up", "")
    whole = RolloutAnswer(
        name="spring",
        status="running",
        since=BEGUN,
        by="ann",
        cause=None,
        reason="",
        waits_for="",
        direction="forward",
        started_at=BEGUN,
        started_by="ann",
        nodes=4,
        begun=2,
        in_flight=1,
        waiting=0,
        held=1,
        arrived=1,
        back=0,
        waves=(WaveAnswer(1, "canary", BEGUN, 2, 1, 1, 0, None, (gate,)),),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def started(operations: FakeOperations, **changes: object) -> None:
    operations.rollouts.put(rollout(**changes))
    operations.fleet.newest = "spring"


def test_the_root_leads_to_the_page(browser: Browser) -> None:
    answer = browser.get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/ui/")


def test_the_front_page_has_every_node_as_a_mark_in_its_group(browser: Browser) -> None:
    text = browser.text("/ui/?by=extra.rack")

    marks = re.findall(r'class="m (\S+)"[^>]*title="([^"]*)"', text)
    assert marks == [
        ("active", "rack1: active"),
        ("held", "rack2: held in active: operator"),
        ("untouched", "rack3: not asked for"),
    ]
    assert re.findall(r'class="group" aria-label="([^"]*)"', text) == ["r1", "r10"]


def test_the_key_to_group_by_is_asked_of_the_engine(
    browser: Browser, operations: FakeOperations
) -> None:
    browser.get("/ui/?by=extra.rack")
    browser.get("/ui/")
    wrong = browser.get("/ui/?by=nonsense")

    assert operations.fleet.asked_by == ["extra.rack", None, "nonsense"]
    assert wrong.status_code == 400
    assert "cannot be grouped" in wrong.text


def test_a_rollout_is_shown_with_its_waves_gates_and_burn_up(
    browser: Browser, operations: FakeOperations
) -> None:
    started(operations)

    text = browser.text("/ui/")

    assert "Rollout spring" in text
    assert "boots: fail" in text
    assert "no instance came up" in text
    assert "1 of 4 nodes arrived" in text
    assert text.count("<svg") == 1


def test_a_list_of_nodes_can_be_narrowed(browser: Browser) -> None:
    held = browser.text("/ui/nodes?look=held")
    rack = browser.text("/ui/nodes?by=extra.rack&group=r10")

    assert re.findall(r"rack\d", held) == ["rack2"]
    assert set(re.findall(r"rack\d", rack)) == {"rack3"}
    assert browser.get("/ui/nodes?look=pretty").status_code == 400


def test_a_node_has_its_timeline_the_newest_first(browser: Browser) -> None:
    text = browser.text("/ui/nodes/0c2d")

    assert re.findall(r'class="kind">(\w+)<', text) == ["hold", "asked"]
    assert "its disk is loud" in text


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_forbids_what_the_page_does_not_need(browser: Browser, path: str) -> None:
    headers = browser.get(path).headers

    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy)
    assert not re.search(r"unsafe|data:|https?:|\*", headers["Content-Security-Policy"])
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_and_has_nothing_inline(
    browser: Browser, operations: FakeOperations, path: str
) -> None:
    started(operations)

    page = Page(browser.get(path).text)

    assert page.open == []
    names = {name for _, attrs in page.tags for name in attrs}
    assert not {"style", *(name for name in names if name.startswith("on"))} & names
    assert not [tag for tag, attrs in page.tags if tag == "script" and "src" not in attrs]
    links = [attrs.get("src") or attrs.get("href") for _, attrs in page.tags]
    assert not [link for link in links if link and not link.startswith(("/ui/", "#"))]
    assert {"main", "header", "footer", "nav", "h1"} <= {tag for tag, _ in page.tags}


def test_whatever_the_clouds_and_people_say_is_escaped(
    browser: Browser, operations: FakeOperations
) -> None:
    marks = operations.fleet.found
    operations.fleet.found = [
        *(replace(each, name=NASTY, group=NASTY, reason=NASTY) for each in marks[:2]),
        replace(marks[2], node=NASTY, name=None),
    ]
    operations.fleet.trouble = NASTY
    operations.put(replace(operations.node("0a1b"), name=NASTY, doing=NASTY, asked_by=NASTY))
    started(operations, reason=NASTY, by=NASTY)

    for path in ("/ui/", "/ui/nodes", "/ui/nodes/0a1b", f"/ui/nodes?group={NASTY}"):
        text = browser.text(path)

        assert "<script>alert" not in text
        assert "60481729" not in text
        assert "&lt;script&gt;" in text
        assert Page(text).open == []


def test_what_did_not_change_is_not_sent_again(
    browser: Browser, operations: FakeOperations
) -> None:
    first = browser.get("/ui/")
    again = browser.get("/ui/", If_None_Match=first.headers["ETag"])
    operations.fleet.found = operations.fleet.found[:2]
    changed = browser.get("/ui/", If_None_Match=first.headers["ETag"])

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "no-cache, private"
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_a_page_of_a_process_that_is_gone_is_sent_again(
    browser: Browser, operations: FakeOperations
) -> None:
    old = browser.get("/ui/").headers["ETag"]

    answer = Browser(client(operations)).get("/ui/", If_None_Match=old)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("page.css", "text/css"),
        ("palette.css", "text/css"),
        ("live.js", "javascript"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_files_are_served_with_their_kind_and_once(browser: Browser, name: str, kind: str) -> None:
    first = browser.get(f"/ui/static/{name}")
    again = browser.get(f"/ui/static/{name}", If_None_Match=first.headers["ETag"])

    assert first.status_code == 200
    assert kind in first.headers["Content-Type"]
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["none.css", "..%2fpage.py", "%2e%2e/page.py"])
def test_no_other_file_is_served(browser: Browser, name: str) -> None:
    assert browser.get(f"/ui/static/{name}").status_code == 404


def test_trouble_is_told_in_words(browser: Browser, operations: FakeOperations) -> None:
    operations.journal_error = "the journal cannot be written: the disk is full"
    shown = browser.text("/ui/")
    nowhere = browser.get("/ui/nodes/nobody")
    operations.broken = True
    broken = browser.get("/ui/")

    assert "the disk is full" in shown
    assert (nowhere.status_code, "nobody asked to migrate node nobody" in nowhere.text) == (
        404,
        True,
    )
    assert broken.status_code == 500
    assert "ZeroDivisionError" not in broken.text
    assert "log has the details" in broken.text
