# SPDX-License-Identifier: Apache-2.0
"""Tells a form that this page gave to its caller from one that another site has them send.

A browser sends along what it knows to log in with, whichever site made the form. So a form has to
have a token that only the page could have given, and the browser must say that it comes from here.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit


class Forgeries:
    """Gives tokens and knows them again, as long as this process lives."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def token(self, caller: str) -> str:
        """Return what the forms of a caller's pages have to have."""
        return hmac.new(self._key, caller.encode(), hashlib.sha256).hexdigest()

    def complaint(self, caller: str, token: str, headers: Mapping[str, str]) -> str | None:
        """Return in words why a form is not taken; None: it is the caller's own."""
        if not hmac.compare_digest(self.token(caller).encode(), token.encode()):
            return (
                "the form is not of a page that this ephyrad gave you, or ephyrad was started anew"
                " since: go back, load the page again, and repeat it"
            )
        if not is_from_here(headers):
            return (
                "the browser does not say that the form comes from this page: open the page by the"
                " address that it is served at, and let a proxy pass on Host and Origin"
            )
        return None


def is_from_here(headers: Mapping[str, str]) -> bool:
    """Return whether a browser says that a request was made by a page of the same origin.

    `Sec-Fetch-Site` is the browser's own judgement, but it is sent to trustworthy addresses alone
    (HTTPS, or this machine); else `Origin` has to name the host that was asked.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("Host")
