# SPDX-License-Identifier: Apache-2.0
"""docs/reference/cli.rst has every command, every option of ours, every exit status."""

import argparse
import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from ephyrad.cli.app import COMMANDS, Ephyra
from ephyrad.cli.errors import ExitStatus

TEXT = (Path(__file__).parents[3] / "docs/reference/cli.rst").read_text()
SECTIONS = re.split(r"\n(.+)\n-+\n", TEXT.partition("\nCommands\n")[2])
DOCUMENTED = dict(zip(SECTIONS[1::2], SECTIONS[2::2], strict=True))

# What cliff gives to every command; the reference explains it once.
CLIFFS = {"output formatters", "table formatter", "json formatter", "CSV Formatter"} | {
    "shell formatter",
    "YAML Formatter",
}


def parser_of(name: str) -> argparse.ArgumentParser:
    command = EntryPoint(name, COMMANDS[name], "ephyra.commands").load()
    parser: argparse.ArgumentParser = command(Ephyra(), None).get_parser(f"ephyra {name}")
    return parser


def test_every_command_is_documented_and_no_other() -> None:
    assert set(DOCUMENTED) == {*COMMANDS, "complete"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_documented(name: str) -> None:
    parser = parser_of(name)
    theirs = {
        id(action)
        for group in parser._action_groups
        if group.title in CLIFFS
        for action in group._group_actions
    }
    ours = [action for action in parser._actions if id(action) not in theirs]
    words = {word for action in ours for word in action.option_strings} - {"-h", "--help"}
    arguments = {str(a.metavar) for a in ours if not a.option_strings}

    assert {word for word in words if f"``{word}" not in DOCUMENTED[name]} == set()
    assert {word for word in arguments if f" {word}" not in DOCUMENTED[name]} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_documented_option_exists(name: str) -> None:
    known = {word for action in parser_of(name)._actions for word in action.option_strings}

    assert set(re.findall(r"^``(--[a-z-]+)", DOCUMENTED[name], re.MULTILINE)) <= known


def test_every_global_option_is_documented() -> None:
    options = {word for action in Ephyra().parser._actions for word in action.option_strings}

    assert {word for word in options if word not in TEXT} == set()


def test_every_exit_status_is_documented() -> None:
    table = dict(re.findall(r"^(\d) +(\S.*)$", TEXT, re.MULTILINE))

    assert {int(status) for status in table} == set(ExitStatus)
