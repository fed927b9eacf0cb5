# SPDX-License-Identifier: Apache-2.0
"""The single values of a rollout file: numbers, durations, times, days, zones, patterns."""

import math
import re
from collections.abc import Callable
from datetime import time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import yaml

from ephyrad.conf.marked_yaml import (
    NUMBERS,
    TRUTH,
    Reader,
    did_you_mean,
    items,
    mistake,
    text,
)
from ephyrad.migration.facts import NodeFacts, Provision
from ephyrad.rollout.candidate import Candidate
from ephyrad.rollout.declaration import Amount
from ephyrad.rollout.spelled import DAYS

NODE_KEYS = ("name", "resource_class", "conductor_group", "owner", "extra.KEY", "properties.KEY")

_MOST = 1_000_000
_LONGEST = timedelta(days=3650)
_WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")
_PERCENT = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,6})?) ?%")
_DURATION = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", re.ASCII)
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_ANY_NODE = Candidate(NodeFacts("", None, Provision.AVAILABLE))


def several(
    node: yaml.Node, what: str, read: Reader, each: str, *, most: int = 1000
) -> tuple[object, ...]:
    """Return the values of a list that has some, each read.

    They are compared with each other later, hence no more than `most`.
    """
    entries = len(node.value) if isinstance(node, yaml.SequenceNode) else 0
    if entries > most:
        raise mistake(node, f"{what} has {entries} entries, over {most}: put some into one")
    found = items(node, what, read, each)
    if not found:
        raise mistake(node, f"{what} is empty: fill it in, or remove it")
    return found


def count(node: yaml.Node, what: str, most: int = _MOST) -> int:
    """Return a whole number from 1."""
    value = _scalar(node, what, "a whole number")
    if not _WHOLE_NUMBER.fullmatch(value):
        raise mistake(node, f"{what} must be a whole number, as 5, not {value}: correct it")
    _unquoted(node, what)
    found = int(value)
    if found == 0:
        raise mistake(node, f"{what} is 0: say 1 or more, or remove it")
    if found > most:
        raise mistake(node, f"{what} is {found}, but may be {most} at most: make it smaller")
    return found


def port(node: yaml.Node, what: str) -> int:
    """Return the number of a TCP port."""
    return count(node, what, most=65535)


def amount(node: yaml.Node, what: str) -> Amount:
    """Return so many, or so many of a hundred."""
    value = _scalar(node, what, "a number or a percentage")
    if found := _PERCENT.fullmatch(value):
        percent = float(found[1])
        if not 0 < percent <= 100:
            raise mistake(node, f"{what} is {value}: say more than 0% and at most 100%")
        return Amount(percent=percent)
    if not _WHOLE_NUMBER.fullmatch(value):
        says = f"{what} must be a number or a percentage, as 3 or 10%, not {value}: correct it"
        raise mistake(node, says)
    return Amount(count=count(node, what))


def number(node: yaml.Node, what: str) -> float:
    """Return a number that is one."""
    value = _scalar(node, what, "a number")
    try:
        found = float(value.replace("_", "x"))
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise mistake(node, f"{what} must be a number, as 0.01, not {value}: correct it")
    _unquoted(node, what)
    return found


def truth(node: yaml.Node, what: str) -> bool:
    """Return whether it says true."""
    value = _scalar(node, what, "true or false")
    if node.tag != TRUTH:
        raise mistake(node, f"{what} must be true or false, not {value}: write it without quotes")
    return _TRUTHS[value.lower()]


def duration(node: yaml.Node, what: str) -> timedelta:
    """Return a span of time: days, hours, minutes and seconds, as ``1h30m``."""
    value = _scalar(node, what, "a duration, as 15m")
    if _WHOLE_NUMBER.fullmatch(value):
        raise mistake(
            node, f"{what} is {value} without a unit: say {value}s, {value}m, {value}h or {value}d"
        )
    found = _DURATION.fullmatch(value)
    if not found:
        says = f"{what} must be a duration, as 90s, 15m, 2h, 3d or 1h30m, not {value}: correct it"
        raise mistake(node, says)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not span:
        raise mistake(node, f"{what} is {value}: say 1s or more, or remove it")
    if span > _LONGEST:
        raise mistake(node, f"{what} is {value}, over {_LONGEST.days}d: make it shorter")
    return span


def start(node: yaml.Node, what: str) -> time:
    """Return a time of the day. YAML's number for it, without quotes, is the same text here."""
    value = _scalar(node, what, "a time, as 22:00")
    found = _TIME.fullmatch(value)
    if not found:
        raise mistake(node, f"{what} must be a time from 00:00 to 23:59, not {value}: correct it")
    return time(int(found[1]), int(found[2]))


def end(node: yaml.Node, what: str) -> time:
    """Return a time of the day; 24:00 is the next day's 00:00."""
    return time(0) if _scalar(node, what, "a time, as 06:00") == "24:00" else start(node, what)


def days(node: yaml.Node, what: str) -> frozenset[int]:
    """Return days of the week, 0 for Monday; also ranges of them, as ``mon-fri``."""
    one = isinstance(node, yaml.ScalarNode)
    found = (_days(node, what),) if one else several(node, what, _days, f"a day in {what}")
    return frozenset(day for some in found for day in some)  # type: ignore[attr-defined]


def zone(node: yaml.Node, what: str) -> str:
    """Return the name of a zone that the tz database has."""
    name = text(node, what)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        known = available_timezones()
        if not known:
            cure = "this machine has none at all: install tzdata"
        else:
            cure = did_you_mean(name, known) or "name one as Europe/Berlin"
        raise mistake(node, f"{what}: the tz database has no {name}: {cure}") from error
    return name


def word(node: yaml.Node, what: str) -> str:
    """Return a plain word, which can stand in a command, a log and a URL."""
    found = text(node, what)
    if not _WORD.fullmatch(found):
        says = f"{what} must be letters, digits, dots, - and _, at most 63, first a letter or digit"
        raise mistake(node, f"{says}: {found[:80]!r} is not")
    return found


def one_of(*words: str) -> Callable[[yaml.Node, str], str]:
    """Return a reader that takes one of these words."""

    def read(node: yaml.Node, what: str) -> str:
        found = text(node, what)
        if found not in words:
            cure = did_you_mean(found, words) or "correct it"
            raise mistake(node, f"{what} must be one of {', '.join(words)}, not {found}: {cure}")
        return found

    return read


def node_key(node: yaml.Node, what: str) -> str:
    """Return a key that a node may have."""
    found = text(node, what)
    try:
        _ANY_NODE.value(found)
    except ValueError as error:
        own = f"say extra.{found} or properties.{found} for a key of its own"
        cure = did_you_mean(found, NODE_KEYS) or own
        raise mistake(node, f"{what}: a node has no key {found}: {cure}") from error
    return found


def patterns(node: yaml.Node, what: str) -> tuple[object, ...]:
    """Return one pattern or a list of them."""
    if isinstance(node, yaml.SequenceNode):
        return several(node, what, text, f"a pattern in {what}", most=_MOST)
    return (text(node, what),)


def traits(node: yaml.Node, what: str) -> tuple[object, ...]:
    """Return patterns of traits."""

    def trait(below: yaml.Node, label: str) -> str:
        found = text(below, label)
        if found != found.upper():
            says = f"{label}: {found} fits no trait, as they are in capitals: say {found.upper()}"
            raise mistake(below, says)
        return found

    if isinstance(node, yaml.SequenceNode):
        return several(node, what, trait, f"a trait in {what}")
    return (trait(node, what),)


def values(node: yaml.Node, what: str) -> tuple[object, ...]:
    """Return patterns for a node's own key, whose value may be no text: as JSON has it."""
    if isinstance(node, yaml.SequenceNode):
        return several(node, what, _value, f"a value in {what}")
    return (_value(node, what),)


def url(node: yaml.Node, what: str) -> str:
    """Return the URL of a server's root."""
    found = text(node, what)
    try:
        parts = urlsplit(found)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise mistake(node, f"{what} is no URL ({error}): correct it") from error
    if parts.scheme not in ("http", "https") or not host:
        raise mistake(node, f"{what} must begin with http:// or https:// and a host: correct it")
    if parts.username is not None or parts.password is not None:
        raise mistake(node, f"{what} has a user or password, which would be shown: remove it")
    if "/api/v1" in parts.path or parts.query or parts.fragment:
        raise mistake(node, f"{what} must be the server's alone: remove what follows its path")
    return found.rstrip("/")


def _value(node: yaml.Node, what: str) -> str:
    if isinstance(node, yaml.ScalarNode):
        if node.tag == TRUTH and node.value in ("true", "false"):
            return str(node.value)
        if node.tag in NUMBERS and _is_json(node.value):
            return str(node.value)
    return text(node, what)


def _is_json(value: str) -> bool:
    if _WHOLE_NUMBER.fullmatch(value.removeprefix("-")):
        return True
    try:
        return repr(float(value)) == value and math.isfinite(float(value))
    except ValueError:
        return False


def _days(node: yaml.Node, what: str) -> frozenset[int]:
    value = text(node, what)
    first, dash, last = value.partition("-")
    for name in (first, last) if dash else (first,):
        if name not in DAYS:
            cure = did_you_mean(name, DAYS) or "correct it"
            says = f"{what} must be of {', '.join(DAYS)}, or as mon-fri, not {value}: {cure}"
            raise mistake(node, says)
    begin = DAYS.index(first)
    length = (DAYS.index(last) - begin) % 7 if dash else 0
    return frozenset((begin + step) % 7 for step in range(length + 1))


def _scalar(node: yaml.Node, what: str, kind: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value:
        raise mistake(node, f"{what} must be {kind}: fill it in, or remove it")
    return str(node.value)


def _unquoted(node: yaml.Node, what: str) -> None:
    if node.tag not in NUMBERS and node.style:  # type: ignore[attr-defined]
        raise mistake(node, f"{what} must be a number, not text: remove the quotes")
