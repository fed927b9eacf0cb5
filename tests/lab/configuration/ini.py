# SPDX-License-Identifier: Apache-2.0
"""INI files as oslo.config reads them."""

from collections.abc import Mapping
from pathlib import Path

Sections = dict[str, dict[str, str]]


def render(sections: Mapping[str, Mapping[str, str]]) -> str:
    """The text of an INI file."""
    return "\n".join(
        f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in options.items())
        for section, options in sections.items()
    )


def merge(base: Sections, extra: Mapping[str, Mapping[str, str]]) -> Sections:
    """Both together; `extra` wins. Neither is changed."""
    return {
        section: {**base.get(section, {}), **extra.get(section, {})}
        for section in [*base, *(new for new in extra if new not in base)]
    }


def write(path: Path, text: str) -> None:
    """Replaces a file at once, readable by its owner only: there are passwords in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(path)
