# SPDX-License-Identifier: Apache-2.0
"""The one place where an HTTP answer, or the lack of one, becomes an outcome.

| answer | outcome |
| --- | --- |
| 200, 201 with a JSON object; 204; 201 without a body that says where what was made is | done |
| 200 without a body, where the service is known for it | done |
| 202 | underway |
| 404 of a deletion, in the service's own words about the thing | done |
| no connection; 3xx; 401; 408, 425, 429, 503; 409 of a locked node | unreachable |
| any other 4xx | refused |
| 500, 502, 504 and what else there is; a broken body or connection; a time-out | unknown |
"""

import html
import json
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from keystoneauth1 import exceptions as keystone
from requests import exceptions as http
from urllib3 import exceptions as wire

from ephyrad.migration.outcomes import Done, Outcome, Refused, Underway, Unknown, Unreachable

LONGEST_MESSAGE = 500
"""Characters kept of a cloud's words."""

MASK = "******"
"""What stands for a secret, as in Ironic's own answers."""

BEFORE_ANY_WORK = frozenset({408, 425, 429, 503})
"""A proxy's 408, 425 and 429, and everybody's 503, are given before any work is done."""

_LATER = BEFORE_ANY_WORK | {401}

# What Ironic answers while the conductors of a node are down or being restarted: get_topic_for
# finds none alive (conductor/rpcapi.py of 21.4 and 39.0; the API makes a 400 of it).
_NO_CONDUCTOR = "No conductor service registered which supports driver"
# ironic/common/exception.py, NodeLocked, and api/controllers/v1/node.py, of 21.4 and 39.0.
_BUSY = ("is locked by host", "while a state transition is in progress")

# Raised before the first byte of a request is sent.
_NOT_SENT = (
    http.ConnectTimeout,
    http.ProxyError,
    ssl.SSLCertVerificationError,
    wire.ConnectTimeoutError,
    wire.NewConnectionError,
)

_PEER = re.compile(r"https?://[^/\s]+")
_QUERY = re.compile(r"\?\S+")
_TAGS = re.compile(r"<(style|script|title)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A service's answer: HTTP status, reason phrase, body, and where a redirect leads."""

    status: int
    body: bytes = b""
    reason: str = ""
    location: str = ""


def outcome_of(
    answer: Answer, *, deleted: str = "", mute: bool = False, secrets: Iterable[str] = ()
) -> Outcome:
    """Return what became of an effect that was answered so.

    `deleted` is the UUID of what the effect was to delete, if that: its absence is success then.
    `mute`: the service is known to answer what it did by a 200 without a body. `secrets` are
    blotted out of the words.
    """
    words = words_of(answer, secrets)
    match answer.status:
        case 204:
            return Done()
        case 200 | 201 if json_object(answer.body) is not None:
            return Done()
        case 200 if mute and not answer.body:
            return Done()
        # placement's, about a trait and a resource class (observed).
        case 201 if not answer.body and answer.location:
            return Done()
        case 202 if not answer.body or json_object(answer.body) is not None:
            return Underway()
        case status if 200 <= status < 300:
            return Unknown(f"HTTP {status} with a body that is not the expected JSON")
        case 404 if deleted and is_absence(answer, deleted):
            return Done()
        case 409 if any(busy in words for busy in _BUSY):
            return Unreachable(words)
        case 400 if _NO_CONDUCTOR in words:
            return Unreachable(words)
        case status if status in _LATER or 300 <= status < 400:
            return Unreachable(f"HTTP {status}: {words}")
        case status if 400 <= status < 500:
            return Refused(status, words)
        case status:
            return Unknown(f"HTTP {status}: {words}")


def outcome_of_failure(error: Exception) -> Outcome:
    """Return what became of an effect whose call raised this instead of being answered."""
    # Calls are made without raising on a status: such an error is Keystone's, asked for a token
    # before the service was, or after it had answered 401.
    if isinstance(error, keystone.HttpError) or was_not_sent(error):
        return Unreachable(cause_of(error))
    return Unknown(cause_of(error))


def was_not_sent(error: BaseException) -> bool:
    """Say whether a request failed before anything of it was sent.

    keystoneauth calls every time-out a ConnectTimeout and every broken connection a
    ConnectFailure (keystoneauth1.session), so the errors beneath tell.
    """
    return any(isinstance(cause, _NOT_SENT) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give an error and those beneath it, in its chain and wrapped in its arguments."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [cause.__cause__, cause.__context__, *cause.args]
            waiting.append(getattr(cause, "reason", None))


def cause_of(error: BaseException) -> str:
    """Return an exception in one line of bounded length, with the operating system's words."""
    line = _in_one_line(_QUERY.sub("", str(error))) or type(error).__name__
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.strerror:
            peer = _PEER.search(line)
            return f"{cause.strerror} ({peer[0]})" if peer else cause.strerror
    return line


def json_object(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object that a body is, None where it is something else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_absence(answer: Answer, ident: str) -> bool:
    """Say whether the service says that what `ident` names is not there.

    A proxy that has lost its service, and a service that is asked at a wrong path, answer 404 as
    well, which proves nothing: the service's own words must name the thing, as Ironic's ("Node X
    could not be found.") and placement's ("No resource provider with uuid X found") do.
    """
    return answer.status == 404 and ident in _worded(json_object(answer.body))


def words_of(answer: Answer, secrets: Iterable[str] = ()) -> str:
    """Return the words of a service about a request that it did not do, in one line.

    Ironic wraps JSON in JSON, Nova names a kind, placement gives a list, Keystone an `error`,
    Glance HTML, or JSON with HTML in it (all observed). Ironic's errors about a body quote
    what stands in it (jsonschema): each of `secrets` is blotted out.
    """
    if 300 <= answer.status < 400:
        return f"redirected to {answer.location or 'nowhere'}; redirects are not followed"
    worded = _worded(json_object(answer.body))
    if not worded:
        worded = _TAGS.sub(" ", answer.body.decode("utf-8", "replace"))
    words = html.unescape(worded.replace("<br />", " "))
    for secret in sorted(secrets, key=len, reverse=True):
        words = words.replace(secret, MASK)
    return _in_one_line(words) or answer.reason or "no reason given"


def _worded(body: Mapping[str, Any] | None) -> str:
    match body:
        case {"error_message": str(inner)}:
            return _worded(json_object(inner.encode())) or inner
        case {"error_message": {"faultstring": str(words)}} | {"faultstring": str(words)}:
            return words
        case {"errors": [{"detail": str(words)}, *_]} | {"message": str(words)}:
            return words
        case {"code": int(), "title": str(words)}:
            return words
        case dict() if len(body) == 1:
            (only,) = body.values()
            return _worded(only) if isinstance(only, dict) else ""
        case _:
            return ""


def _in_one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 3] + "..."
