# SPDX-License-Identifier: Apache-2.0
"""What is banned, where, and what stands in its place."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.tidy.source import ROOT, Source, imports, uses

FILE_LINES = 500
FUNCTION_LINES = 60
_LOUD = ("LOG.warning", "LOG.error", "LOG.critical")
SAYS_NOTHING = frozenset({"common", "helper", "helpers", "misc", "util", "utils"})


@dataclass(frozen=True)
class Ban:
    """A pattern below some paths but not below others, and what to do instead."""

    pattern: re.Pattern[str]
    instead: str
    under: tuple[str, ...] = ("",)
    but_not: tuple[str, ...] = ()

    def binds(self, path: str) -> bool:
        return path.startswith(self.under) and not path.startswith(self.but_not)


# Matched against the whole of a dotted name that is imported or used.
NAMES = [
    Ban(re.compile(r"eventlet(\..*)?"), "use threads"),
    Ban(re.compile(r"(unittest\.)?mock(\..*)?"), "write a fake that behaves"),
    Ban(re.compile(r"datetime\.datetime\.utcnow"), "use datetime.now(UTC)"),
    Ban(
        re.compile(r"time\.sleep"),
        "return a wait step with a deadline, or wait on a threading.Event that can be set",
        under=("ephyrad/",),
    ),
    Ban(
        re.compile(r"(.*\.)?wait_for_\w+"),
        "return a wait step with a deadline, and look again",
        under=("ephyrad/",),
    ),
    Ban(
        re.compile(r"print"),
        "use logging",
        under=("ephyrad/",),
        but_not=("ephyrad/cli/", "ephyrad/cmd/", "ephyrad/migration/diagram.py"),
    ),
]

# Searched for in each line of every text file. LICENSE is not ours to word.
TEXTS = [
    Ban(re.compile("\N{EM DASH}"), "use a comma, a colon or two sentences", but_not=("LICENSE",)),
    Ban(re.compile(r"\b(TO[D]O|FIX[M]E|X[X]X)\b"), "do it, or open an issue", but_not=("LICENSE",)),
    Ban(
        re.compile(r"(?<![\w.-])/(work|root|home/\w+|Users/\w+|tmp/(lab|work))\b(?!-)"),
        "say it without the path of one machine",
        but_not=("tests/tidy/",),
    ),
    Ban(
        re.compile(r"(?<![\w/.-])(\.\./)*shared/"),
        "put what is needed into the checkout",
        but_not=("tests/tidy/",),
    ),
]


def text_violations(source: Source) -> Iterator[str]:
    """Banned text, line by line."""
    bans = [ban for ban in TEXTS if ban.binds(source.path)]
    for number, line in enumerate(source.text.splitlines(), start=1):
        for ban in bans:
            if found := ban.pattern.search(line):
                yield f"{source.path}:{number} says {found[0]!r}; instead {ban.instead}"


def path_violations(source: Source) -> Iterator[str]:
    """A relative path in the text that leads out of the checkout."""
    here = (ROOT / source.path).parent
    for number, line in enumerate(source.text.splitlines(), start=1):
        for found in re.finditer(r"(?<![\w./])(\.\./)+\w[\w/.-]*", line):
            if not (here / found[0]).resolve().is_relative_to(ROOT):
                yield (
                    f"{source.path}:{number} says {found[0]!r}, outside the checkout; "
                    "instead put what is needed into it"
                )


def name_violations(source: Source) -> Iterator[str]:
    """Banned names in Python, imported or used; once for each name and line."""
    bans = [ban for ban in NAMES if ban.binds(source.path)]
    named = {(use.line, use.name) for use in (*imports(source), *uses(source))}
    for line, name in sorted(named):
        for ban in bans:
            if ban.pattern.fullmatch(name):
                yield f"{source.path}:{line} uses {name}; instead {ban.instead}"


def size_violations(source: Source) -> Iterator[str]:
    """A Python file or, in the package, a function that is too long to be read at once."""
    lines = len(source.text.splitlines())
    if lines > FILE_LINES:
        yield f"{source.path}:{lines} is over {FILE_LINES} lines; instead split it by subject"
    if not source.path.startswith("ephyrad/"):
        return
    for node in ast.walk(source.tree()):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield (
                    f"{source.path}:{node.lineno} {node.name} has {lines} lines, over "
                    f"{FUNCTION_LINES}; instead give its parts names of their own"
                )


def log_violations(source: Source) -> Iterator[str]:
    """A warning that is logged where an exception is handled: oslo.log says that one, too."""
    if not source.path.startswith("ephyrad/"):
        return
    for handler in (each for each in ast.walk(source.tree()) if type(each) is ast.ExceptHandler):
        for node in ast.walk(handler):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in _LOUD:
                yield (
                    f"{source.path}:{node.lineno} logs within except, so oslo.log adds the "
                    "exception's words once more; instead log after it, or by LOG.exception"
                )


def file_name_violations(path: str) -> Iterator[str]:
    """A Python file or package whose name says nothing of its subject."""
    for part in PurePosixPath(path).with_suffix("").parts:
        if part in SAYS_NOTHING:
            yield f"{path}:1 is named {part}; instead name it after its subject"
