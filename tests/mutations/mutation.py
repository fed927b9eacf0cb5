# SPDX-License-Identifier: Apache-2.0
"""A mutation: lines of code that keep an invariant, taken away or turned round."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """`says`: what goes wrong with it, in words. In the file `path`, `text` becomes `instead`.

    `test` is a node id of pytest's: it passes, and must fail with the mutation. `words` must then
    stand in what pytest prints, where another failure of the test would prove nothing.
    """

    invariant: str
    says: str
    path: str
    text: str
    instead: str
    test: str
    words: str = ""

    def __str__(self) -> str:
        return f"{self.invariant} {self.says}"

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.path}: {self.text.strip().splitlines()[0]}"


class NotFound(Exception):
    """The text of a mutation does not stand in its file, or more than once."""


def applied(mutation: Mutation, source: str) -> str:
    """Return the source with the mutation.

    :raises NotFound: the code has changed: the mutation has to follow it.
    """
    count = source.count(mutation.text)
    if count != 1:
        raise NotFound(
            f"mutation {str(mutation)!r}: its text stands {count} times in {mutation.path}, not"
            f" once: name the line that keeps {mutation.invariant} now:\n{mutation.text}"
        )
    return source.replace(mutation.text, mutation.instead)
