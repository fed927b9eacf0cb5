# SPDX-License-Identifier: Apache-2.0
"""Pictures of the web page in the middle of a test, where somebody wants some."""

import os
from pathlib import Path

from tests.harness.chromium import browsing
from tests.harness.daemon import Daemon
from tests.harness.relay import Relay
from tests.lab.settings import ADDRESS

WANTED = "EPHYRA_PICTURES"
"""Names the directory that they go to; without it none is taken, and no time spent."""


def take(daemon: Daemon, **pages: str) -> None:
    """Save pages of a daemon, each under its name, by day, by night, and as on a telephone."""
    directory = os.environ.get(WANTED)
    if not directory:
        return
    where = Path(directory)
    where.mkdir(parents=True, exist_ok=True)
    with (
        Relay(daemon.socket) as relay,
        browsing(daemon.lab, f"http://{ADDRESS}:{relay.port}", where / "driver.log") as browser,
    ):
        # The first look has the clouds read.
        browser.open()
        read = "return document.querySelectorAll('#fleet .m').length"
        browser.until("the fleet", read)
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
