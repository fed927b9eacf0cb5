# SPDX-License-Identifier: Apache-2.0
"""How the answers of Nova's lists are taken apart."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ephyrad.clouds.port import CloudReadError
from ephyrad.clouds.service import Service


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


def next_of(key: str) -> Callable[[Mapping[str, Any]], object]:
    """Return what finds the link to the next page in a page of Nova's list `key`.

    Nova has it beside the list: `{"flavors_links": [{"rel": "next", "href": ...}]}`.
    """

    def onward(body: Mapping[str, Any]) -> object:
        links = body.get(f"{key}_links") or ()
        return next((link["href"] for link in links if link["rel"] == "next"), None)

    return onward
