# SPDX-License-Identifier: Apache-2.0
"""The operator's credentials file: the secrets of nodes that the old Ironic masks.

YAML; for each node, by UUID or name, the values of `driver_info` keys::

    default:
      ipmi_password: for every node that does not say otherwise
    metal-7:
      ipmi_password: its own
    6f9cd2f0-3a5e-4d1b-9ad5-5a6d4a1f7b11:
      redfish_password: its own
"""

import logging
import os
import stat
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ephyrad.secrets.errors import SecretsError

LOG = logging.getLogger(__name__)

DEFAULT = "default"
"""The entry that holds for every node; what a node's own entry says goes before it."""

_TEXT = "tag:yaml.org,2002:str"
_NOTHING = "tag:yaml.org,2002:null"
_LARGEST = 32 * 1024 * 1024
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_Stamp = tuple[int, ...]


class Values(Mapping[str, str]):
    """Secret values by name; shows the names only."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __repr__(self) -> str:
        return f"Values({', '.join(sorted(self._values))})"

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Credentials:
    """The content of the credentials file, read again when the file changes.

    A file that became unusable is told in the log, once, and what was read before stays in use.
    """

    def __init__(self, path: Path) -> None:
        """Read the file.

        :raises SecretsError: it cannot be read, everybody may read it, or it makes no sense.
        """
        self._path = path
        self._lock = threading.Lock()
        self._stamp, self._nodes = _read(path)

    def __repr__(self) -> str:
        return f"Credentials({str(self._path)!r})"

    def for_node(self, uuid: str, name: str | None) -> Mapping[str, str]:
        """Return the values for a node: its UUID's go before its name's, those before default."""
        with self._lock:
            self._refresh()
            nodes = self._nodes
        named = nodes.get(name, {}) if name else {}
        return Values({**nodes.get(DEFAULT, {}), **named, **nodes.get(uuid.lower(), {})})

    def _refresh(self) -> None:
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        # Whatever is wrong with it is told once, and looked at again when it changes again.
        self._stamp = stamp
        trouble = ""
        try:
            self._stamp, self._nodes = _read(self._path)
        except SecretsError as error:
            trouble = str(error)
        if trouble:
            LOG.error("%s; what was read before stays in use", trouble)
        else:
            LOG.info("credentials file %s was read again", self._path)


def _stamp(path: Path) -> _Stamp:
    """What tells one content of the file from another; () where there is no file."""
    try:
        return _stamp_of(path.stat())
    except OSError:
        return ()


def _stamp_of(found: os.stat_result) -> _Stamp:
    mode = stat.S_IMODE(found.st_mode)
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, mode)


def _read(path: Path) -> tuple[_Stamp, dict[str, dict[str, str]]]:
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            _examine(path, found)
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise SecretsError(
            f"credentials file {path}: {error.strerror}: let ephyrad's user read it, or name"
            " another file in [migration] credentials_file"
        ) from error
    if len(content) > _LARGEST:
        raise SecretsError(f"credentials file {path}: over {_LARGEST} bytes: make it smaller")
    return _stamp_of(found), _decoded(path, content)


def _examine(path: Path, found: os.stat_result) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o027:
        raise SecretsError(
            f"credentials file {path}: others may read or change it (mode {mode:04o}):"
            " chmod 600, or 640 where its group is ephyrad's"
        )


def _decoded(path: Path, content: bytes) -> dict[str, dict[str, str]]:
    root = _composed(path, content)
    if root is None or root.tag == _NOTHING:
        return {}
    nodes: dict[str, dict[str, str]] = {}
    for key, value in _pairs(path, root, "the file", "nodes, each by UUID or name"):
        ident = _text(path, key, "a node's UUID or name")
        known = ident.lower() if _is_uuid(ident) else ident
        values: dict[str, str] = {}
        for inner, secret in _pairs(path, value, f"node {ident}", "driver_info keys and values"):
            name = _text(path, inner, f"a driver_info key of node {ident}")
            if name in values:
                raise _wrong(path, inner, f"node {ident} has {name} twice: remove one")
            values[name] = _text(path, secret, f"the value of {name} of node {ident}")
        if known in nodes:
            raise _wrong(path, key, f"node {ident} is there twice: put both into one")
        nodes[known] = values
    return nodes


def _composed(path: Path, content: bytes) -> yaml.Node | None:
    """Return the tree of the only document, with lines and columns.

    YAML's own messages quote the file, and a half-read secret with it: none is passed on.
    """
    mark: Any = None
    try:
        node: yaml.Node | None = yaml.compose(content, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
    else:
        return node
    where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    raise SecretsError(
        f"credentials file {path}{where}: this is not YAML (UTF-8, one document): put values that"
        " hold other signs than letters and digits in single quotes"
    )


def _pairs(
    path: Path, node: yaml.Node, what: str, expected: str
) -> list[tuple[yaml.Node, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(path, node, f"{what} must hold {expected}")
    pairs: list[tuple[yaml.Node, yaml.Node]] = node.value
    return pairs


def _text(path: Path, node: yaml.Node, what: str) -> str:
    """Return a text. A number is none: 0123 would lose its zero, and yes would become true."""
    if not isinstance(node, yaml.ScalarNode) or node.tag != _TEXT:
        raise _wrong(path, node, f"{what} must be text: put it in quotes")
    if not node.value:
        raise _wrong(path, node, f"{what} is empty: fill it in, or remove it")
    return str(node.value)


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


def _wrong(path: Path, node: yaml.Node, what: str) -> SecretsError:
    mark = node.start_mark
    return SecretsError(
        f"credentials file {path}, line {mark.line + 1}, column {mark.column + 1}: {what}"
    )
