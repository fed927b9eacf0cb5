# SPDX-License-Identifier: Apache-2.0
"""How a machine behaves: by default well; a test may ask for faults."""

from dataclasses import dataclass, fields
from typing import Any

FAILURES = (None, "clean", "deploy")


@dataclass(frozen=True)
class Behaviour:
    """`boot`: whether the ramdisk comes up at all. Times are in seconds. `fail`: which kind of step
    fails, "clean" or "deploy".
    """

    boot: bool = True
    boot_seconds: float = 2
    clean_seconds: float = 3
    deploy_seconds: float = 3
    fail: str | None = None


def behaviour(wanted: Any) -> Behaviour:
    """The default behaviour with the wanted differences.

    Raises ValueError naming what can't be understood.
    """
    known = {field.name for field in fields(Behaviour)}
    if not isinstance(wanted, dict) or not wanted.keys() <= known:
        raise ValueError(f"not an object with some of {', '.join(sorted(known))}: {wanted!r}")
    if wanted.get("fail") not in FAILURES:
        raise ValueError(f"fail is {wanted['fail']!r}: one of clean, deploy, null")
    if not isinstance(wanted.get("boot", True), bool):
        raise ValueError(f"boot is {wanted['boot']!r}: true or false")  # noqa: TRY004 - as above
    for name in ("boot_seconds", "clean_seconds", "deploy_seconds"):
        value = wanted.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ValueError(f"{name} is {value!r}: a number of seconds")
    return Behaviour(**wanted)
