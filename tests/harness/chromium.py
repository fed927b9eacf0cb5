# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium, without a screen, as somebody who reads the page uses it."""

import base64
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from tests.lab import apt, patience
from tests.lab.settings import Settings

PACKAGES = (
    apt.Package("chromium", apt.program("chromium")),
    apt.Package("chromium-driver", apt.program("chromedriver")),
)
_DRIVER = "/usr/bin/chromedriver"
_WIDE, _HIGH = 1280, 900
_SCALE = 0.8


class Browser:
    """One window. `complaints` are errors of scripts and breaches of the page's own policy."""

    def __init__(self, driver: Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self, path: str = "/ui/") -> None:
        self._leave(lambda: self.driver.get(f"{self.address}{path}"))

    def click(self, ident: str) -> None:
        """Click on what leads to another page."""
        found = self.driver.find_element(By.ID, ident)
        # The driver scrolls no further than the window's edge, where the click may miss.
        self.run("arguments[0].scrollIntoView({block: 'center'})", found)
        self._leave(found.click)

    def _leave(self, go: Callable[[], object]) -> None:
        """Wait for the next page: a busy machine's driver may look at the former one still."""
        self.run("window.leaving = true")
        go()
        self.until("the page", "return !window.leaving && document.readyState === 'complete'")

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def text(self, selector: str = "body") -> str:
        found = self.run("return document.querySelector(arguments[0])?.innerText", selector)
        return str(found or "")

    def until(self, what: str, script: str, *arguments: object) -> Any:
        """Wait until a script returns something true, and return it."""
        return patience.until(what, lambda: self.run(script, *arguments) or None, 60, pause=0.1)

    def press(self, *keys: str) -> None:
        for key in keys:
            ActionChains(self.driver, duration=0).send_keys(key).perform()

    def focused(self) -> dict[str, str]:
        """Return what the keyboard is on: its id, tag, and the width of the outline around it."""
        found: dict[str, str] = self.run(
            "const e = document.activeElement; return {id: e.id, tag: e.tagName,"
            " name: e.title || e.ariaLabel || e.innerText,"
            " outline: getComputedStyle(e).outlineStyle};"
        )
        return found

    def complaints(self) -> list[str]:
        """Return what the console has had to say since the last time."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries]

    def prefer(self, scheme: str) -> None:
        """Be somebody who likes pages `dark` or `light`."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def scripts(self, *, run: bool) -> None:
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not run})

    def resize(self, width: int, height: int = _HIGH) -> None:
        """Have the page in so many pixels, as a telephone has few."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )

    def picture(self, path: Path, most: int = 1600) -> None:
        """Save the page as PNG, a little smaller, from its top down to so many pixels."""
        wide = int(self.run("return document.documentElement.clientWidth"))
        high = min(int(self.run("return document.documentElement.scrollHeight")), most)
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot",
            {
                "captureBeyondViewport": True,
                "clip": {"x": 0, "y": 0, "width": wide, "height": high, "scale": _SCALE},
            },
        )
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browsing(settings: Settings, address: str, log: Path) -> Iterator[Browser]:
    """Start Chromium, installed first where it is missing, for the site at `address`.

    :raises LabError: it is missing, and cannot be installed.
    """
    if missing := apt.missing(PACKAGES):
        apt.install(settings, missing)
    options = ChromeOptions()
    words = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"]
    if os.geteuid() == 0:
        # Chromium's sandbox is for those who are not.
        words.append("--no-sandbox")
    for word in (*words, f"--window-size={_WIDE},{_HIGH}"):
        options.add_argument(word)
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, Service(_DRIVER, log_output=str(log)))
    try:
        yield Browser(driver, address)
    finally:
        driver.quit()
