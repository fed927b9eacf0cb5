# SPDX-License-Identifier: Apache-2.0
"""The page in a real Chromium, served by the real ephyrad."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.functional.web.conftest import NAME, NODES, Site
from tests.harness.chromium import Browser
from tests.lab import patience

_CONTRAST = """
const light = (rgb) => rgb.map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92
  : ((v + .055) / 1.055) ** 2.4).reduce((sum, v, at) => sum + v * [.2126, .7152, .0722][at], 0);
const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
const ground = (each) => { for (let at = each; at; at = at.parentElement) {
  const found = numbers(getComputedStyle(at).backgroundColor);
  if (found.length < 4 || found[3]) return found.slice(0, 3); } return [255, 255, 255]; };
const poor = [];
for (const each of document.querySelectorAll(arguments[0])) {
  const pair = [light(numbers(getComputedStyle(each).color).slice(0, 3)), light(ground(each))];
  const ratio = (Math.max(...pair) + .05) / (Math.min(...pair) + .05);
  if (ratio < 4.5) poor.push(`${each.className} ${each.tagName} ${ratio.toFixed(2)}`);
}
return poor;
"""
_SHOWS = "return document.getElementById(arguments[0]).innerText.includes(arguments[1])"
_ANSWERED = "return location.search === arguments[0] && document.readyState === 'complete'"
_HERE = "return location.pathname.startsWith(arguments[0]) && document.readyState === 'complete'"
_TEXTS = "h1, h2, h3, p, a, button, summary, td, th, dt, dd, .m, .soft, label, time, .status, .kind"
PAGES = ("/ui/", "/ui/nodes", "/ui/nodes?look=held", "/ui/nodes/{node}")


def held(site: Site, node: str) -> str:
    """Hold a node that waits for its owner, and return its UUID."""
    if not site.held(node):
        site.daemon.ephyra("hold", node, "--reason", "its fan is loud")
    uuid: str = site.daemon.ephyra("node", "show", node)["node"]
    return uuid


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_can_be_read_by_day_and_by_night(
    site: Site, browser: Browser, path: str, scheme: str
) -> None:
    browser.prefer(scheme)
    browser.open(path.format(node=held(site, "node-0")))

    assert browser.run(_CONTRAST, _TEXTS) == []
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(251, 251, 249)", "dark": "rgb(20, 24, 26)"}[scheme]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_telephone(site: Site, browser: Browser, path: str) -> None:
    browser.resize(390)

    browser.open(path.format(node=held(site, "node-0")))

    assert browser.run("return document.documentElement.scrollWidth") <= 390


def test_what_changes_is_shown_without_loading_the_page_again(site: Site, browser: Browser) -> None:
    if site.held("node-1"):
        site.daemon.ephyra("release", "node-1")
    browser.open()
    browser.run("window.loaded = 'once'; document.getElementById('by').focus()")
    assert "node-1" not in browser.text("#held")

    site.daemon.ephyra("hold", "node-1", "--reason", "<b>loud</b>")

    browser.until("the hold", _SHOWS, "held", "<b>loud</b>")
    mark = "#fleet .m.held[title^='node-1:']"
    browser.until("its mark", "return document.querySelector(arguments[0])", mark)
    assert browser.run("return window.loaded") == "once"
    assert browser.focused()["id"] == "by"


def test_a_node_is_released_by_the_keyboard_alone(site: Site, browser: Browser) -> None:
    uuid = held(site, "node-0")
    browser.open()

    for _ in range(60):
        browser.press(Keys.TAB)
        at = browser.focused()
        assert at["outline"] == "solid", f"nobody sees that the keyboard is on {at}"
        if at["id"] == f"release-{uuid}":
            break
    assert browser.focused()["name"] == "Release node-0"
    browser.press(Keys.ENTER)

    browser.until("the answer", _ANSWERED, "?done=release")
    assert "The node was released." in browser.text("main")
    assert not site.held("node-0")
    history = site.daemon.ephyra("node", "history", "node-0")
    assert history[-1]["kind"] in {"lifted", "intent", "outcome"}


def test_the_first_tab_skips_to_the_content(browser: Browser) -> None:
    browser.open()

    browser.press(Keys.TAB, Keys.ENTER)

    assert browser.focused()["id"] == "main"


def test_arrow_keys_move_between_marks_and_enter_shows_the_node(browser: Browser) -> None:
    browser.open()
    browser.run("document.querySelector('#fleet a.m[tabindex=\"0\"]').focus()")
    first = browser.focused()["name"]

    browser.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)

    second = browser.focused()["name"]
    assert second != first
    assert browser.run("return document.querySelectorAll('#fleet [tabindex=\"0\"]').length") == 1
    browser.press(Keys.ENTER)
    browser.until("its page", _HERE, "/ui/nodes/")
    assert browser.text("h1") == second.partition(":")[0]


def test_the_keyboard_stays_on_its_mark_when_the_fleet_changes(
    site: Site, browser: Browser
) -> None:
    if site.held("node-1"):
        site.daemon.ephyra("release", "node-1")
    browser.open()
    browser.run("document.querySelector('#fleet a.m[tabindex=\"0\"]').focus()")
    browser.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    before = browser.focused()["name"].partition(":")[0]

    held(site, "node-1")
    mark = "#fleet .m.held[title^='node-1:']"
    browser.until("the hold", "return document.querySelector(arguments[0])", mark)

    assert browser.focused()["name"].partition(":")[0] == before == "node-2"
    assert browser.run("return document.querySelectorAll('#fleet [tabindex=\"0\"]').length") == 1


def test_a_form_stays_open_and_keeps_what_is_typed_while_all_else_changes(
    site: Site, browser: Browser
) -> None:
    if site.held("node-2"):
        site.daemon.ephyra("release", "node-2")
    browser.open()
    browser.run("document.querySelector('#pausing summary').focus()")
    browser.press(Keys.ENTER, Keys.TAB, "lunch")

    held(site, "node-2")
    browser.until("the hold", _SHOWS, "held", "node-2")
    assert browser.run("return document.getElementById('pause-reason').value") == "lunch"
    browser.press(Keys.ENTER)

    browser.until("the answer", _ANSWERED, "?done=pause")
    assert site.daemon.ephyra("rollout", "show", NAME)["status"] == "paused"
    assert "lunch" in browser.text("#rollout")
    browser.click("resume")
    browser.until("the answer", _ANSWERED, "?done=resume")
    assert site.daemon.ephyra("rollout", "show", NAME)["status"] == "running"


def test_without_scripts_it_works_as_well(site: Site, browser: Browser) -> None:
    uuid = held(site, "node-3")
    browser.scripts(run=False)
    browser.open(f"/ui/nodes/{uuid}")

    browser.click("release")

    assert browser.driver.current_url.endswith(f"/ui/nodes/{uuid}?done=release")
    assert not site.held("node-3")
    browser.driver.find_element(By.CSS_SELECTOR, "#holding summary").click()
    browser.driver.find_element(By.ID, "hold-reason").send_keys("by hand")
    browser.click("hold")
    assert site.held("node-3")


def test_who_was_slower_is_told_in_words(site: Site, browser: Browser) -> None:
    uuid = held(site, "node-3")
    browser.scripts(run=False)
    browser.open(f"/ui/nodes/{uuid}")
    site.daemon.ephyra("release", "node-3")

    browser.click("release")

    said = browser.driver.find_element(By.TAG_NAME, "main").text
    assert "That cannot be done any more" in said
    assert "is not held: nothing to release" in said
    # Chromium tells of every 409 in its console.
    assert all("409" in words for words in browser.complaints())


def test_it_shows_the_run_and_how_it_goes_on(site: Site, browser: Browser) -> None:
    browser.open()

    assert browser.run("return document.querySelectorAll('.m[title]').length") == NODES
    assert f"Rollout {NAME}" in browser.text("#rollout")
    assert "canary" in browser.text("#rollout table")
    browser.until("it to be live", "return document.getElementById('pulse').textContent === 'live'")
    patience.until("the canaries to arrive", site.arrived, 120)
    browser.until("them", _SHOWS, "tiles", "compute-ready")
    ready = "return document.querySelectorAll('#fleet .compute-ready').length >= 2"
    browser.until("their marks", ready)
    told = browser.text("figcaption")
    assert "by its plan" in told
    assert browser.run("return document.querySelectorAll('figure path.plan').length") == 1
