# SPDX-License-Identifier: Apache-2.0
"""A copy of the package and its tests, in which mutations are applied one after another."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.mutations.mutation import Mutation, applied

CHECKOUT = Path(__file__).resolve().parents[2]
_PATIENCE = "120"

FAILED = 1
"""pytest's exit status when tests were run and failed; a broken file or wrong name has another."""


@dataclass(frozen=True)
class Result:
    """What pytest made of some tests."""

    status: int
    output: str


class Overlay:
    """A copy in `directory`, which is used instead of the checkout by what is run in it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._mutations = 0
        for name in ("ephyrad", "tests"):
            shutil.copytree(CHECKOUT / name, directory / name)
        shutil.copy2(CHECKOUT / "pyproject.toml", directory)

    def run(self, tests: Iterable[str]) -> Result:
        """Run tests as they are in the copy."""
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-x", "--tb=short", "-p", "no:cacheprovider"),
            *("--timeout", _PATIENCE, *tests),
        ]
        done = subprocess.run(
            command,
            cwd=self._directory,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Result(done.returncode, done.stdout)

    def run_mutated(self, mutation: Mutation) -> Result:
        """Run a mutation's test with the mutation applied.

        :raises NotFound: its text is not there.
        """
        with self._mutated(mutation):
            return self.run([mutation.test])

    def package(self) -> Path:
        """Return where the package is that tests in the copy import."""
        command = [sys.executable, "-c", "import ephyrad; print(ephyrad.__file__)"]
        shown = subprocess.check_output(
            command, cwd=self._directory, env=self._environment(), text=True
        )
        return Path(shown.strip())

    @contextmanager
    def _mutated(self, mutation: Mutation) -> Iterator[None]:
        path = self._directory / mutation.path
        source = path.read_text()
        stat = path.stat()
        path.write_text(applied(mutation, source))
        # A compiled file is taken for its source by its second and size: let no two be of one.
        self._mutations += 1
        os.utime(path, (stat.st_atime, stat.st_mtime + self._mutations))
        try:
            yield
        finally:
            path.write_text(source)
            os.utime(path, (stat.st_atime, stat.st_mtime))

    def _environment(self) -> dict[str, str]:
        # With CI set, hypothesis tries the same examples each time.
        return {**os.environ, "PYTHONPATH": str(self._directory), "CI": "1"}
