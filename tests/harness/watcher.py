# SPDX-License-Identifier: Apache-2.0
"""Somebody who watches a run on the web page, in Debian's Chromium."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.harness.chromium import Browser, browsing
from tests.harness.daemon import Daemon
from tests.harness.relay import Relay
from tests.lab import patience
from tests.lab.settings import ADDRESS

WANTED = "EPHYRA_PICTURES"
"""Names the directory that pictures go to; without it none is taken, and no time spent."""

_MARKS = (
    "return Array.from(document.querySelectorAll('#fleet .m'))"
    ".filter((m) => m.title.startsWith(arguments[0])).map((m) => m.className.split(' ').at(-1))"
)


class Watcher:
    """Looks at one page after the other, and clicks."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def look(self, path: str) -> None:
        """Open a page."""
        self._browser.open(path)

    def marks(self, prefix: str, nodes: int) -> Mapping[str, int]:
        """Return how many nodes whose names begin so look how, once there are so many.

        The first look has the clouds read, which the page does not wait for.
        """

        def found() -> Mapping[str, int] | None:
            marks = Counter(self._browser.run(_MARKS, prefix))
            return marks if marks.total() == nodes else None

        return patience.until(f"{nodes} marks", found, 60)

    def text(self, selector: str) -> str:
        return self._browser.text(selector)

    def click(self, ident: str) -> None:
        self._browser.click(ident)

    def complaints(self) -> list[str]:
        """Return errors of scripts and breaches of the page's policy, since the last time."""
        return self._browser.complaints()

    def save(self, **pages: str) -> None:
        """Save pages, each under its name, by day, by night, and as on a telephone, if wanted."""
        directory = os.environ.get(WANTED)
        if not directory:
            return
        where, browser = Path(directory), self._browser
        where.mkdir(parents=True, exist_ok=True)
        for name, page in pages.items():
            for scheme in ("light", "dark"):
                browser.resize(1280)
                browser.prefer(scheme)
                browser.open(page)
                browser.picture(where / f"{name}-{scheme}.png")
            browser.resize(390)
            browser.prefer("light")
            browser.open(page)
            browser.picture(where / f"{name}-narrow.png")
            browser.resize(1280)


@contextmanager
def watching(daemon: Daemon) -> Iterator[Watcher]:
    """Reach a daemon's socket as by `ssh -L`, and have a window for its page."""
    with (
        Relay(daemon.socket) as relay,
        browsing(
            daemon.lab, f"http://{ADDRESS}:{relay.port}", daemon.directory / "driver.log"
        ) as browser,
    ):
        yield Watcher(browser)
