# SPDX-License-Identifier: Apache-2.0
"""Each program says its licence in its first line, after a shebang."""

import pytest

from tests.tidy.source import Source, checkout_sources

LINE = "# SPDX-License-Identifier: Apache-2.0"


def _lacks_its_licence(source: Source) -> bool:
    is_program = source.path.endswith((".py", ".sh")) or source.text.startswith("#!")
    lines = source.text.splitlines()[:2]
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    return is_program and lines[:1] != [LINE]


def test_every_program_says_its_licence() -> None:
    sources = checkout_sources()

    found = [
        f"{source.path}:1 must begin with: {LINE}"
        for source in sources
        if _lacks_its_licence(source)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("path", "text", "lacks"),
    [
        ("a.py", f"{LINE}\nx = 1\n", False),
        ("a.py", "x = 1\n", True),
        ("a.py", "", True),
        ("a.py", f"x = 1\n{LINE}\n", True),
        ("run", f"#!/bin/bash\n{LINE}\n", False),
        ("run", "#!/bin/bash\ntrue\n", True),
        ("a.rst", "text\n", False),
    ],
)
def test_what_lacks_its_licence(path: str, text: str, lacks: bool) -> None:
    assert _lacks_its_licence(Source(path, text)) == lacks
