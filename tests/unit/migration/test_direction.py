# SPDX-License-Identifier: Apache-2.0
"""On a way back every text names the cloud that is meant."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ephyrad.migration
from ephyrad.migration.direction import Direction

_CORE = Path(ephyrad.migration.__file__).parent
_ROLE = re.compile(r"\b(old|new)\b", re.IGNORECASE)

# The names of the two clouds themselves, and what the documentation alone shows.
_NO_TEXT = {"old", "new"}
_NO_MESSAGES = {"states.py", "diagram.py", "direction.py", "mirror.py"}


def _texts(path: Path) -> Iterator[str]:
    """Yield every text of a file, the pieces of f-strings with what they hold left out."""
    tree = ast.parse(path.read_text())
    said = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    pieces = set()
    for each in ast.walk(tree):
        if isinstance(each, ast.JoinedStr):
            pieces |= {id(piece) for piece in each.values}
            yield "".join(
                str(piece.value) if isinstance(piece, ast.Constant) else "cloud"
                for piece in each.values
            )
    for each in ast.walk(tree):
        match each:
            case ast.Constant(value=str(text)) if id(each) not in said | pieces:
                yield text
            case _:
                pass


_FILES = sorted(path for path in _CORE.glob("*.py") if path.name not in _NO_MESSAGES)


@pytest.mark.parametrize("path", _FILES, ids=lambda path: str(path.name))
def test_no_word_of_the_core_escapes_the_mirror(path: Path) -> None:
    for text in _texts(path):
        if text in _NO_TEXT or "in-new-cloud" in text or "-cloud" in text:
            continue
        turned = Direction.BACK.words(text)
        for role, other in zip(_ROLE.findall(text), _ROLE.findall(turned), strict=True):
            assert role != other, f"{path.name}: {text!r}: direction.py does not know this word"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            "delete the record in the old cloud",
            "delete the record in the new cloud",
        ),
        (
            "the new cloud has no record of the node, and the old one has none either",
            "the old cloud has no record of the node, and the new one has none either",
        ),
        ("the old Nova to forget instance i", "the new Nova to forget instance i"),
        ("the new placement offers CUSTOM_A=1", "the old placement offers CUSTOM_A=1"),
        ("its journal is older than the clouds", "its journal is older than the clouds"),
        ("renewed", "renewed"),
    ],
)
def test_words_are_turned_round(said: str, meant: str) -> None:
    assert Direction.BACK.words(said) == meant
    assert Direction.FORWARD.words(said) == said


@given(st.lists(st.sampled_from(["old", "new", "cloud", "one", "Ironic", "folder", "(", "; "])))
def test_what_is_turned_twice_is_as_it_was(words: list[str]) -> None:
    text = " ".join(words)

    assert Direction.BACK.words(Direction.BACK.words(text)) == text
