# SPDX-License-Identifier: Apache-2.0
"""Configuration files for tests."""

from pathlib import Path

CLOUDS = """
[old_cloud]
cloud = old-system

[new_cloud]
cloud = new-system
"""


def write(directory: Path, text: str, *, clouds: str = CLOUDS) -> list[str]:
    """Write ephyrad.conf with the text before the clouds; return the arguments that name it."""
    path = directory / "ephyrad.conf"
    path.write_text(f"{text}\n{clouds}")
    return ["--config-file", str(path)]
