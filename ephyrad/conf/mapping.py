# SPDX-License-Identifier: Apache-2.0
"""The mapping file: YAML, checked against what may stand in it, each mistake with its line.

::

    projects:
      match: name
      table:
        Default/demo: Default/demonstration
    physical_networks:
      table:
        physnet1: provider
    driver_info:
      carry: [acme_*]
      drop: [deploy_kernel, deploy_ramdisk]
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import yaml

from ephyrad.conf.errors import ConfigurationError
from ephyrad.migration.identity import By, Rule
from ephyrad.migration.mapping import LISTED, Kind, Names

SECTIONS = {
    "users": Kind.USER,
    "projects": Kind.PROJECT,
    "networks": Kind.NETWORK,
    "images": Kind.IMAGE,
    "physical_networks": Kind.PHYSICAL_NETWORK,
    "conductor_groups": Kind.CONDUCTOR_GROUP,
    "shards": Kind.SHARD,
}
"""The sections of the file, and what each is about."""

INFO = "driver_info"

_MATCHES = {
    **dict.fromkeys(Kind, (By.TABLE, By.KEEP)),
    **dict.fromkeys(LISTED, (By.ID, By.NAME, By.TABLE, By.KEEP)),
    # That they are there is asked in any case.
    **dict.fromkeys((Kind.USER, Kind.IMAGE), (By.ID, By.NAME, By.TABLE)),
}
_LARGEST = 32 * 1024 * 1024
_TEXT = "tag:yaml.org,2002:str"
_NOTHING = "tag:yaml.org,2002:null"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path | None) -> Names:
    """Return what the mapping file says; nothing where none is named.

    :raises ConfigurationError: it cannot be read, or makes no sense.
    """
    if path is None:
        return Names()
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(
            f"mapping file {path}: {error.strerror}: let ephyrad's user read it, or name another"
            " file in [migration] mapping_file"
        ) from error
    if len(content) > _LARGEST:
        raise ConfigurationError(f"mapping file {path}: over {_LARGEST} bytes: make it smaller")
    return _Reader(path).names(content)


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self, content: bytes) -> Names:
        rules: dict[Kind, Rule] = {}
        carry: tuple[str, ...] = ()
        drop: tuple[str, ...] = ()
        readers: Mapping[str, Callable[[yaml.Node, str], Any]] = {
            "carry": self._keys,
            "drop": self._keys,
        }
        for section, node in self._members(self._root(content), "the file", (*SECTIONS, INFO)):
            if section == INFO:
                found = self._read(node, section, readers)
                carry, drop = found.get("carry", ()), found.get("drop", ())
            else:
                kind = SECTIONS[section]
                rules[kind] = self._rule(kind, section, node)
        return Names(rules, carry, drop)

    def _root(self, content: bytes) -> yaml.Node | None:
        try:
            root: yaml.Node | None = yaml.compose(content, Loader=_Loader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
            problem = " ".join(str(getattr(error, "problem", None) or "not UTF-8").split())
            raise ConfigurationError(
                f"mapping file {self._path}{where}: this is not YAML ({problem}): correct it there"
            ) from error
        return root

    def _rule(self, kind: Kind, section: str, node: yaml.Node) -> Rule:
        allowed = _MATCHES[kind]

        def match(value: yaml.Node, what: str) -> By:
            word = self._text(value, what)
            if word not in allowed:
                self._refuse(value, f"{what} must be one of {', '.join(allowed)}, not {word}")
            return By(word)

        def table(value: yaml.Node, what: str) -> dict[str, str]:
            # What has a name alone may have none in the new cloud.
            return self._table(value, what, empty=kind not in LISTED)

        usual = Names().rule(kind).by
        found = self._read(node, section, {"match": match, "table": table})
        return Rule(found.get("match", usual), found.get("table", {}))

    def _read(
        self, node: yaml.Node, what: str, readers: Mapping[str, Callable[[yaml.Node, str], Any]]
    ) -> dict[str, Any]:
        return {
            key: readers[key](value, f"{key} of {what}")
            for key, value in self._members(node, what, tuple(readers))
        }

    def _table(self, node: yaml.Node, what: str, *, empty: bool) -> dict[str, str]:
        table: dict[str, str] = {}
        for key, value in self._pairs(node, what):
            name = self._text(key, f"a key in the {what}")
            if name in table:
                self._refuse(key, f"the {what} has {name} twice: remove one")
            table[name] = self._text(value, f"what the {what} says of {name}", empty=empty)
        return table

    def _keys(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode):
            self._refuse(node, f"{what} must be a list of keys")
        return tuple(self._text(each, f"a key in {what}") for each in node.value)

    def _members(
        self, node: yaml.Node | None, what: str, known: tuple[str, ...]
    ) -> Iterator[tuple[str, yaml.Node]]:
        seen: set[str] = set()
        for key, value in self._pairs(node, what):
            name = self._text(key, f"a key of {what}")
            if name not in known:
                self._refuse(key, f"{what} has no {name}: it may have {', '.join(known)}")
            if name in seen:
                self._refuse(key, f"{what} has {name} twice: put both into one")
            seen.add(name)
            yield name, value

    def _pairs(self, node: yaml.Node | None, what: str) -> list[tuple[yaml.Node, yaml.Node]]:
        if node is None or node.tag == _NOTHING:
            return []
        if not isinstance(node, yaml.MappingNode):
            self._refuse(node, f"{what} must hold keys and values")
        pairs: list[tuple[yaml.Node, yaml.Node]] = node.value
        return pairs

    def _text(self, node: yaml.Node, what: str, *, empty: bool = False) -> str:
        """Return a text. A number is none: an id of digits would lose its zeros."""
        if not isinstance(node, yaml.ScalarNode) or node.tag != _TEXT:
            self._refuse(node, f"{what} must be text: put it in quotes")
        if not node.value and not empty:
            self._refuse(node, f"{what} is empty: fill it in, or remove it")
        return str(node.value)

    def _refuse(self, node: yaml.Node, what: str) -> NoReturn:
        mark = node.start_mark
        raise ConfigurationError(
            f"mapping file {self._path}, line {mark.line + 1}, column {mark.column + 1}: {what}"
        )
