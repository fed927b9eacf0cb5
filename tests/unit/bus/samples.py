# SPDX-License-Identifier: Apache-2.0
"""Real notifications, captured on a 2023.1 and a 2026.2 cloud; a live token was replaced."""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "samples"
RELEASES = ("old", "new")


def sample(release: str, name: str) -> dict[str, Any]:
    """One notification's body, as it is on the wire."""
    body: dict[str, Any] = json.loads((HERE / release / f"{name}.json").read_text())
    return body


def names() -> list[tuple[str, str]]:
    """Each (release, event type) there is."""
    return [(path.parent.name, path.stem) for path in sorted(HERE.glob("*/*.json"))]
