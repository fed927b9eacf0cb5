# SPDX-License-Identifier: Apache-2.0
"""What a gate says: pass, fail, or nothing that could be relied upon, which is no pass."""

import enum
from dataclasses import dataclass

LONGEST_OUTPUT = 16384
"""Characters kept of what a gate's run gave; the last ones, since a program ends with its point."""

LONGEST_WORDS = 500

_CUT = "[what came before is left out]\n"


class Result(enum.StrEnum):
    """UNCLEAR: the gate could not be tried, or its answer says nothing. It is not a pass."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A gate's verdict. `words`: why, in one line; `output`: what the run gave, for a person.

    Neither has a control character but the ends of the lines of `output`, and both are bounded.
    """

    result: Result
    words: str
    output: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", in_one_line(self.words))
        object.__setattr__(self, "output", _last_of(_escaped(self.output, "\n\t")))

    @property
    def passed(self) -> bool:
        """Whether the next wave may begin, as far as this gate is concerned."""
        return self.result is Result.PASS


def in_one_line(text: str) -> str:
    """Return words in one bounded line."""
    line = _escaped(" ".join(text.split()))
    return line if len(line) <= LONGEST_WORDS else line[: LONGEST_WORDS - 3] + "..."


def _escaped(text: str, but: str = "") -> str:
    """Return a text in which what would steer a terminal can only be read."""
    return "".join(
        char if char.isprintable() or char in but else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def _last_of(output: str) -> str:
    if len(output) <= LONGEST_OUTPUT:
        return output
    return _CUT + output[len(output) - (LONGEST_OUTPUT - len(_CUT)) :]
