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

from pathlib import Path
from typing import Any

import yaml

from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.marked_yaml import (
    WHOLE,
    Mistakes,
    Reader,
    compose,
    items,
    mistake,
    record,
    table,
    text,
)
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
    try:
        return _names(compose(content, _LARGEST))
    except Mistakes as error:
        raise ConfigurationError(error.found[0].told(f"mapping file {path}")) from error


def _names(root: yaml.Node) -> Names:
    readers: dict[str, Reader] = {name: _reader_of(kind) for name, kind in SECTIONS.items()}
    found = record(root, WHOLE, {**readers, INFO: _info})
    sections = {kind: found[name] for name, kind in SECTIONS.items() if name in found}
    rules = {
        kind: Rule(each.get("match", Names().rule(kind).by), each.get("table", {}))
        for kind, each in sections.items()
    }
    said = frozenset(kind for kind, each in sections.items() if "match" in each)
    info = found.get(INFO, {})
    return Names(rules, info.get("carry", ()), info.get("drop", ()), said)


def _info(node: yaml.Node, what: str) -> dict[str, Any]:
    return record(node, what, {"carry": _keys, "drop": _keys})


def _keys(node: yaml.Node, what: str) -> tuple[str, ...]:
    return items(node, what, text, f"a key in {what}")


def _reader_of(kind: Kind) -> Reader:
    allowed = _MATCHES[kind]

    def match(node: yaml.Node, what: str) -> By:
        word = text(node, what)
        if word not in allowed:
            raise mistake(node, f"{what} must be one of {', '.join(allowed)}, not {word}")
        return By(word)

    def value(node: yaml.Node, what: str) -> str:
        # What has a name alone may have none in the new cloud.
        return text(node, what, empty=kind not in LISTED)

    def names(node: yaml.Node, what: str) -> dict[str, str]:
        return table(node, what, value, says="what the {what} says of {key}")

    return lambda node, what: record(node, what, {"match": match, "table": names})
