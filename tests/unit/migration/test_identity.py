# SPDX-License-Identifier: Apache-2.0
"""What a thing of the old cloud is in the new one: found, missing or ambiguous, never guessed."""

import pytest

from ephyrad.migration.identity import (
    Account,
    By,
    Counterpart,
    Directory,
    NoCounterpart,
    Rule,
    counterpart,
)

OLD = Directory(
    "project",
    [
        Account("o1", "demo", "Default"),
        Account("o2", "demo", "Second"),
        Account("o3", "only", "Default"),
        Account("same", "moved", "Default"),
        Account("o4", "twice", ""),
    ],
)
NEW = Directory(
    "project",
    [
        Account("n1", "demo", "Default"),
        Account("n2", "other", "Default"),
        Account("same", "renamed", "Default"),
        Account("n4", "twice", ""),
        Account("n5", "twice", ""),
    ],
)


@pytest.mark.parametrize(
    ("ident", "rule", "expected"),
    [
        ("same", Rule(By.ID), "same"),
        ("same", Rule(By.KEEP), "same"),
        ("o1", Rule(By.NAME), "n1"),
        ("o1", Rule(By.ID, {"o1": "n2"}), "n2"),
        ("o1", Rule(By.TABLE, {"Default/demo": "n2"}), "n2"),
        ("o1", Rule(By.TABLE, {"o1": "Default/other"}), "n2"),
        ("o3", Rule(By.TABLE, {"only": "other"}), "n2"),
        ("unheard-of", Rule(By.TABLE, {"unheard-of": "n2"}), "n2"),
        ("unheard-of", Rule(By.KEEP), "unheard-of"),
        # The thing's own id goes before whatever is called so.
        ("o1", Rule(By.NAME, {"o1": "n2", "Default/demo": "n1"}), "n2"),
    ],
)
def test_one_is_found(ident: str, rule: Rule, expected: str) -> None:
    found = counterpart(ident, OLD, NEW, rule)

    assert isinstance(found, Counterpart)
    assert found.id == expected


@pytest.mark.parametrize(
    ("ident", "rule", "words"),
    [
        ("o1", Rule(By.ID), "has no project with the id of project Default/demo (o1)"),
        ("unheard-of", Rule(By.ID), "has no project with the id of project unheard-of"),
        ("o2", Rule(By.NAME), "has no project called like project Second/demo (o2)"),
        ("unheard-of", Rule(By.NAME), "the old cloud has no project unheard-of"),
        ("o4", Rule(By.NAME), "has 2 projects called like project twice (o4)"),
        ("o3", Rule(By.TABLE), "has no entry for project Default/only (o3)"),
        ("o3", Rule(By.ID, {"o3": "nobody"}), "has no project nobody, which the mapping file's"),
        ("o3", Rule(By.ID, {"o3": "twice"}), "has 2 of project twice, which the mapping file's"),
        # Two projects of the old cloud are called so: it may be meant, or the other.
        ("o2", Rule(By.NAME, {"demo": "n1"}), "has no project called like project Second/demo"),
    ],
)
def test_none_is_guessed(ident: str, rule: Rule, words: str) -> None:
    found = counterpart(ident, OLD, NEW, rule)

    assert isinstance(found, NoCounterpart)
    assert words in found.because


def test_a_slash_in_a_name_is_no_domain() -> None:
    old = Directory("project", [Account("o", "b", "a")])
    new = Directory("project", [Account("n", "a/b", "")])

    assert isinstance(counterpart("o", old, new, Rule(By.NAME)), NoCounterpart)
