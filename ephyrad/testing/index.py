# SPDX-License-Identifier: Apache-2.0
"""Which nodes may hold a word, so that a cloud of many nodes need not be searched for it."""


class Holders:
    """The nodes that were ever said to have a word: a name, a MAC address, a UUID.

    A node may have lost it since, or be gone: whoever asks looks at the record itself.
    """

    def __init__(self) -> None:
        self._nodes: dict[str, dict[str, None]] = {}

    def add(self, word: str, node: str) -> None:
        """Say that a node has a word from now on. Case does not matter."""
        self._nodes.setdefault(word.lower(), {})[node] = None

    def of(self, word: str) -> tuple[str, ...]:
        """Return the UUIDs of the nodes that may have a word, in the order they were said."""
        return tuple(self._nodes.get(word.lower(), ()))
