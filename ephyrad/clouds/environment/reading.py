# SPDX-License-Identifier: Apache-2.0
"""What is common to how collections are read."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ephyrad.clouds.errors import words_of
from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Params, Service

_UNTOLD = frozenset({403, 404})


@contextmanager
def taking_apart(service: Service, path: str) -> Iterator[None]:
    """Have what is missing or malformed in the answer to a GET of `path` told as what it is.

    :raises CloudReadError: something was.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CloudReadError(
            f"{service.label}: GET {path}: unexpected answer: {error!r}"
        ) from error


def doubt_of(service: Service, path: str, hidden: str, params: Params | None = None) -> str | None:
    """Return why a service may hide something from ephyrad, None where it does not.

    `path` is a list that only those may read from whom nothing is hidden.

    :raises CloudReadError: it could not be asked.
    """
    answer = service.ask(path, params)
    # Glance has its tasks deprecated: where there are none (404), nothing is known by them.
    if answer.status not in _UNTOLD:
        service.read(path, answer)
        return None
    return (
        f"{service.label}: {hidden} may be there though it does not show them, since it refuses"
        f" GET {path} ({words_of(answer)}): give ephyrad's user the role of an administrator"
    )


def next_of(key: str) -> Callable[[Mapping[str, Any]], object]:
    """Return what finds the link to the next page in a page of Nova's list `key`.

    Nova has it beside the list: `{"flavors_links": [{"rel": "next", "href": ...}]}`.
    """

    def onward(body: Mapping[str, Any]) -> object:
        links = body.get(f"{key}_links") or ()
        return next((link["href"] for link in links if link["rel"] == "next"), None)

    return onward
