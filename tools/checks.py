# SPDX-License-Identifier: Apache-2.0
"""Runs the parts of the test command, in an environment that has all they need.

usage: ./test [PART...] [PATH...] [-- PYTEST-ARGUMENT...]

Without a part: lint, types, and every test. What begins with a dash, and all that follows it,
goes to pytest, and so does a path: ./test -k fence, ./test tests/unit/test_version.py::test_x.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

CHECKOUT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable

Command = list[str]


def _tool(*words: str) -> Command:
    return [PYTHON, "-m", *words]


CONSTRAINTS = _tool(
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--upgrade"),
    *("--no-annotate", "--custom-compile-command=./test constraints", "--output-file"),
    *("constraints.txt", "requirements.txt", "test-requirements.txt"),
)
COMMANDS: dict[str, list[Command]] = {
    "lint": [_tool("ruff", "check"), _tool("ruff", "format", "--check")],
    "types": [_tool("mypy")],
    "docs": [_tool("sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build/html")],
    "genconfig": [_tool("tools.generated"), _tool("tools.notification_samples")],
    "constraints": [CONSTRAINTS],
}
TESTS = ("tidy", "unit", "contract", "faults", "machines", "simulation", "mutations", "functional")
IN_LAB = ("tests/contract", "tests/functional")
EVERYDAY = ("lint", "types", *TESTS)
PARTS = (*EVERYDAY, "bench", "docs", "genconfig", "constraints")


@dataclass(frozen=True)
class Plan:
    """The commands to run, all of them whatever the others say; or why nothing is run.

    What stands in `aside` runs beside them, and its output is shown when they have ended.
    """

    commands: tuple[Command, ...] = ()
    refusal: str = ""
    aside: Command | None = None


def plan(arguments: list[str]) -> Plan:
    """Decide what to run. pytest runs once, over everything asked for, and last.

    Where everything is, what needs the lab runs beside the rest: it mostly waits for the clouds.
    """
    if not arguments:
        commands = [command for part in EVERYDAY for command in COMMANDS.get(part, [])]
        rest = _tool("pytest", *(f"tests/{part}" for part in TESTS), "-m", "not lab")
        return Plan((*commands, rest), aside=_tool("pytest", *IN_LAB, "-m", "lab"))
    words, for_pytest = _split(arguments)
    unknown = [word for word in words if word not in PARTS and not _is_path(word)]
    if unknown:
        return Plan(refusal=f"no part is named {', '.join(unknown)}; there is {', '.join(PARTS)}")
    paths = [word for word in words if _is_path(word)]
    parts = [word for word in words if word in PARTS] or ([] if paths else _default(for_pytest))
    commands = [command for part in parts for command in COMMANDS.get(part, [])]
    paths += [f"tests/{part}" for part in parts if part not in COMMANDS]
    if paths:
        commands.append(_tool("pytest", *paths, *for_pytest))
    elif for_pytest:
        return Plan(refusal=f"{for_pytest[0]} is for pytest, which {', '.join(parts)} does not run")
    return Plan(tuple(commands))


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What stands before the first word with a dash, and the rest, without a bare "--"."""
    dashed = (at for at, word in enumerate(arguments) if word.startswith("-"))
    at = next(dashed, len(arguments))
    rest = arguments[at:]
    return arguments[:at], rest[1:] if rest[:1] == ["--"] else rest


def _default(for_pytest: list[str]) -> list[str]:
    return list(TESTS if for_pytest else EVERYDAY)


def _is_path(word: str) -> bool:
    return "/" in word or "::" in word


def main(arguments: list[str]) -> int:
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__, f"PART is one of: {', '.join(PARTS)}.", sep="\n")
        return 0
    todo = plan(arguments)
    if todo.refusal:
        print(f"./test: {todo.refusal}", file=sys.stderr)
        return 2
    failed = list(_run(todo))
    for command in failed:
        print(f"./test: failed: {' '.join(command[2:])}", file=sys.stderr)
    return 1 if failed else 0


def _run(todo: Plan) -> Iterator[Command]:
    """Run every command, and give those that failed."""
    with TemporaryFile() as output:
        aside = _begin(todo.aside, output) if todo.aside else None
        for command in todo.commands:
            _say(command)
            if subprocess.run(command, cwd=CHECKOUT, check=False).returncode:
                yield command
        if todo.aside and aside:
            _say(todo.aside)
            failed = aside.wait()
            output.seek(0)
            shutil.copyfileobj(output, sys.stdout.buffer)
            sys.stdout.flush()
            if failed:
                yield todo.aside


def _begin(command: Command, output: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=output, stderr=subprocess.STDOUT)


def _say(command: Command) -> None:
    print(f"./test: {' '.join(command[2:])}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
