# SPDX-License-Identifier: Apache-2.0
"""The files beside the page: its styles, its script, its icon. They are few, and kept in memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ephyrad.drawing.palette import CHARTS, COLOURS

_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file's content and kind."""

    content: bytes
    kind: str


def page_files() -> Mapping[str, PageFile]:
    """Return each file under its name; the palette is that of every page ephyrad makes."""
    directory = Path(__file__).parent / "static"
    found = {
        path.name: PageFile(path.read_bytes(), _KINDS[path.suffix])
        for path in directory.iterdir()
        if path.suffix in _KINDS
    }
    palette = PageFile((COLOURS + CHARTS).encode(), _KINDS[".css"])
    return {**found, "palette.css": palette}
