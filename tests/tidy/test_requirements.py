# SPDX-License-Identifier: Apache-2.0
"""What the package imports is asked for in requirements.txt, and everybody tests one version."""

import re
import sys
from importlib.metadata import packages_distributions

from tests.tidy.source import ROOT, checkout_sources, imports


def _names(file: str) -> set[str]:
    """The distributions a requirements file names, in the form in which names are compared."""
    lines = (ROOT / file).read_text().splitlines()
    return {_normal(found[0]) for line in lines if (found := re.match(r"\w[\w.-]*", line))}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_is_imported_is_required() -> None:
    required = _names("requirements.txt")
    providers = packages_distributions()
    imported = {
        use.name.split(".")[0]
        for source in checkout_sources("ephyrad/", ".py")
        for use in imports(source)
    }

    unasked = [
        module
        for module in sorted(imported - sys.stdlib_module_names - {"ephyrad"})
        if not required & {_normal(name) for name in providers.get(module, [])}
    ]

    assert unasked == []


def test_every_requirement_is_pinned_for_tests() -> None:
    wanted = _names("requirements.txt") | _names("test-requirements.txt")

    assert wanted - _names("constraints.txt") == set()


def test_every_requirement_has_a_lower_bound() -> None:
    for file in ("requirements.txt", "test-requirements.txt"):
        lines = [line for line in (ROOT / file).read_text().splitlines() if line[0] != "#"]

        assert [line for line in lines if ">=" not in line] == []
