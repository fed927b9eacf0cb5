# SPDX-License-Identifier: Apache-2.0
"""Answers recorded from a 2023.1 ("old") and a 2026.2 ("new") cloud."""

import json
from pathlib import Path
from typing import Any

RELEASES = ("old", "new")

_DIRECTORY = Path(__file__).parent / "samples"


def sample(name: str) -> Any:
    return json.loads((_DIRECTORY / f"{name}.json").read_text())
