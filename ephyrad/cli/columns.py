# SPDX-License-Identifier: Apache-2.0
"""Values that read well in a table and stay plain in JSON, YAML and CSV."""

import textwrap
from typing import Any

from cliff.columns import FormattableColumn

from ephyrad.cli import moments

_TOWARDS = {"forward": "to the new cloud", "back": "back to the old cloud"}
_ABORTED = {"forward": "aborted: back to the old cloud", "back": "aborted: stays in the new cloud"}


class Age(FormattableColumn[str | None]):
    """A moment; in a table how far away it is."""

    def human_readable(self) -> str:
        if self._value is None:
            return "-"
        return moments.relative(moments.parse(self._value), moments.now())


class Moment(FormattableColumn[str | None]):
    """A moment; in a table with how far away it is."""

    def human_readable(self) -> str:
        if self._value is None:
            return "-"
        moment = moments.parse(self._value)
        return f"{moment:%Y-%m-%d %H:%M:%S}Z ({moments.relative(moment, moments.now())})"


class YesNo(FormattableColumn[bool]):
    """Whether something is so."""

    def human_readable(self) -> str:
        return "yes" if self._value else "no"


class OrDash(FormattableColumn[str | None]):
    """A text that may be missing."""

    def human_readable(self) -> str:
        return self._value or "-"


class Ordinal(FormattableColumn[int | None]):
    """A number that may be missing."""

    def human_readable(self) -> str:
        return "-" if self._value is None else str(self._value)


class Towards(FormattableColumn[str]):
    """The direction in which a node is carried; in a table, that in which it goes now."""

    def __init__(self, direction: str, *, aborted: bool = False) -> None:
        super().__init__(direction)
        self._words = _ABORTED if aborted else _TOWARDS

    def human_readable(self) -> str:
        return self._words.get(self._value, self._value)


class Lines(FormattableColumn[list[str]]):
    """Texts; in a table one below the other."""

    def human_readable(self) -> str:
        return "\n".join(self._value) or "-"


class Wrapped(FormattableColumn[str]):
    """A text; in a table in lines of some width, `-` where there is none."""

    def __init__(self, text: str, width: int = 80) -> None:
        super().__init__(text)
        self._width = width

    def human_readable(self) -> str:
        return textwrap.fill(self._value, self._width, break_on_hyphens=False) or "-"


class Described(FormattableColumn[Any]):
    """Any value with words for people beside it."""

    def __init__(self, value: object, words: str) -> None:
        super().__init__(value)
        self._words = words

    def human_readable(self) -> str:
        return self._words
