# SPDX-License-Identifier: Apache-2.0
"""What the test command makes of its arguments."""

import pytest

from tools.checks import COMMANDS, PARTS, TESTS, Plan, main, plan

LINT, TYPES = COMMANDS["lint"], COMMANDS["types"]
ALL_TESTS = [f"tests/{part}" for part in TESTS]


def shown(plan: Plan) -> list[list[str]]:
    """The commands without the interpreter's own words."""
    return [command[2:] for command in plan.commands]


@pytest.mark.parametrize(
    ("arguments", "pytest_arguments"),
    [
        (["unit"], ["tests/unit"]),
        (["unit", "simulation"], ["tests/unit", "tests/simulation"]),
        (["bench"], ["tests/bench"]),
        (["unit", "--", "-k", "unit"], ["tests/unit", "-k", "unit"]),
        (["unit", "-x"], ["tests/unit", "-x"]),
        (["-k", "fence"], [*ALL_TESTS, "-k", "fence"]),
        (["--", "-k", "fence"], [*ALL_TESTS, "-k", "fence"]),
        (["tests/unit/test_a.py::test_b"], ["tests/unit/test_a.py::test_b"]),
        (["tidy", "tests/unit/test_a.py"], ["tests/unit/test_a.py", "tests/tidy"]),
    ],
)
def test_arguments_that_lead_to_pytest_alone(
    arguments: list[str], pytest_arguments: list[str]
) -> None:
    assert shown(plan(arguments)) == [["pytest", *pytest_arguments]]


def test_without_arguments_everything_runs_and_what_needs_the_lab_beside_the_rest() -> None:
    everything = plan([])

    assert shown(everything) == [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["pytest", *ALL_TESTS, "-m", "not lab"],
    ]
    assert everything.aside is not None
    assert everything.aside[2:] == ["pytest", "tests/contract", "tests/functional", "-m", "lab"]


def test_what_runs_beside_is_shown_at_the_end_and_its_failure_counts(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    aside = ["sh", "-c", "echo beside; echo loud >&2; exit 4"]
    todo = Plan((["sh", "-c", "echo first"],), aside=aside)
    monkeypatch.setattr("tools.checks.plan", lambda arguments: todo)

    code = main([])

    shown = capfdbinary.readouterr()
    assert code == 1
    assert shown.out == b"first\nbeside\nloud\n"
    assert shown.err.splitlines()[-1] == b"./test: failed: echo beside; echo loud >&2; exit 4"


def test_a_part_without_tests_runs_no_pytest() -> None:
    assert plan(["types"]).commands == tuple(TYPES)
    assert plan(["lint", "types"]).commands == (*LINT, *TYPES)


def test_an_unknown_part_is_named_and_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["unit", "untit"])

    assert code == 2
    assert capsys.readouterr().err == (
        f"./test: no part is named untit; there is {', '.join(PARTS)}\n"
    )


def test_an_argument_that_no_pytest_would_see_is_refused() -> None:
    assert plan(["lint", "-x"]) == Plan(refusal="-x is for pytest, which lint does not run")


def test_a_failure_is_named_at_the_end_and_the_others_still_run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(COMMANDS, "lint", [["sh", "-c", "exit 3"]])
    monkeypatch.setitem(COMMANDS, "types", [["sh", "-c", "echo ran"]])

    code = main(["lint", "types"])

    shown = capfd.readouterr()
    assert code == 1
    assert shown.out == "ran\n"
    assert shown.err.splitlines()[-1] == "./test: failed: exit 3"


def test_help_names_the_parts(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--help"])

    assert code == 0
    assert "usage: ./test" in (text := capsys.readouterr().out)
    assert all(part in text for part in PARTS)
