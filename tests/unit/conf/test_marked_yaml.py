# SPDX-License-Identifier: Apache-2.0
"""What is refused before anything of a file is read, and where."""

import pytest

from ephyrad.conf.marked_yaml import Mistakes, compose, find, record, text

BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a: b\nc: \xe4\n", "FILE, line 2, column 4: this is not UTF-8: save the file as UTF-8"),
        ("a: b".encode("utf-16"), "FILE, line 1, column 1: this is not UTF-8"),
        ("\xe4: \ud800", "FILE, line 1, column 4: this is not UTF-8"),
        (b"a: b\nb: \x07", "FILE, line 2, column 4: the character U+0007 may not stand in a file"),
        ("a:\n\tb: c", "FILE, line 2, column 1: this is not YAML (a tab): indent with spaces"),
        ("a: *-db-*", "FILE, line 1, column 4: this is not YAML (did not find expected alpha"),
        ("a: *db", "(found undefined alias): a text that begins with * must be in quotes"),
        ("a: @x", "a text that begins with @ must be in quotes"),
        ("a: b: c", "FILE, line 1, column 5: this is not YAML (mapping values are not allowed"),
        ("a:\n  b: c\n d: e", "FILE, line 3, column 2: this is not YAML (did not find expected"),
        ("a: [b", "a list in brackets has commas between its values, and ends with ]"),
        ("a: 'b", "(found unexpected end of stream): a quote is not closed"),
        ("a: b\n---\nc: d", "only one document may stand in it: remove the --- between"),
        ("a: &x [*x]", "FILE, line 1, column 8: *x holds itself: write it out"),
        (BOMB, "aliases repeat over 100000 values up to here: use fewer"),
        ("[" * 200_000, "FILE, line 1, column 33: this is over 32 levels deep: make it flatter"),
        ("#" * 1_000_001, "FILE: over 1000000 bytes: make it smaller"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(
    content: bytes | str, says: str
) -> None:
    with pytest.raises(Mistakes) as caught:
        compose(content, 1_000_000)

    assert says in caught.value.found[0].told("FILE")


def test_an_alias_is_what_it_stands_for() -> None:
    found = record(
        compose("\ufeffa: &x b\nc: *x", 100), "the file", {"a": text, "c": text}, needed=["c"]
    )

    assert found == {"a": "b", "c": "b"}


def test_all_mistakes_are_told_in_the_order_of_the_file() -> None:
    root = compose("b: 1\nx: y\na: [z]\nb: c", 100)

    with pytest.raises(Mistakes) as caught:
        record(root, "the file", {"a": text, "b": text}, needed=["d"])

    assert [each.told("FILE") for each in caught.value.found] == [
        "FILE, line 1, column 1: the file has no d: add it",
        "FILE, line 1, column 4: b must be text: put it in quotes",
        "FILE, line 2, column 1: the file has no x: it may have a, b",
        "FILE, line 3, column 4: a must be text, not a list: write one text there",
        "FILE, line 4, column 1: the file has b twice: put both into one",
    ]


def test_what_a_mistake_repeats_of_the_file_is_one_short_printable_line() -> None:
    root = compose(f'"a\\n\\e[2J{"b" * 900}": c', 2000)

    with pytest.raises(Mistakes) as caught:
        record(root, "the file", {"a": text})

    told = caught.value.found[0].told("FILE")
    assert told.startswith("FILE, line 1, column 1: the file has no a \\x1b[2Jbbb")
    assert told.endswith("bbb: it may have a")
    assert len(told) < 600


def test_a_path_leads_to_a_key_or_to_what_is_in_a_list() -> None:
    root = compose("a:\n- b: c\n- b: [d, e]", 100)

    marks = [
        find(root, *path).start_mark
        for path in (("a",), ("a", 1), ("a", 1, "b"), ("a", 1, "b", 1), ("a", 0, "x", 3))
    ]

    assert [(mark.line, mark.column) for mark in marks] == [(0, 0), (2, 2), (2, 2), (2, 9), (1, 2)]
