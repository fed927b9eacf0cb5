# SPDX-License-Identifier: Apache-2.0
"""Counts within a sentence."""


def counted(count: int, one: str, more: str) -> str:
    """Return a count with the words for one, or for none or several: ``1 node is``."""
    return f"{count} {one if count == 1 else more}"
