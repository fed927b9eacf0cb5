# SPDX-License-Identifier: Apache-2.0
"""YAML of which every value has its place, so that a mistake is told with line and column.

Values are read from PyYAML's composed nodes, which keep them as they are written: 22:00 is not the
number 1320, and an id of digits does not lose its zeros. Readers take a node and what it is called
in messages. Mistakes of several values are told together.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml

Reader = Callable[[yaml.Node, str], Any]
"""Reads a value from a node; the text is what messages call it. It raises :class:`Mistakes`."""

WHOLE = "the file"
"""What the outermost record is called in messages."""

TEXT = "tag:yaml.org,2002:str"
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
TRUTH = "tag:yaml.org,2002:bool"
NOTHING = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"

_DEEPEST = 32
_LONGEST_TOLD = 500
_MOST_REPEATED = 100_000
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INDENTED = "keys of one level begin in one column, and a text with a colon must be in quotes"
_CURES = {
    "mapping values are not allowed": _INDENTED,
    "did not find expected key": _INDENTED,
    "could not find expected ':'": "a key ends with a colon",
    "unexpected end of stream": "a quote is not closed",
    "',' or ']'": "a list in brackets has commas between its values, and ends with ]",
    "',' or '}'": "keys in braces have commas between them, and end with }",
    "another document": "only one document may stand in it: remove the --- between",
}
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """What is wrong, with the cure, and where: line and column from 1, 0 for the whole file."""

    line: int
    column: int
    what: str

    def told(self, title: str) -> str:
        """Return it in one line; the title says what file it is."""
        where = f", line {self.line}, column {self.column}" if self.line else ""
        return f"{title}{where}: {self.what}"


class Mistakes(Exception):
    """A file is not as it must be; `found` has at least one mistake, the first place first."""

    def __init__(self, *found: Mistake) -> None:
        super().__init__(*found)
        self.found = sorted(found)


@dataclass(frozen=True, slots=True)
class Gathering:
    """Mistakes of several parts, which are told together."""

    found: list[Mistake] = field(default_factory=list)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Go on after the part, whatever is wrong in it."""
        try:
            yield
        except Mistakes as error:
            self.found.extend(error.found)

    def end(self) -> None:
        """Raise what was found, if anything was."""
        if self.found:
            raise Mistakes(*self.found)


def mistake(node: yaml.Node, what: str) -> Mistakes:
    """Return what is wrong at a node, to be raised."""
    return _at(node.start_mark, what)


def compose(content: bytes | str, largest: int) -> yaml.Node:
    """Return the only document of a file of no more bytes than that.

    :raises Mistakes: it is too large, no UTF-8, no YAML, or too much of it.
    """
    text = _decoded(content, largest)
    try:
        _bound(text)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(text, error) from error
    if root is None:
        start = yaml.Mark("", 0, 0, 0, None, 0)
        return yaml.ScalarNode(NOTHING, "", start, start)
    return root


def text(node: yaml.Node, what: str, *, empty: bool = False) -> str:
    """Return a text. A number is none: an id of digits would lose its zeros elsewhere."""
    if not isinstance(node, yaml.ScalarNode):
        kind = "a list" if isinstance(node, yaml.SequenceNode) else "keys and values"
        raise mistake(node, f"{what} must be text, not {kind}: write one text there")
    if node.tag != TEXT and (node.value or node.tag != NOTHING):
        raise mistake(node, f"{what} must be text: put it in quotes")
    if not node.value and not empty:
        raise mistake(node, f"{what} is empty: fill it in, or remove it")
    if "\0" in node.value:
        raise mistake(node, f"{what} has the character \\0 in it: remove it")
    return str(node.value)


def items(node: yaml.Node, what: str, read: Reader, each: str) -> tuple[Any, ...]:
    """Return the values of a list, each read; `each` is what messages call one of them."""
    if node.tag == NOTHING:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        raise mistake(node, f"{what} must be a list: put - before each value")
    gathering = Gathering()
    found = []
    for below in node.value:
        with gathering.part():
            found.append(read(below, each))
    gathering.end()
    return tuple(found)


def pairs(
    node: yaml.Node, what: str, cure: str = "write KEY: VALUE there"
) -> list[tuple[yaml.Node, yaml.Node]]:
    """Return keys and values, none where nothing is written."""
    if node.tag == NOTHING:
        return []
    if not isinstance(node, yaml.MappingNode):
        raise mistake(node, f"{what} must hold keys and values: {cure}")
    found: list[tuple[yaml.Node, yaml.Node]] = node.value
    return found


def table(
    node: yaml.Node, what: str, read: Reader, *, key: Reader = text, says: str = "{key} of {what}"
) -> dict[str, Any]:
    """Return keys of the file's own with their values, each read."""
    gathering = Gathering()
    found: dict[str, Any] = {}
    for name, below in pairs(node, what):
        with gathering.part():
            word = key(name, f"a key in {what}")
            if word in found:
                raise mistake(name, f"{what} has {word} twice: remove one")
            found[word] = None
            found[word] = read(below, says.format(key=word, what=what))
    gathering.end()
    return found


def record(
    node: yaml.Node,
    what: str,
    readers: Mapping[str, Reader],
    *,
    needed: Iterable[str] = (),
    families: Mapping[str, Reader] | None = None,
) -> dict[str, Any]:
    """Return the values of known keys, each read. A key of a family begins with its name."""
    gathering = Gathering()
    seen: set[str] = set()
    found: dict[str, Any] = {}
    known = (*readers, *(f"{each}KEY" for each in families or ()))
    for key, below in pairs(node, what, f"it may have {', '.join(known)}"):
        with gathering.part():
            name = _key(key, what)
            family = next((each for each in families or () if name.startswith(each)), "")
            read = readers.get(name) or (families or {}).get(family)
            if read is None:
                raise mistake(key, f"{what} has no {name}: {_instead(name, known)}")
            if name in seen:
                raise mistake(key, f"{what} has {name} twice: put both into one")
            seen.add(name)
            found[name] = read(below, name if what == WHOLE else f"{name} of {what}")
    for name in needed:
        if name not in seen:
            gathering.found.extend(mistake(node, f"{what} has no {name}: add it").found)
    gathering.end()
    return found


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the question whether one of these was meant, "" if none is like it."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {close[0]}?" if close else ""


def find(root: yaml.Node, *path: str | int) -> yaml.Node:
    """Return the node at a path of keys and indices, of a key the key; or the last one there."""
    found = below = root
    for step in path:
        if isinstance(step, int) and isinstance(below, yaml.SequenceNode):
            found = below = below.value[step]
        elif isinstance(below, yaml.MappingNode):
            pair = next((each for each in below.value if each[0].value == step), None)
            found, below = pair or (found, below)
    return found


def _key(node: yaml.Node, what: str) -> str:
    if node.tag == _MERGE:
        raise mistake(node, f"{what} cannot be merged with another by <<: write the keys out")
    if node.tag == TRUTH:
        raise mistake(node, f"{node.value} is no word in YAML, but yes or no: put it in quotes")
    return text(node, f"a key in {what}")


def _instead(name: str, known: Iterable[str]) -> str:
    return did_you_mean(name, known) or f"it may have {', '.join(known)}"


def _at(mark: Any, what: str) -> Mistakes:
    return Mistakes(Mistake(mark.line + 1, mark.column + 1, _one_line(what)))


def _one_line(what: str) -> str:
    """Return words that may repeat anything of the file as a terminal and a log can bear them."""
    line = " ".join(what.split())
    if len(line) > _LONGEST_TOLD:
        line = f"{line[: _LONGEST_TOLD // 2]} ... {line[-_LONGEST_TOLD // 2 :]}"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)


def _decoded(content: bytes | str, largest: int) -> str:
    # A lone surrogate is no UTF-8 either, and is told in the same way.
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    if len(data) > largest:
        raise Mistakes(Mistake(0, 0, f"over {largest} bytes: make it smaller"))
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig", "replace")
        raise _after(before, "this is not UTF-8: save the file as UTF-8") from error
    if found := _FORBIDDEN.search(decoded):
        what = f"the character U+{ord(found[0]):04X} may not stand in a file: remove it"
        raise _after(decoded[: found.start()], what)
    return decoded


def _after(before: str, what: str) -> Mistakes:
    return Mistakes(Mistake(before.count("\n") + 1, len(before) - before.rfind("\n"), what))


def _bound(text: str) -> None:
    """Refuse what would take all memory or stack: libyaml composes without any bounds."""
    sizes: dict[str, int] = {}
    opened: list[tuple[str | None, int]] = []
    size = repeated = 0
    for event in yaml.parse(text, Loader=_Loader):
        match event:
            case yaml.AliasEvent():
                if any(anchor == event.anchor for anchor, _ in opened):
                    raise _at(event.start_mark, f"*{event.anchor} holds itself: write it out")
                again = sizes.get(event.anchor or "", 0)
                size += again
                repeated += again
                if repeated > _MOST_REPEATED:
                    what = f"aliases repeat over {_MOST_REPEATED} values up to here: use fewer"
                    raise _at(event.start_mark, what)
            case yaml.CollectionStartEvent():
                if len(opened) == _DEEPEST:
                    what = f"this is over {_DEEPEST} levels deep: make it flatter"
                    raise _at(event.start_mark, what)
                opened.append((event.anchor, size))
                size = 1
            case yaml.CollectionEndEvent():
                anchor, before = opened.pop()
                if anchor:
                    sizes[anchor] = size
                size += before
            case yaml.ScalarEvent():
                size += 1
                if event.anchor:
                    sizes[event.anchor] = 1
            case _:
                pass


def _not_yaml(text: str, error: yaml.MarkedYAMLError) -> Mistakes:
    problem = " ".join(str(error.problem).split())
    for mark in (error.context_mark, error.problem_mark):
        char = text[mark.index : mark.index + 1] if mark else ""
        if char == "\t":
            return _at(mark, "this is not YAML (a tab): indent with spaces")
        if char and char in "*&@`%!":
            cure = f"a text that begins with {char} must be in quotes"
            return _at(mark, f"this is not YAML ({problem}): {cure}")
    mark = error.problem_mark or error.context_mark
    cure = next((cure for says, cure in _CURES.items() if says in problem), "correct it there")
    return _at(mark, f"this is not YAML ({problem}): {cure}")
